"""The number of cases that it takes."""

from dataclasses import replace

import pytest

from offramp_conformance.parity.statistics.sizes import Design, cases_needed

PLAIN = Design(margin=0.05, difference=0.0, discordant=0.1)


def needed(**changes: object) -> int:
    found = cases_needed(replace(PLAIN, **changes))  # type: ignore[arg-type]
    assert found is not None
    return found


def test_it_is_near_walds_for_a_moderate_margin():
    """(1.645 + 0.842)² p / margin², with p discordant (Liu et al. 2002, Statistics in Medicine 21:231-245), is 247."""
    assert needed() == pytest.approx(247, rel=0.15)


def test_more_is_needed_for_more_power_a_smaller_margin_noise_clusters_and_looks():
    plain = needed()

    assert needed(power=0.9) > plain
    assert needed(margin=0.03) > 2 * plain
    assert needed(discordant=0.2) > 1.5 * plain
    assert needed(cluster_size=5.0, clustering=0.3) > 1.5 * plain
    assert plain < needed(sequential=True) < 1.4 * plain


def test_less_is_needed_where_the_new_one_is_better_or_cases_are_repeated():
    assert needed(difference=0.02) < needed()
    assert needed(pairs_a_case=4 / 3, clustering=0.0) <= needed()


def test_no_number_is_enough_where_the_truth_lies_on_the_margin():
    assert cases_needed(replace(PLAIN, difference=-0.05)) is None


def test_a_difference_below_the_margin_is_counted_as_to_be_shown_inferior():
    assert needed(difference=-0.10) < needed(difference=-0.07)
