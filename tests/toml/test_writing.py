"""What is written as TOML reads back as the same."""

import tomllib
from datetime import date, time
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from offramp.toml_writing import toml_of

WORDS = st.text(st.characters(exclude_categories=["Cs"]))
PLAIN = st.one_of(
    WORDS,
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.dates(),
    st.datetimes(),
    st.times(),
)


def tables(held: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.dictionaries(WORDS, held, max_size=4)


VALUES = st.recursive(PLAIN, lambda held: st.lists(held, max_size=4) | tables(held), max_leaves=20)


@given(tables(VALUES))
def test_any_content_reads_back_as_the_same(content: dict[str, Any]):
    assert tomllib.loads(toml_of(content)) == content


def test_tables_stand_under_headings_and_what_is_no_table_before_them():
    content = {"a": {"b c": {"on": date(2026, 11, 26)}, "d": [{"at": time(3)}]}, "schema": 1}

    assert toml_of(content).splitlines() == [
        "schema = 1",
        "[a]",
        "d = [{ at = 03:00:00 }]",
        '[a."b c"]',
        "on = 2026-11-26",
    ]
