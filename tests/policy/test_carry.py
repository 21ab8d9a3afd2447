"""What an endpoint forbade stays forbidden at the next one, exactly, until a waiver lifts it."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offramp.contracts.policy import Clause, ClauseException, NotIn, PolicyContract, Superseded
from offramp.contracts.uses import FACETS, USE_CODES, Channel, Facets, UseCode
from offramp.policy import Unreadable, contract_from
from offramp.policy.carry import carry_over
from offramp.policy.position import Position, position_of_endpoint
from offramp.policy.toml_text import contract_toml
from support.clauses import FORBIDS, PERMITS
from support.policies import (
    EVIDENCE,
    NOON,
    TODAY,
    clause,
    contract,
    declaration,
    endpoint,
    loaded,
    organisation,
    policy,
    sources,
)
from support.waivers import waiver

A, B = endpoint("a"), endpoint("b")
FREE = contract("b")
CHANNELS = st.sampled_from(["vendor-api", "self-host", "edge", "unstated"])
FACETS_STATED = st.builds(
    Facets,
    **{facet: st.sampled_from(names) for facet, names in FACETS.items()},  # type: ignore[arg-type]  # words of it
)
OVER_CHANNELS = [
    clause("forbid", "*", when={"channel": ("vendor-api",)}),
    clause("forbid", "*", when={"channel": NotIn(not_in=("edge",))}),
    clause("forbid", "gen.*", exceptions=(ClauseException(when={"channel": ("self-host", "edge")}),)),
    clause(
        "forbid", "*", exceptions=(ClauseException(uses=("surv.*",), when={"channel": ("edge",)}, needs=("role",)),)
    ),
]
CLAUSES = st.lists(st.sampled_from([*FORBIDS, *OVER_CHANNELS]), min_size=1, max_size=4).map(
    lambda found: tuple(replace(one, id=f"c{place}") for place, one in enumerate(found))
)


def place_of(name: str, *contracts: PolicyContract, channel: Channel | None = None) -> Position:
    channels: dict[str, Channel] = {name: channel} if channel else {}
    return position_of_endpoint(endpoint(name), sources(*contracts), TODAY, channels=channels)


def carried(*contracts: PolicyContract, channel: Channel | None = None) -> list[PolicyContract]:
    """As it comes back from the files."""
    made = carry_over(place_of("a", *contracts, channel=channel), TODAY)
    return [contract_from("made.toml", contract_toml(one).encode()).content for one in made]


def forbidden(layer: str, at: Any, *contracts: PolicyContract, **parts: Any) -> set[str | None]:
    decision = policy(*contracts, route=[at], **parts).decide(at, NOON)
    return {reason.clause for reason in decision.reasons if (reason.layer, reason.effect) == (layer, "forbid")}


@settings(deadline=None)
@given(CLAUSES, st.sampled_from(USE_CODES), FACETS_STATED, CHANNELS, CHANNELS)
def test_every_clause_that_forbade_forbids_at_the_next_endpoint_and_no_other_does(
    clauses: tuple[Clause, ...], use: UseCode, facets: Facets, here: Channel, there: Channel
):
    strict = contract("a", *clauses, clause("permit", "*", id="all"))
    declared = declaration(use, facets=facets, evidence=EVIDENCE)

    before = forbidden("vendor", A, strict, declared=declared, channels={"a": here})
    after = forbidden("carry-over", B, FREE, *carried(strict, channel=here), declared=declared, channels={"b": there})

    assert after == before


@settings(deadline=None)
@given(CLAUSES, st.sampled_from(USE_CODES), FACETS_STATED)
def test_where_the_channel_is_not_known_no_forbid_is_lost(clauses: tuple[Clause, ...], use: UseCode, facets: Facets):
    strict = contract("a", *clauses, clause("permit", "*", id="all"))
    declared = declaration(use, facets=facets, evidence=EVIDENCE)

    before = forbidden("vendor", A, strict, declared=declared)
    after = forbidden("carry-over", B, FREE, *carried(strict), declared=declared, channels={"b": "self-host"})

    assert after >= before


@settings(deadline=None)
@given(CLAUSES, st.lists(st.sampled_from(PERMITS), max_size=2))
def test_what_is_written_reads_back_as_the_very_same(clauses: tuple[Clause, ...], permits: list[Clause]):
    every = (*clauses, *(replace(one, id=f"p{place}") for place, one in enumerate(permits)))
    made = contract("a", *every, name='A "quoted" \\ name', valid_until=None, layer="agreement", kind="agreement")
    made = replace(
        made,
        applies_to=("agreement:x",),
        valid_until=TODAY,
        supersedes=(Superseded(document="a", version="1"), Superseded(document="b", version="2")),
    )

    assert (
        contract_from("made.toml", contract_toml(made, head="Two\nlines.", notes={"c0": "n"}).encode()).content == made
    )


def test_each_document_is_carried_by_its_own_name_and_tells_where_it_comes_from():
    channel = contract("a", clause("forbid", "surv.*"), layer="channel", kind="channel-terms", name="host terms")
    channel = replace(channel, applies_to=("host:a",))

    first, second = carried(contract("a", clause("forbid", "gen.*"), clause("permit", "*")), channel)

    assert [(one.name, one.version, one.layer, one.kind) for one in (first, second)] == [
        ("a terms", "1", "carry-over", "carry-over"),
        ("host terms", "1", "carry-over", "carry-over"),
    ]
    assert first.carried_from == ("endpoint:a",)
    assert [one.effect for one in first.clauses] == ["forbid"]
    assert (first.sources, first.status) == (contract("a").sources, "reviewed")


def test_what_an_agreement_supersedes_and_what_a_document_permits_is_not_carried():
    deal = contract("a", layer="agreement", kind="agreement", name="deal", applies_to=("agreement:deal",))
    deal = replace(deal, supersedes=(Superseded(document="a terms", version="1"),))
    strict = contract("a", clause("forbid", "*"), clause("permit", "*"))
    here = position_of_endpoint(endpoint("a", agreement="deal"), sources(strict, deal), TODAY, channels={})

    assert carry_over(here, TODAY) == ()
    assert carried(contract("a")) == []


def test_floor_and_earlier_carry_over_are_not_carried_once_more():
    kept = contract("x", clause("forbid", "gen.*"), layer="carry-over", kind="carry-over", applies_to=())

    assert carried(contract("a"), replace(kept, valid_until=None)) == []


def test_the_approval_of_the_vendor_that_was_left_still_counts():
    asks = contract("a", clause("forbid", "*", exceptions=(ClauseException(needs=("vendor_approval",)),)))
    approved = replace(EVIDENCE, vendor_approvals={"a terms": "letter 9"})

    assert forbidden("carry-over", B, FREE, *carried(asks)) == {"forbid"}
    assert not forbidden("carry-over", B, FREE, *carried(asks), declared=declaration(evidence=approved))


@pytest.mark.parametrize("document", ["a terms", "endpoint:a"])
def test_a_waiver_names_the_document_or_the_endpoint_that_was_left(document: str):
    lifting = [loaded(organisation(waivers=(waiver(document=document),)))]
    strict = contract("a", clause("forbid", "gen.draft"), clause("permit", "*"))

    assert not policy(FREE, *carried(strict), route="b").decide(B, NOON).allowed
    assert policy(FREE, *carried(strict), route="b", organisations=lifting).decide(B, NOON).allowed


def test_one_document_may_come_from_two_endpoints():
    strict = contract("a", clause("forbid", "gen.draft"), clause("permit", "*"))
    one, other = carried(strict)[0], replace(carried(strict)[0], carried_from=("endpoint:c",))
    kept = [replace(loaded(each), where=f"{place}.toml") for place, each in enumerate((one, other))]
    twice = [replace(loaded(one), where=f"{place}.toml") for place in range(2)]

    of_two = policy(route="b", contracts=[loaded(FREE), *kept]).decide(B, NOON)
    repeated = policy(route="b", contracts=[loaded(FREE), *twice]).decide(B, NOON)

    assert {reason.effect for reason in of_two.reasons} == {"forbid"}
    assert {reason.effect for reason in repeated.reasons} == {"error"}


@pytest.mark.parametrize("channel", [None, "unstated", "edge"])
def test_a_forbid_of_one_channel_is_carried_where_that_channel_is_or_may_be_the_one(channel: Any):
    over_edge = contract("a", clause("forbid", "*", when={"channel": ("edge",)}))

    (made,) = carried(over_edge, channel=channel)

    assert [(one.id, one.when) for one in made.clauses] == [("forbid", {})]
    assert [one.clauses for one in carried(over_edge, channel="self-host")] in ([], [()])


@pytest.mark.parametrize(("channel", "is_carried"), [("edge", False), ("self-host", True), (None, True)])
def test_a_forbid_that_is_excepted_altogether_by_its_channel_is_not_carried(channel: Any, is_carried: bool):
    but_edge = contract("a", clause("forbid", "*", exceptions=(ClauseException(when={"channel": ("edge",)}),)))

    assert any(one.clauses for one in carried(but_edge, channel=channel)) is is_carried


def test_a_file_that_cannot_be_read_does_not_make_a_place_unsigned():
    lost = Unreadable(where="lost.toml", what="not TOML")
    signed = [replace(loaded(one), signed_by=("ann",)) for one in (contract("a"), organisation())]
    files = replace(sources(), contracts=[signed[0], lost], organisations=[signed[1]])

    place = position_of_endpoint(A, files, TODAY, channels={})

    assert not place.unsigned
    assert [reason.document for reason in place.refused] == ["lost.toml"]
