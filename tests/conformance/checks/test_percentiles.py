"""Percentiles and their intervals, against published figures and by counting how often they cover."""

from random import Random

import pytest

from offramp_conformance.checks.percentiles import calls_needed, quantile, share_within


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [(6, 1, 6), (8, 1, 8), (9, 2, 8), (10, 2, 9), (20, 6, 15), (30, 10, 21)],
)
def test_the_median_s_interval_is_the_one_of_the_sign_test_s_tables(count: int, low: int, high: int):
    found = quantile([float(place) for place in range(1, count + 1)], 0.5)

    assert (found.low, found.high) == (low, high)


def test_too_few_measurements_bound_nothing():
    found = quantile([1.0, 2.0, 3.0, 4.0, 5.0], 0.5)

    assert (found.estimate, found.low, found.high) == (3.0, None, None)
    assert quantile([1.0] * 20, 0.95).high is None


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_an_interval_covers_as_often_as_it_says(share: float):
    rng, covered, runs = Random(7), 0, 400  # noqa: S311  # no secret

    for _ in range(runs):
        found = quantile([rng.expovariate(1.0) ** 2 for _ in range(60)], share)
        assert found.low is not None
        assert found.high is not None
        truth = quantile_of_squared_exponential(share)
        covered += found.low <= truth <= found.high

    assert covered >= 0.93 * runs


def quantile_of_squared_exponential(share: float) -> float:
    from math import log

    return log(1 - share) ** 2


@pytest.mark.parametrize(("share", "confidence", "needed"), [(0.95, 0.95, 59), (0.99, 0.95, 299), (0.9, 0.9, 22)])
def test_as_many_calls_are_needed_as_wilks_tells(share: float, confidence: float, needed: int):
    assert calls_needed(share, confidence) == needed
    assert share_within(needed, needed, confidence)[0] >= share
    assert share_within(needed - 1, needed - 1, confidence)[0] < share


def test_a_share_s_bounds_are_those_of_clopper_and_pearson():
    # Two-sided 95 % of 0 and of 5 in 10, as tables have them, are two one-sided bounds of 97.5 %.
    assert share_within(0, 10, 0.975)[1] == pytest.approx(0.3085, abs=1e-4)
    assert share_within(5, 10, 0.975) == pytest.approx((0.1871, 0.8129), abs=1e-4)
