"""Lapses: tries to the contrary of a check that forgives a model some, and whether they are more than are tolerated.

Tries are made one by one, and after each the likelihood of the rate that is to be noticed is held against that of the
tolerated one: Wald's sequential test (1945, Annals of Mathematical Statistics 16:117-186). Its bounds are those of
Ville's inequality, which hold however often one looks, and whenever one stops.
"""

from collections.abc import Sequence
from itertools import accumulate
from math import log
from typing import Final

from offramp.contracts.lapses import Lapses, LapseStanding

TOLERATED: Final = 0.02
"""Share of tries that a sound model may break by itself, where a check says no other."""
FALSELY_BEYOND: Final = 0.01
"""Chance that an endpoint which breaks as often as is tolerated is said to be beyond it."""
FALSELY_WITHIN: Final = 0.05
"""Chance that one which breaks at the noticed rate is said to be within."""

_TIMES: Final = 8
"""So many times the tolerated odds are to be noticed: from 2 % that is 14 %."""
_BEYOND: Final = -log(FALSELY_BEYOND)
_WITHIN: Final = log(FALSELY_WITHIN)
_CONFIDENCE: Final = 0.95


def lapses_among(broke: Sequence[bool], tolerated: float) -> Lapses | None:
    """What tries amount to. None: none broke.

    Args:
        broke: of each try that could tell, in order, whether it saw the contrary.
        tolerated: the share of them that a sound model may break by itself.
    """
    if True not in broke:
        return None
    from scipy.stats import binomtest  # an extra's, and slow to load

    interval = binomtest(sum(broke), len(broke)).proportion_ci(_CONFIDENCE, method="exact")
    return Lapses(
        sum(broke),
        len(broke),
        low=float(interval.low),
        high=float(interval.high),
        tolerated=tolerated,
        standing=lapse_standing(broke, tolerated),
    )


def noticed_rate(tolerated: float) -> float:
    """The rate that is to be noticed."""
    odds = _TIMES * tolerated / (1 - tolerated)
    return odds / (1 + odds)


def lapse_standing(broke: Sequence[bool], tolerated: float) -> LapseStanding:
    """Beyond is beyond for good; within is what all tries together say, however many were made."""
    noticed = noticed_rate(tolerated)
    steps = {True: log(noticed / tolerated), False: log((1 - noticed) / (1 - tolerated))}
    ratios = list(accumulate(steps[each] for each in broke))
    if max(ratios) >= _BEYOND:
        return "beyond"
    return "within" if ratios[-1] <= _WITHIN else "undecided"
