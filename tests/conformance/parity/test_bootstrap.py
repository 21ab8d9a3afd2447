"""The bootstrap of graded scores resamples clusters, and claims nothing that it cannot resample."""

import numpy as np
import pytest
from scipy import stats

from offramp_conformance.parity.statistics.bootstrap import bootstrap
from offramp_conformance.parity.statistics.totals import Pair, Totals, totals


def graded(changes: np.ndarray, size: int = 3) -> Totals:
    return totals(
        [Pair(f"k{at // size:03}", 1.0, max(each, 0.0), max(-each, 0.0)) for at, each in enumerate(changes.tolist())]
    )


CHANGES = np.random.default_rng(8).normal(-0.02, 0.2, 180).clip(-1, 1)


def test_it_finds_the_interval_of_student_where_that_is_right():
    found = bootstrap(graded(CHANGES), resamples=4000, seed=1)
    lower, upper = found.limits(0.05)
    mean, error = found.difference, found.error

    assert lower == pytest.approx(mean - 1.67 * error, abs=0.15 * error)
    assert upper == pytest.approx(mean + 1.67 * error, abs=0.15 * error)


def test_swapping_old_and_new_mirrors_it():
    found = bootstrap(graded(CHANGES), resamples=1000, seed=1)
    mirrored = bootstrap(graded(-CHANGES), resamples=1000, seed=1)

    assert mirrored.limits(0.05) == pytest.approx(tuple(-each for each in reversed(found.limits(0.05))))
    assert mirrored.tail(0.05) == pytest.approx(found.mirrored().tail(0.05))


def test_noise_widens_it():
    noise = np.tile([0.5, -0.5], 90)
    lower, upper = bootstrap(graded(CHANGES, 1), resamples=2000, seed=1).limits(0.05)
    low, high = bootstrap(graded(CHANGES + noise, 1), resamples=2000, seed=1).limits(0.05)

    assert high - low > upper - lower


def test_clusters_that_go_wrong_together_widen_it():
    together = np.repeat(np.random.default_rng(8).normal(0, 0.2, 60), 3)
    scattered = np.random.default_rng(8).permutation(together)
    tight, wide = (bootstrap(graded(each), resamples=2000, seed=1).error for each in (scattered, together))

    assert wide > 1.4 * tight


def test_a_level_finer_than_the_resamples_has_the_widest_limits():
    assert bootstrap(graded(CHANGES), resamples=999, seed=1).limits(0.0005) == (-1.0, 1.0)


def test_identical_vendors_show_nothing_by_resampling():
    found = bootstrap(graded(np.zeros(60)), resamples=500, seed=1)

    assert found.difference == 0
    assert found.tail(-0.05) == 1.0


def test_exactly_at_the_margin_no_more_than_alpha_pass():
    """Rare, large losses in clusters, which Student's interval takes for less than they are. Tolerance at 99.9 %."""
    random = np.random.default_rng(21)
    passed = student = 0
    for seed in range(300):
        together = random.beta(0.125 * 1.5, 0.875 * 1.5, 20)  # correlation 0.4
        losses = random.binomial(3, together)
        sample = totals([Pair(f"k{at:02}", 1.0, 0.0, 0.4 * each / 3) for at, each in enumerate(losses)])
        found = bootstrap(sample, resamples=600, seed=seed)
        passed += found.tail(-0.05) <= 0.05
        student += (found.difference + 0.05) / found.error > 1.729

    assert passed <= stats.binom.ppf(0.999, 300, 0.05)
    assert student > stats.binom.ppf(0.999, 300, 0.05)
