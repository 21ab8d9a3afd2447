"""A look costs nothing: however often one looks, the error is spent once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from offramp_conformance.parity.statistics.looks import Look
from support.parity import MANY


def test_the_only_look_has_the_usual_quantiles():
    assert Look().quantile(0.05) == pytest.approx(1.6449, abs=1e-4)
    assert Look(clusters=21).quantile(0.05) == pytest.approx(1.7247, abs=1e-4)  # t with 20 degrees of freedom


def test_of_many_looks_the_last_has_half_of_alpha_and_the_first_next_to_nothing():
    assert Look(fraction=1.0).quantile(0.05) == pytest.approx(1.9600, abs=1e-4)
    assert Look(fraction=0.25).quantile(0.05) == pytest.approx(2 * 1.9600, abs=1e-3)


def test_two_looks_spend_as_lan_and_demets_have_it():
    """Their first function, 2 - 2Φ(z/√t) with z at half of alpha, for a one-sided 0.05 at half of the information."""
    spent = 2 * float(stats.norm.sf(stats.norm.isf(0.025) / np.sqrt(0.5)))

    assert spent == pytest.approx(0.0056, abs=1e-4)
    assert Look(fraction=0.5).level(0.05) == pytest.approx(spent / 2)


def test_a_walk_that_is_looked_at_after_each_step_crosses_no_more_often_than_alpha():
    walks = np.random.default_rng(3).standard_normal((20_000, 200)).cumsum(axis=1)
    steps = np.arange(1, 201)
    bounds = np.array([Look(fraction=step / 200).quantile(0.05) for step in steps])

    crossed = (walks / np.sqrt(steps) > bounds).any(axis=1).mean()

    assert crossed <= stats.binom.ppf(0.999, 20_000, 0.05) / 20_000
    assert crossed > 0.035  # and the error is used, not thrown away


def test_without_the_boundary_the_same_looks_would_cross_far_more_often():
    walks = np.random.default_rng(3).standard_normal((5_000, 200)).cumsum(axis=1) / np.sqrt(np.arange(1, 201))

    assert (walks > Look().quantile(0.05)).any(axis=1).mean() > 0.25


@MANY
@given(st.floats(-5, 5), st.floats(0.001, 0.2), st.none() | st.floats(0.05, 1), st.none() | st.integers(5, 200))
def test_the_p_value_and_the_quantile_decide_alike(
    place: float, alpha: float, fraction: float | None, clusters: int | None
):
    look = Look(fraction=fraction, clusters=clusters)
    quantile = look.quantile(alpha)
    if abs(place - quantile) > 1e-6:
        assert (float(look.p_value(np.asarray(place))) <= alpha) == (place >= quantile)
