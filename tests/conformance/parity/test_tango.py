"""Tango's score interval carries over published figures, and is what its definition says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize

from offramp_conformance.parity.statistics.tango import limits, null_variance, score
from support.parity import MANY

Z95 = 1.959964


def interval(gain: int, loss: int, cases: int, z: float = Z95) -> tuple[float, float]:
    g, lo, n = (np.asarray(each, dtype=float) for each in (gain / cases, loss / cases, cases))
    lower, upper = limits(lambda theta: score(g, lo, n, theta), g - lo, np.asarray(z))
    return float(lower), float(upper)


@pytest.mark.parametrize(
    ("table", "published"),
    [
        # Airway hyper-responsiveness (Bentur et al. 2009) as worked in Fagerland, Lydersen & Laake (2014),
        # Statistics in Medicine 33:2850-2875: 1 and 7 discordant of 21.
        ((1, 7, 21), (-0.517, -0.026)),
        # Complete response (Cavo et al. 2012) as worked in Fagerland, Lydersen & Laake (2017), Statistical Analysis of
        # Contingency Tables, chapter 8: 6 and 16 discordant of 161.
        ((6, 16, 161), (-0.1240, -0.0054)),
    ],
)
def test_published_intervals_come_out(table: tuple[int, int, int], published: tuple[float, float]):
    digits = 3 if table[2] == 21 else 4

    assert tuple(round(each, digits) for each in interval(*table)) == published


def test_at_no_difference_it_is_mcnemars_statistic():
    """Tango 1998: McNemar's test is the special case of a margin of 0."""
    found = score(np.asarray(6 / 161), np.asarray(16 / 161), np.asarray(161.0), np.asarray(0.0))

    assert float(found) == pytest.approx((6 - 16) / np.sqrt(6 + 16))  # Z = -2.132, as published for Cavo et al. 2012
    assert round(float(found), 3) == -2.132


@MANY
@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 60), st.floats(-0.9, 0.9))
def test_the_restricted_estimate_maximises_the_likelihood(gain: int, loss: int, concordant: int, theta: float):
    """By brute force, with none of the closed form: p21 is the probability of a loss, p21 + theta of a gain."""
    n = gain + loss + concordant
    if n == 0:
        return
    low, high = max(0.0, -theta), (1 - theta) / 2

    def minus_log_likelihood(p21: float) -> float:
        cells = ((gain, p21 + theta), (loss, p21), (concordant, 1 - 2 * p21 - theta))
        return -sum(count * np.log(max(share, 1e-300)) for count, share in cells if count)

    found = optimize.minimize_scalar(
        minus_log_likelihood, bounds=(low, high), method="bounded", options={"xatol": 1e-10}
    )
    closed = (
        float(null_variance(np.asarray(gain / n), np.asarray(loss / n), np.asarray(theta))) - theta * (1 - theta)
    ) / 2

    assert minus_log_likelihood(min(max(closed, low), high)) <= found.fun + 1e-6 * max(1.0, abs(found.fun))


@MANY
@given(st.integers(0, 30), st.integers(0, 30), st.integers(1, 60))
def test_swapping_old_and_new_mirrors_the_interval(gain: int, loss: int, concordant: int):
    n = gain + loss + concordant
    lower, upper = interval(gain, loss, n)
    mirrored = interval(loss, gain, n)

    assert mirrored == pytest.approx((-upper, -lower), abs=1e-9)
    assert -1 <= lower <= (gain - loss) / n <= upper <= 1


def test_without_a_difference_the_interval_has_the_known_form():
    """With both discordant cells empty the limits are ∓z²/(n + z²)."""
    lower, upper = interval(0, 0, 44)

    assert upper == pytest.approx(Z95**2 / (44 + Z95**2), abs=1e-7)
    assert lower == pytest.approx(-upper, abs=1e-9)
