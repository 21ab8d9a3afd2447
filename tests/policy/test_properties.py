"""What holds of every policy: deciding never raises; no forbid, endpoint, use or unstated facet ever opens anything."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeAlias

from hypothesis import given
from hypothesis import strategies as st

from offramp.contracts.declaration import Declaration, Organisation
from offramp.contracts.policy import Clause
from offramp.contracts.uses import FACETS, UNSTATED, USE_CODES, Facet, Facets, UseCode
from offramp.policy import PolicySources, Unreadable, compile_policy
from support.clauses import FORBIDS, PERMITS
from support.policies import EVIDENCE, NOON, contract, declaration, endpoint, loaded, policy

Made: TypeAlias = dict[str, tuple[Clause, ...]]

ROUTES = st.lists(st.sampled_from("abcd"), min_size=1, max_size=3, unique=True)
USES = st.lists(st.sampled_from(USE_CODES), min_size=1, max_size=3, unique=True)
CLAUSES = st.lists(st.sampled_from(FORBIDS), max_size=2).flatmap(
    lambda forbids: st.lists(st.sampled_from(PERMITS), min_size=1, max_size=2).map(lambda permits: (*permits, *forbids))
)
CONTRACTS: st.SearchStrategy[Made] = st.fixed_dictionaries(dict.fromkeys("abcd", CLAUSES))
FACETS_STATED = st.builds(
    Facets,
    **{facet: st.sampled_from(names) for facet, names in FACETS.items()},  # type: ignore[arg-type]  # words of it
)


def allowed(made: Made, route: list[str], uses: list[UseCode], facets: Facets) -> bool:
    terms = [contract(name, *rows) for name, rows in made.items()]
    declared = declaration(*uses, facets=facets, evidence=EVIDENCE)
    return (
        policy(*terms, route=[endpoint(name) for name in route], declared=declared).decide(endpoint("a"), NOON).allowed
    )


@given(st.from_type(Declaration), st.lists(st.from_type(Organisation), max_size=2), st.datetimes(), st.booleans())
def test_deciding_never_raises(declared: Declaration, organisations: list[Organisation], at: datetime, zoned: bool):
    sources = PolicySources(
        declaration=loaded(declared),
        organisations=[loaded(one) for one in organisations],
        contracts=[loaded(contract("a"))],
    )
    compiled = compile_policy(declared.mission, sources, route=[endpoint("a"), endpoint("b")])

    decision = compiled.decide(endpoint("a"), at.replace(tzinfo=UTC) if zoned else at)

    assert decision.reasons
    assert zoned or not decision.allowed


@given(CONTRACTS, ROUTES, USES, FACETS_STATED, st.sampled_from(FORBIDS), st.sampled_from("abcd"))
def test_a_further_forbid_never_opens(
    made: Made, route: list[str], uses: list[UseCode], facets: Facets, further: Clause, where: str
):
    before = allowed(made, route, uses, facets)

    after = allowed({**made, where: (*made[where], further)}, route, uses, facets)

    assert before or not after


@given(CONTRACTS, ROUTES, USES, FACETS_STATED, st.sampled_from("abcd"))
def test_a_further_endpoint_never_opens(
    made: Made, route: list[str], uses: list[UseCode], facets: Facets, further: str
):
    before = allowed(made, route, uses, facets)

    after = allowed(made, [*route, further], uses, facets)

    assert before or not after


@given(CONTRACTS, ROUTES, USES, FACETS_STATED, st.sampled_from(list(FACETS)))
def test_what_is_left_unstated_never_opens(
    made: Made, route: list[str], uses: list[UseCode], facets: Facets, facet: Facet
):
    stated = allowed(made, route, uses, facets)

    unstated = allowed(made, route, uses, replace(facets, **{facet: UNSTATED}))

    assert stated or not unstated


@given(CONTRACTS, ROUTES, USES, FACETS_STATED, st.sampled_from(USE_CODES))
def test_a_further_use_never_opens(made: Made, route: list[str], uses: list[UseCode], facets: Facets, further: UseCode):
    before = allowed(made, route, uses, facets)

    after = allowed(made, route, [*uses, further], facets)

    assert before or not after


@given(CONTRACTS, ROUTES, USES, FACETS_STATED)
def test_an_unreadable_file_beside_any_others_denies(made: Made, route: list[str], uses: list[UseCode], facets: Facets):
    terms = [loaded(contract(name, *rows)) for name, rows in made.items()]
    compiled = policy(
        contracts=[*terms, Unreadable(where="x.toml", what="no TOML")],
        route=[endpoint(name) for name in route],
        declared=declaration(*uses, facets=facets),
    )

    assert not compiled.decide(endpoint("a"), NOON).allowed
