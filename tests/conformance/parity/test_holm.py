"""Holm's correction is what its definition says."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offramp_conformance.parity.statistics.holm import holm


def test_the_smallest_is_raised_most():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))


def test_nothing_and_one_stay():
    assert holm([]) == ()
    assert holm([0.2]) == (0.2,)


@settings(max_examples=10, deadline=None, derandomize=True)  # the library collects garbage in each call
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_it_never_lowers_and_keeps_the_order(p_values: list[float]):
    corrected = holm(p_values)

    assert all(after >= before for before, after in zip(p_values, corrected, strict=True))
    assert all(
        corrected[a] <= corrected[b]
        for a in range(len(p_values))
        for b in range(len(p_values))
        if p_values[a] < p_values[b]
    )
