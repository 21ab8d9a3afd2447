"""A clustered sample is worth fewer cases, and no more than it is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp_conformance.parity.statistics.clusters import Worth, worth_of
from offramp_conformance.parity.statistics.tango import score
from offramp_conformance.parity.statistics.totals import Pair, totals
from support.parity import MANY

outcomes = st.sampled_from([(1.0, 0.0), (0.0, 1.0), (0.0, 0.0), (0.0, 0.0)])
samples = st.lists(st.tuples(st.integers(0, 8), outcomes, st.sampled_from([0.5, 1.0, 2.0])), min_size=4, max_size=40)


def worth(pairs: list[Pair], clustering: float = 0.5) -> Worth:
    return worth_of(totals(pairs), assumed_clustering=clustering)


def pairs_of(drawn: list[tuple[int, tuple[float, float], float]], *, swapped: bool = False) -> list[Pair]:
    return [Pair(f"k{at}", weight, *(reversed(both) if swapped else both)) for at, both, weight in drawn]


def limits(pairs: list[Pair]) -> tuple[float, float]:
    lower, upper = worth(pairs).limits(np.asarray(1.645))
    return float(lower), float(upper)


def test_single_cases_of_equal_weight_are_tangos_own():
    pairs = [Pair(f"k{at}", 2.0, float(at < 6), float(6 <= at < 22)) for at in range(161)]
    found = worth(pairs).score(np.asarray(-0.05))

    assert float(found) == pytest.approx(
        float(score(np.asarray(6 / 161), np.asarray(16 / 161), np.asarray(161.0), np.asarray(-0.05)))
    )


def test_the_robust_variance_is_obuchowskis_where_there_is_no_difference():
    """Obuchowski 1998 in the form of Yang, Sun & Hardin (2010): X² = (K-1)/K (Σ(b-c))² / Σ(b-c)², at no difference."""
    random = np.random.default_rng(2)
    gains, losses = random.integers(0, 4, 30), random.integers(0, 4, 30)
    change = (gains - losses).astype(float)
    change -= change.mean()  # then the estimate is 0, and the variance about it is that of the null hypothesis
    pairs = [Pair(f"k{at}", 1.0, max(each, 0.0), max(-each, 0.0)) for at, each in enumerate(change)]

    found = float(totals(pairs).robust_variance)

    assert found == pytest.approx(30 / 29 * float((change**2).sum()) / 30**2)


def test_copies_of_a_case_within_its_cluster_are_worth_nothing():
    single = [Pair(f"k{at}", 1.0, float(at % 20 == 0), float(at % 10 == 1)) for at in range(100)]
    copied = [pair for pair in single for _ in range(4)]

    alone, together = worth(single), worth(copied, clustering=1.0)

    assert float(together.cases(np.asarray(-0.05))) == pytest.approx(float(alone.cases(np.asarray(-0.05))), rel=0.02)


def test_identical_vendors_of_a_clustered_set_are_worth_what_is_assumed():
    pairs = [Pair(f"k{at // 5}", 1.0, 0.0, 0.0) for at in range(200)]

    assert float(worth(pairs, 0.0).cases(np.asarray(-0.05))) == pytest.approx(200)
    assert float(worth(pairs, 0.5).cases(np.asarray(-0.05))) == pytest.approx(200 / 3)
    assert float(worth(pairs, 1.0).cases(np.asarray(-0.05))) == pytest.approx(40)


def test_what_is_seen_of_clusters_counts_in_full_though_less_is_assumed():
    """Each cluster wins, loses or ties as a whole: the correlation seen is 1."""
    pairs = [Pair(f"k{at // 5:02}", 1.0, float(at // 5 % 4 == 0), float(at // 5 % 4 == 1)) for at in range(200)]

    assert float(worth(pairs, 0.0).cases(np.asarray(-0.5))) == pytest.approx(40, rel=0.03)


def test_repeats_earn_no_more_than_independent_answers_would():
    pairs = [Pair(f"k{at}", 1.0, 0.25, 0.25) for at in range(100)]
    sample = totals(pairs, pairs_a_case=4 / 3)

    assert float(worth_of(sample, assumed_clustering=0.5).cases(np.asarray(0.0))) == pytest.approx(100 * 4 / 3)


@MANY
@given(samples)
def test_swapping_old_and_new_mirrors_the_interval(drawn: list[tuple[int, tuple[float, float], float]]):
    lower, upper = limits(pairs_of(drawn))

    assert limits(pairs_of(drawn, swapped=True)) == pytest.approx((-upper, -lower), abs=1e-9)


@MANY
@given(samples)
def test_the_interval_holds_the_difference_and_identical_vendors_differ_by_0(
    drawn: list[tuple[int, tuple[float, float], float]],
):
    lower, upper = limits(pairs_of(drawn))
    difference = float(totals(pairs_of(drawn)).difference)
    same = [Pair(pair.cluster, pair.weight, 0.0, 0.0) for pair in pairs_of(drawn)]

    assert lower - 1e-9 <= difference <= upper + 1e-9
    assert float(totals(same).difference) == 0
    assert limits(same)[0] < 0 < limits(same)[1]


@MANY
@given(st.lists(outcomes, min_size=4, max_size=40), st.integers(1, 6))
def test_noise_widens_the_interval(drawn: list[tuple[float, float]], flips: int):
    """As many more gains as losses: the mean stays, the spread grows."""

    def with_noise(count: int) -> list[Pair]:
        noise = [(float(at < count), float(count <= at < 2 * count)) for at in range(12)]
        return [Pair(f"k{at}", 1.0, *each) for at, each in enumerate([*drawn, *noise])]

    before, after = limits(with_noise(0)), limits(with_noise(flips))

    assert after[0] < before[0]
    assert after[1] > before[1]


@MANY
@given(samples)
def test_the_statistic_falls_as_the_difference_held_against_it_rises(
    drawn: list[tuple[int, tuple[float, float], float]],
):
    at = np.linspace(-0.95, 0.95, 77)
    found = worth(pairs_of(drawn))
    values = np.array([float(found.score(np.asarray(theta))) for theta in at])

    assert np.all(np.diff(values) <= 1e-9)
