"""The decision in its order: validity, declaration, approval, forbids, permits, evidence; whatever fails denies."""

from dataclasses import replace
from datetime import datetime

import pytest

from offramp.contracts.declaration import MissionEvidence
from offramp.contracts.policy import ClauseException, NotIn
from offramp.contracts.uses import FACETS, UNSTATED, Facet
from offramp.policy import PolicySources, compile_policy, shipped_floor
from support.policies import HARMLESS, NO, NOON, YES, A, clause, contract, declaration, grounds, loaded, policy


def test_a_plain_mission_with_all_papers_is_allowed():
    decision = policy(contract("a")).decide(A, NOON)

    assert decision.allowed
    assert grounds(decision) == [("vendor", "permit")]
    assert decision.digests[0] == shipped_floor().sha256
    assert len(decision.digests) == 4
    assert not decision.unreviewed


def test_a_vendor_without_terms_is_unresearched_and_denied():
    decision = policy().decide(A, NOON)

    assert not decision.allowed
    assert grounds(decision) == [("vendor", "missing")]


def test_silence_denies():
    decision = policy(contract("a", clause("permit", "gen.code"))).decide(A, NOON)

    assert not decision.allowed
    assert "gen.draft" in decision.reasons[0].text


def test_every_declared_use_needs_a_permit():
    terms = contract("a", clause("permit", "gen.draft"))

    decision = policy(terms, declared=declaration("gen.draft", "gen.code")).decide(A, NOON)

    assert not decision.allowed
    assert "gen.code" in decision.reasons[0].text


def test_any_forbid_stands_above_a_permit():
    terms = contract("a", clause("permit", "*"), clause("forbid", "gen.*"))

    decision = policy(terms).decide(A, NOON)

    assert not decision.allowed
    assert ("vendor", "forbid") in grounds(decision)


@pytest.mark.parametrize("condition", [("full",), NotIn(not_in=("semi",))], ids=["in", "not in"])
def test_what_is_unstated_falls_under_a_forbid_and_under_no_permit(condition: tuple[str, ...] | NotIn):
    unstated = declaration(facets=replace(HARMLESS, weapon_autonomy="unstated"))
    forbid = clause("forbid", "*", when={"weapon_autonomy": condition})
    permit = clause("permit", "*", when={"weapon_autonomy": condition})

    by_forbid = policy(contract("a", forbid, clause("permit", "*")), declared=unstated).decide(A, NOON)
    by_permit = policy(contract("a", permit), declared=unstated).decide(A, NOON)

    assert grounds(by_forbid)[0] == ("vendor", "forbid")
    assert grounds(by_permit) == [("vendor", "missing")]


def test_what_is_unstated_meets_no_exception_to_a_forbid_and_every_one_to_a_permit():
    unstated = declaration(facets=replace(HARMLESS, weapon_autonomy="unstated"))
    exempt = (ClauseException(when={"weapon_autonomy": ("semi",)}),)

    by_forbid = policy(
        contract("a", clause("forbid", "*", exceptions=exempt), clause("permit", "*")), declared=unstated
    )
    by_permit = policy(contract("a", clause("permit", "*", exceptions=exempt)), declared=unstated)

    assert grounds(by_forbid.decide(A, NOON))[0] == ("vendor", "forbid")
    assert grounds(by_permit.decide(A, NOON)) == [("vendor", "missing")]


@pytest.mark.parametrize("facet", FACETS)
def test_a_facet_that_is_left_out_meets_every_forbid_that_rests_on_it(facet: Facet):
    silent = declaration(facets=replace(HARMLESS, **{facet: UNSTATED}))  # type: ignore[arg-type]  # a word of it
    values = [word for word in FACETS[facet] if word != UNSTATED]

    answers = [
        policy(contract("a", YES, clause("forbid", "*", when={facet: (word,)})), declared=silent)
        .decide(A, NOON)
        .allowed
        for word in values
    ]

    assert answers == [False] * len(values)


def test_a_contract_binds_whom_any_of_its_selectors_names():
    compiled = policy(contract("a", NO, YES, applies_to=("developer:a", "developer:somebody")))

    assert ("vendor", "forbid") in grounds(compiled.decide(A, NOON))


def test_an_instant_without_a_zone_denies_and_does_not_raise():
    decision = policy(contract("a")).decide(A, datetime(2026, 11, 23))  # noqa: DTZ001  # the fault under test

    assert not decision.allowed
    assert decision.reasons[0].effect == "error"


def test_an_exception_in_the_decision_denies():
    compiled = policy(contract("a"))
    compiled._case = replace(compiled._case, organisations=(None,))  # type: ignore[arg-type, type-var]  # the fault

    decision = compiled.decide(A, NOON)

    assert not decision.allowed
    assert grounds(decision) == [("organisation", "error")]


def test_a_permit_may_ask_for_evidence():
    terms = contract("a", clause("permit", "*", needs=("role", "disclosure")))
    shown = MissionEvidence(role="nurse", disclosure="leaflet")

    without = policy(terms).decide(A, NOON)
    given = policy(terms, declared=declaration(evidence=shown)).decide(A, NOON)

    assert grounds(without) == [("vendor", "missing")]
    assert "disclosure" in without.reasons[0].text
    assert given.allowed


def test_a_permit_without_needs_serves_where_another_asks_for_evidence():
    terms = contract("a", clause("permit", "*", needs=("disclosure",)), clause("permit", "gen.*", id="plain"))

    assert policy(terms).decide(A, NOON).allowed


def test_a_vendors_approval_counts_for_the_document_that_asks_for_it():
    forbid = clause("forbid", "*", exceptions=(ClauseException(needs=("vendor_approval",)),))
    terms = contract("a", forbid, clause("permit", "*"))

    own = policy(terms, declared=declaration(evidence=MissionEvidence(vendor_approvals={"a terms": "letter 4"})))
    other = policy(terms, declared=declaration(evidence=MissionEvidence(vendor_approvals={"b terms": "letter 4"})))

    assert own.decide(A, NOON).allowed
    assert not other.decide(A, NOON).allowed


def test_the_endpoints_own_channel_stands_above_the_declared_one():
    terms = contract("a", clause("permit", "*"), clause("forbid", "*", when={"channel": ("vendor-api",)}))
    mission = declaration(facets=replace(HARMLESS, channel="self-host"))

    declared = policy(terms, declared=mission).decide(A, NOON)
    configured = policy(terms, declared=mission, channels={"a": "vendor-api"}).decide(A, NOON)

    assert declared.allowed
    assert not configured.allowed


def test_the_shipped_floor_is_part_of_every_policy():
    compiled = policy(contract("a"), declared=declaration("force.engage", facets=replace(HARMLESS, oversight="none")))

    assert ("floor", "forbid") in grounds(compiled.decide(A, NOON))


def test_a_policy_of_no_sources_denies():
    nothing = PolicySources(declaration=loaded(declaration()), organisations=[], contracts=[])

    compiled = compile_policy("triage", nothing, route=[A])

    assert grounds(compiled.decide(A, NOON)) == [("vendor", "missing"), ("organisation", "missing")]
