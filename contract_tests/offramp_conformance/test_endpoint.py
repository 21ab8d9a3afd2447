"""Every check as a pytest item. What a skip, a failure and an expected failure mean is told here and nowhere else."""

from collections.abc import Callable

import pytest

from offramp_conformance.items import ItemRun
from offramp_conformance.suite.check import Check


def test_endpoint(offramp_check: Check, offramp_run: ItemRun, record_property: Callable[[str, object], None]) -> None:
    """Prove one check."""
    result = offramp_run.result(offramp_check)
    for name in ("state", "standing", "level", "axis"):
        record_property(name, getattr(result, name))
    told = f"{offramp_check.proves} {result.state}: {result.why} Look at: {offramp_check.look_at}"
    match result.state:
        case "proven":
            return
        case "known_gap":
            pytest.xfail(told)
        case "refuted" if result.counts:
            pytest.fail(told, pytrace=False)
        case "inconclusive" | "not_tried" if result.counts:
            pytest.fail(f"nothing is proven. {told}", pytrace=False)
        case _:
            pytest.skip(told)
