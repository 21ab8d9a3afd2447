"""What mission and organisation must have on paper: declaration, approval, classification, adoption, oversight."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from offramp.contracts.declaration import Declaration, MissionEvidence, Signature
from offramp.contracts.oversight import OversightNeed
from offramp.contracts.uses import LegalBasis, Oversight
from support.policies import (
    EVIDENCE,
    HARMLESS,
    NOON,
    TODAY,
    YESTERDAY,
    A,
    adoption,
    approval,
    clause,
    contract,
    declaration,
    grounds,
    loaded,
    organisation,
    policy,
)


@pytest.mark.parametrize(
    "declared",
    [
        declaration(valid_until=date(2026, 11, 22)),
        declaration(valid_from=date(2026, 11, 24)),
        declaration(approved=None),
        declaration(approved=Signature(by="approver", on=date(2026, 11, 24))),
        declaration(mission="other"),
    ],
    ids=["expired", "not begun", "not approved", "approved in the future", "of another mission"],
)
def test_a_declaration_that_does_not_hold_denies(declared: Declaration):
    decision = policy(contract("a"), declared=declared).decide(A, NOON)

    assert not decision.allowed
    assert decision.reasons[0].layer == "declaration"


def test_a_declaration_that_ended_or_is_not_approved_is_its_own_ground():
    ended = policy(contract("a"), declared=declaration(valid_until=YESTERDAY)).decide(A, NOON)
    unapproved = policy(contract("a"), declared=declaration(approved=None)).decide(A, NOON)

    assert grounds(ended) == [("declaration", "expired")]
    assert grounds(unapproved) == [("declaration", "missing")]


def test_a_declaration_of_no_use_says_so():
    nothing = replace(declaration(), uses=())

    assert grounds(policy(contract("a"), declared=nothing).decide(A, NOON)) == [("declaration", "missing")]


@pytest.mark.parametrize(
    "parts",
    [
        {"mission": "other"},
        {"uses": ("gen.code",)},
        {"endpoints": ("endpoint:b",)},
        {"valid_until": date(2026, 11, 22)},
        {"on": date(2026, 11, 24)},
    ],
    ids=lambda parts: next(iter(parts)),
)
def test_what_the_organisation_does_not_approve_is_denied(parts: dict[str, Any]):
    organisations = [loaded(organisation(approvals=(approval(**parts),)))]

    decision = policy(contract("a"), organisations=organisations).decide(A, NOON)

    assert not decision.allowed
    assert [reason.layer for reason in decision.reasons] == ["organisation"]


def test_an_expired_organisation_approves_nothing():
    organisations = [loaded(organisation(valid_until=date(2026, 11, 22)))]

    decision = policy(contract("a"), organisations=organisations).decide(A, NOON)

    assert grounds(decision) == [("organisation", "expired")]


@pytest.mark.parametrize(
    ("declared", "allowed"), [("public", True), ("secret", False), ("unheard", False), (None, False)]
)
def test_classification_stops_at_the_ceiling(declared: str | None, allowed: bool):
    org = organisation(
        classifications=("public", "internal", "secret"), approvals=(approval(max_classification="internal"),)
    )
    mission = declaration(facets=replace(HARMLESS, classification=declared))

    decision = policy(contract("a"), organisations=[loaded(org)], declared=mission).decide(A, NOON)

    assert decision.allowed is allowed


@pytest.mark.parametrize(
    ("declared", "ceiling", "is_approved"),
    [
        ("public", "public", True),
        ("secret", "public", False),
        ("public", "secret", True),
        ("unheard", "secret", False),
    ],
)
def test_a_classification_may_go_as_high_as_the_ceiling(declared: str, ceiling: str, is_approved: bool):
    org = organisation(classifications=("public", "secret"), approvals=(approval(max_classification=ceiling),))
    mission = declaration(facets=replace(HARMLESS, classification=declared))

    decision = policy(contract("a"), organisations=[loaded(org)], declared=mission).decide(A, NOON)

    assert grounds(decision) == ([("vendor", "permit")] if is_approved else [("organisation", "missing")])


def test_a_ceiling_that_is_in_no_list_approves_nothing():
    org = organisation(classifications=("public",), approvals=(approval(max_classification="unheard"),))
    mission = declaration(facets=replace(HARMLESS, classification="public"))

    decision = policy(contract("a"), organisations=[loaded(org)], declared=mission).decide(A, NOON)

    assert grounds(decision) == [("organisation", "missing")]


def test_the_organisation_may_adopt_what_the_document_leaves_to_it():
    adopted = [loaded(organisation(adoptions=(adoption(uses=("gen.draft",), on=TODAY),)))]
    silent = clause("permit", "gen.code")

    left = policy(contract("a", silent, silence="org-decides"), organisations=adopted).decide(A, NOON)
    kept = policy(contract("a", silent, silence="deny"), organisations=adopted).decide(A, NOON)
    stale = policy(contract("a", silent, silence="org-decides", version="2"), organisations=adopted).decide(A, NOON)
    against = policy(contract("a", clause("forbid", "*"), silence="org-decides"), organisations=adopted).decide(A, NOON)

    assert [one.allowed for one in (left, kept, stale, against)] == [True, False, False, False]


def test_an_adoption_of_another_use_is_no_ground():
    compiled = policy(
        contract("a", clause("permit", "gen.search"), silence="org-decides"),
        organisations=[loaded(organisation(adoptions=(adoption(uses=("gen.code",)),)))],
    )

    assert grounds(compiled.decide(A, NOON)) == [("vendor", "missing")]


@pytest.mark.parametrize("missing", ["role", "authority_to_stop", "reaction_time_s"])
@pytest.mark.parametrize("oversight", ["approve", "supervise"])
def test_oversight_is_not_believed_without_a_reference(missing: str, oversight: Oversight):
    full = MissionEvidence(role="officer", authority_to_stop="order 3", reaction_time_s=5.0)
    facets = replace(HARMLESS, oversight=oversight)

    shown = policy(contract("a"), declared=declaration(facets=facets, evidence=full)).decide(A, NOON)
    claimed = policy(
        contract("a"), declared=declaration(facets=facets, evidence=replace(full, **{missing: None}))
    ).decide(A, NOON)

    assert shown.allowed
    assert not claimed.allowed
    assert missing in claimed.reasons[0].text


@pytest.mark.parametrize("level", ["approve", "supervise"])
@pytest.mark.parametrize(
    ("evidence", "role", "reaction_time_s"), [(EVIDENCE, "duty officer", 30.0), (MissionEvidence(), "", 0.0)]
)
def test_oversight_that_is_declared_is_asked_for(
    level: Any, evidence: MissionEvidence, role: str, reaction_time_s: float
):
    compiled = policy(contract("a"), declared=declaration(facets=replace(HARMLESS, oversight=level), evidence=evidence))

    (need,) = compiled.oversight
    assert need == OversightNeed(level=level, mission="triage", role=role, reaction_time_s=reaction_time_s)
    assert isinstance(need.reaction_time_s, float)


@pytest.mark.parametrize("basis", ["judicial", "statute"])
def test_a_legal_basis_is_not_believed_without_a_citation(basis: LegalBasis):
    mission = declaration(facets=replace(HARMLESS, legal_basis=basis), evidence=MissionEvidence())

    assert not policy(contract("a"), declared=mission).decide(A, NOON).allowed
