"""The profile's own figure wins; a seed fills in with its source; what nobody says stays unknown."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.catalog import load_profile
from offramp.contracts.evidence import Evidence
from offramp.contracts.profile import ModelFacts
from offramp.contracts.seed import ModelSeed
from offramp.seeds import FIGURES, figures_of

DAY = date(2026, 11, 26)
SEEDED = Evidence(level="unverified", checked=DAY, source="table 1.0")
OWN = Evidence(level="documented", checked=DAY, source="https://vendor.example/models")
FIELDS = {
    "context_tokens": st.none() | st.integers(1),
    "max_output_tokens": st.none() | st.integers(1),
    "input_usd": st.none() | st.decimals(1, 9),
    "output_usd": st.none() | st.decimals(1, 9),
    "retires": st.none() | st.dates(),
}
SEEDS = st.fixed_dictionaries(FIELDS).map(lambda given: ModelSeed(evidence=SEEDED, **given))
FACTS = st.fixed_dictionaries({name: FIELDS[name] for name in ("context_tokens", "max_output_tokens", "retires")}).map(
    lambda given: ModelFacts(evidence=OWN, **given)
)


@given(st.none() | FACTS, st.lists(SEEDS, max_size=3))
def test_each_figure_stands_on_the_best_that_states_it(facts: ModelFacts | None, seeds: list[ModelSeed]):
    found = {figure.name: figure for figure in figures_of(facts, seeds)}

    for name in FIGURES:
        stated = [getattr(source, name, None) for source in (facts, *seeds)]
        known = [each for each in stated if each is not None]
        assert (name in found) == bool(known)
        if known:
            assert found[name].stated == known[0]
            own = facts is not None and getattr(facts, name, None) is not None
            assert found[name].evidence == (OWN if own else SEEDED)


def test_a_seed_cannot_claim_to_be_more():
    with pytest.raises(ValueError, match="unverified"):
        ModelSeed(evidence=OWN)


def test_a_seed_changes_no_profile():
    profile = load_profile("openai")
    before = repr(profile)

    [*figures_of(None, [ModelSeed(evidence=SEEDED, max_output_tokens=1)])]

    assert repr(profile) == before


def test_figures_are_said_with_their_unit():
    seed: Any = ModelSeed(
        evidence=SEEDED, context_tokens=10, input_usd=Decimal("0.23"), output_usd=Decimal("1E+1"), retires=DAY
    )

    assert [figure.says for figure in figures_of(None, [seed])] == [
        "10 tokens of context",
        "0.23 USD a million in",
        "10 USD a million out",
        "retires 2026-11-26",
    ]
