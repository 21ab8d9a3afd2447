"""P9: nobody who answers passes for another, whatever the names."""

from datetime import date
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.catalog import load_profile, served_model_matches, vendor_names

NAMES = st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=1)
DATES = st.dates(date(2000, 1, 1), date(2099, 12, 31))

# An alias whose vendor says where it points, and the version behind it.
ALIASES = {
    ("claude-sonnet-4-5", "claude-sonnet-4-5-20250929"),
    ("deepseek-chat", "deepseek-v4-flash"),
    ("deepseek-reasoner", "deepseek-v4-flash"),
}


@pytest.mark.parametrize("vendor", vendor_names())
def test_no_model_of_a_vendor_passes_for_another(vendor: str):
    profile = load_profile(vendor)

    mistaken = {
        (asked, served)
        for asked, served in permutations(profile.models, 2)
        if served_model_matches(asked, served, profile.facts_of(asked)) is not False
    }

    assert mistaken <= ALIASES


@given(asked=NAMES, served=NAMES)
def test_another_name_is_another_model(asked: str, served: str):
    matches = served_model_matches(asked, served, None)

    assert matches is (served == asked) or (served.startswith(f"{asked}-20") and len(served) - len(asked) in (9, 11))


@given(asked=NAMES, on=DATES, dashes=st.booleans(), more=st.text(max_size=3))
def test_a_date_behind_the_name_is_its_version_and_nothing_else_is(asked: str, on: date, dashes: bool, more: str):
    served = f"{asked}-{on.isoformat() if dashes else on.strftime('%Y%m%d')}{more}"

    assert served_model_matches(asked, served, None) is (not more)


@given(asked=NAMES, silent=st.sampled_from([None, ""]))
def test_silence_is_not_a_match(asked: str, silent: str | None):
    assert served_model_matches(asked, silent, None) is None
