"""Holm's correction over several tests (Holm 1979, *Scandinavian Journal of Statistics* 6:65-70), by statsmodels."""

import importlib
from collections.abc import Sequence
from typing import Any


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """The p-values, each raised so that all of them together may be held against alpha; in the given order."""
    if not p_values:
        return ()
    library: Any = importlib.import_module("statsmodels.stats.multitest")  # it has no types
    corrected: Any = library.multipletests(list(p_values), method="holm")[1]
    return tuple(float(each) for each in corrected)
