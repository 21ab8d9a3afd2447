"""The decision in its order: validity, declaration, approval, forbids, permits, evidence; whatever fails denies."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from offramp.contracts.declaration import Adoption, Declaration, MissionEvidence, Signature
from offramp.contracts.policy import Clause, ClauseException, Decision, NotIn, PolicyContract, Superseded
from offramp.contracts.uses import LegalBasis, Oversight
from offramp.policy import PolicySources, Unreadable, compile_policy, denial, shipped_floor
from support.policies import (
    HARMLESS,
    LAST,
    NOON,
    TODAY,
    approval,
    clause,
    contract,
    declaration,
    endpoint,
    loaded,
    organisation,
    policy,
)

A = endpoint("a")
UNDER_DEAL = endpoint("a", agreement="deal")


def effects(decision: Decision) -> list[tuple[str, str]]:
    return [(reason.layer, reason.effect) for reason in decision.reasons]


def test_a_plain_mission_with_all_papers_is_allowed():
    decision = policy(contract("a")).decide(A, NOON)

    assert decision.allowed
    assert effects(decision) == [("vendor", "permit")]
    assert decision.digests[0] == shipped_floor().sha256
    assert len(decision.digests) == 4
    assert not decision.unreviewed


def test_a_vendor_without_terms_is_unresearched_and_denied():
    decision = policy().decide(A, NOON)

    assert not decision.allowed
    assert effects(decision) == [("vendor", "missing")]


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
    assert ("vendor", "forbid") in effects(decision)


@pytest.mark.parametrize("allowed_on", [True, False])
def test_an_expired_contract_denies_from_the_day_after_its_last(allowed_on: bool):
    terms = contract("a", valid_until=date(2026, 11, 23 if allowed_on else 22))

    decision = policy(terms).decide(A, NOON)

    assert decision.allowed is allowed_on
    assert allowed_on or ("vendor", "expired") in effects(decision)


@pytest.mark.parametrize(
    ("at", "allowed"),
    [
        (datetime(2026, 11, 23, 23, 59, 59, 999999, tzinfo=UTC), True),
        (datetime(2026, 11, 24, tzinfo=UTC), False),
        (datetime(2026, 11, 24, 13, 59, tzinfo=timezone(timedelta(hours=14))), True),
        (datetime(2026, 11, 24, 14, 0, tzinfo=timezone(timedelta(hours=14))), False),
        (datetime(2026, 11, 23, 11, 59, tzinfo=timezone(timedelta(hours=-12))), True),
        (datetime(2026, 11, 23, 12, 0, tzinfo=timezone(timedelta(hours=-12))), False),
    ],
)
def test_days_end_in_utc_whatever_the_zone_of_the_instant(at: datetime, allowed: bool):
    compiled = policy(contract("a", valid_until=date(2026, 11, 23)))

    assert compiled.decide(A, at).allowed is allowed


@pytest.mark.parametrize(
    "parts",
    [
        {"declared": declaration(valid_from=TODAY, valid_until=TODAY, approved=Signature(by="approver", on=TODAY))},
        {"organisations": [loaded(organisation(effective=TODAY, valid_until=TODAY))]},
        {"organisations": [loaded(organisation(approvals=(approval(on=TODAY, valid_until=TODAY),)))]},
    ],
    ids=["declaration", "organisation", "approval"],
)
def test_a_paper_of_one_day_holds_on_that_day_alone(parts: dict[str, Any]):
    compiled = policy(contract("a"), **parts)

    answers = [compiled.decide(A, NOON + timedelta(days=days)).allowed for days in (-1, 0, 1)]

    assert answers == [False, True, False]


@pytest.mark.parametrize("condition", [("full",), NotIn(not_in=("semi",))], ids=["in", "not in"])
def test_what_is_unstated_falls_under_a_forbid_and_under_no_permit(condition: tuple[str, ...] | NotIn):
    unstated = declaration(facets=replace(HARMLESS, weapon_autonomy="unstated"))
    forbid = clause("forbid", "*", when={"weapon_autonomy": condition})
    permit = clause("permit", "*", when={"weapon_autonomy": condition})

    by_forbid = policy(contract("a", forbid, clause("permit", "*")), declared=unstated).decide(A, NOON)
    by_permit = policy(contract("a", permit), declared=unstated).decide(A, NOON)

    assert effects(by_forbid)[0] == ("vendor", "forbid")
    assert effects(by_permit) == [("vendor", "missing")]


def test_what_is_unstated_meets_no_exception_to_a_forbid_and_every_one_to_a_permit():
    unstated = declaration(facets=replace(HARMLESS, weapon_autonomy="unstated"))
    exempt = (ClauseException(when={"weapon_autonomy": ("semi",)}),)

    by_forbid = policy(
        contract("a", clause("forbid", "*", exceptions=exempt), clause("permit", "*")), declared=unstated
    )
    by_permit = policy(contract("a", clause("permit", "*", exceptions=exempt)), declared=unstated)

    assert effects(by_forbid.decide(A, NOON))[0] == ("vendor", "forbid")
    assert effects(by_permit.decide(A, NOON)) == [("vendor", "missing")]


def test_a_clock_that_steps_back_is_decided_anew():
    compiled = policy(contract("a", valid_until=date(2026, 11, 23)))

    answers = [compiled.decide(A, NOON + timedelta(days=days)).allowed for days in (0, 1, 0, 2, -1)]

    assert answers == [True, False, True, False, True]


def test_an_instant_without_a_zone_denies_and_does_not_raise():
    decision = policy(contract("a")).decide(A, datetime(2026, 11, 23))  # noqa: DTZ001  # the fault under test

    assert not decision.allowed
    assert decision.reasons[0].effect == "error"


def test_an_exception_in_the_decision_denies():
    compiled = policy(contract("a"))
    compiled._case = replace(compiled._case, organisations=(None,))  # type: ignore[arg-type, type-var]  # the fault

    decision = compiled.decide(A, NOON)

    assert not decision.allowed
    assert effects(decision) == [("organisation", "error")]


def test_a_contract_not_begun_permits_nothing():
    decision = policy(contract("a", effective=date(2026, 11, 24))).decide(A, NOON)

    assert effects(decision) == [("vendor", "missing")]


def test_the_latest_version_of_a_document_holds():
    old = contract("a", clause("forbid", "*"))
    new = contract("a", version="2", effective=date(2026, 11, 20))
    compiled = policy(old, new)

    assert compiled.decide(A, NOON).allowed
    assert not compiled.decide(A, NOON - timedelta(days=10)).allowed


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

    assert effects(decision) == [("organisation", "expired")]


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


def test_a_file_that_cannot_be_read_denies_and_is_named():
    compiled = policy(contract("a"), contracts=[loaded(contract("a")), Unreadable(where="b.toml", what="not TOML")])

    decision = compiled.decide(A, NOON)

    assert effects(decision) == [("organisation", "error")]
    assert decision.reasons[0].document == "b.toml"


def test_an_unreadable_declaration_denies():
    compiled = policy(contract("a"), declaration=Unreadable(where="triage.toml", what="gone"))

    assert not compiled.decide(A, NOON).allowed
    assert compiled.label is None
    assert compiled.allowed_until(A, NOON) == NOON


def test_the_channel_must_permit_too():
    channel = contract("cloud", clause("permit", "gen.code"), layer="channel", applies_to=("host:cloud",))
    at_cloud = endpoint("a", host="cloud")
    compiled = policy(contract("a"), channel)

    assert compiled.decide(A, NOON).allowed
    assert effects(compiled.decide(at_cloud, NOON)) == [("channel", "missing")]


def test_an_unreviewed_contract_needs_a_word_in_a_file_and_shows():
    terms = contract("a", status="illustrative-unreviewed")

    refused = policy(terms).decide(A, NOON)
    by_organisation = policy(terms, organisations=[loaded(organisation(allow_unreviewed=True))]).decide(A, NOON)
    by_configuration = policy(terms, allow_unreviewed=True).decide(A, NOON)

    assert not refused.allowed
    assert "allow_unreviewed" in str(refused.reasons[0].mend)
    assert by_organisation.allowed
    assert by_organisation.unreviewed
    assert by_configuration.allowed
    assert by_configuration.unreviewed


def test_a_forbid_of_an_unreviewed_contract_holds_without_that_word():
    terms = contract("a", clause("forbid", "gen.*"), clause("permit", "*"), status="illustrative-unreviewed")

    decision = policy(terms).decide(A, NOON)

    assert ("vendor", "forbid") in effects(decision)
    assert decision.unreviewed


def agreement(*clauses: Clause, version: str = "1", **parts: Any) -> PolicyContract:
    return contract(
        "a",
        *clauses,
        **{
            "layer": "agreement",
            "kind": "agreement",
            "name": "deal",
            "applies_to": ("agreement:deal",),
            "supersedes": (Superseded(document="a terms", version=version),),
            **parts,
        },
    )


def test_an_agreement_replaces_the_very_version_that_it_names():
    public = contract("a", clause("forbid", "gen.*"))

    named = policy(public, agreement(), route=[UNDER_DEAL]).decide(UNDER_DEAL, NOON)
    another = policy(public, agreement(version="2"), route=[UNDER_DEAL]).decide(UNDER_DEAL, NOON)
    without = policy(public, agreement()).decide(A, NOON)

    assert named.allowed
    assert ("vendor", "forbid") in effects(another)
    assert ("vendor", "forbid") in effects(without)


def test_when_an_agreement_expires_the_vendors_own_terms_are_back():
    public = contract("a", clause("forbid", "gen.*"))
    compiled = policy(public, agreement(valid_until=date(2026, 11, 22)), route=[UNDER_DEAL])

    decision = compiled.decide(UNDER_DEAL, NOON)

    assert effects(decision) == [("agreement", "expired"), ("vendor", "forbid"), ("vendor", "missing")]


def test_an_unreviewed_agreement_supersedes_nothing_without_that_word():
    public = contract("a", clause("forbid", "gen.*"))
    compiled = policy(public, agreement(status="illustrative-unreviewed"))

    decision = compiled.decide(endpoint("a", agreement="deal"), NOON)

    assert ("vendor", "forbid") in effects(decision)


def test_an_agreement_that_is_configured_and_not_known_denies():
    decision = policy(contract("a")).decide(endpoint("a", agreement="deal"), NOON)

    assert effects(decision) == [("agreement", "missing")]


def test_any_lawful_use_permits_everything_but_what_the_floor_forbids():
    lawful = agreement(clause("permit", "*"))
    mass = replace(HARMLESS, population="domestic", scale="mass")

    score = policy(contract("a"), lawful, declared=declaration("surv.score.social", facets=HARMLESS))
    watch = policy(contract("a"), lawful, declared=declaration("surv.profile.bulk", facets=mass))

    assert score.decide(UNDER_DEAL, NOON).allowed
    assert effects(watch.decide(UNDER_DEAL, NOON)) == [("floor", "forbid")]


def test_a_public_statement_forbids_and_does_not_govern():
    statement = contract("a", clause("forbid", "surv.*"), kind="public-statement", name="statement")

    alone = policy(statement).decide(A, NOON)
    beside = policy(contract("a"), statement).decide(A, NOON)

    assert effects(alone) == [("vendor", "missing")]
    assert beside.allowed


def test_the_organisation_may_adopt_what_the_document_leaves_to_it():
    adoption = Adoption(
        document="a terms",
        version="1",
        uses=("gen.draft",),
        reason="weighed",
        by="board",
        on=NOON.date(),
        valid_until=LAST,
    )
    adopted = [loaded(organisation(adoptions=(adoption,)))]
    silent = clause("permit", "gen.code")

    left = policy(contract("a", silent, silence="org-decides"), organisations=adopted).decide(A, NOON)
    kept = policy(contract("a", silent, silence="deny"), organisations=adopted).decide(A, NOON)
    stale = policy(contract("a", silent, silence="org-decides", version="2"), organisations=adopted).decide(A, NOON)
    against = policy(contract("a", clause("forbid", "*"), silence="org-decides"), organisations=adopted).decide(A, NOON)

    assert [one.allowed for one in (left, kept, stale, against)] == [True, False, False, False]


def test_a_permit_may_ask_for_evidence():
    terms = contract("a", clause("permit", "*", needs=("role", "disclosure")))
    shown = MissionEvidence(role="nurse", disclosure="leaflet")

    without = policy(terms).decide(A, NOON)
    given = policy(terms, declared=declaration(evidence=shown)).decide(A, NOON)

    assert effects(without) == [("vendor", "missing")]
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


@pytest.mark.parametrize("basis", ["judicial", "statute"])
def test_a_legal_basis_is_not_believed_without_a_citation(basis: LegalBasis):
    mission = declaration(facets=replace(HARMLESS, legal_basis=basis), evidence=MissionEvidence())

    assert not policy(contract("a"), declared=mission).decide(A, NOON).allowed


def test_the_endpoints_own_channel_stands_above_the_declared_one():
    terms = contract("a", clause("permit", "*"), clause("forbid", "*", when={"channel": ("vendor-api",)}))
    mission = declaration(facets=replace(HARMLESS, channel="self-host"))

    declared = policy(terms, declared=mission).decide(A, NOON)
    configured = policy(terms, declared=mission, channels={"a": "vendor-api"}).decide(A, NOON)

    assert declared.allowed
    assert not configured.allowed


def test_goes_dark_names_the_first_day_of_denial():
    compiled = policy(contract("a", valid_until=date(2027, 3, 31)))

    assert compiled.allowed_until(A, NOON) == datetime(2027, 4, 1, tzinfo=UTC)
    assert compiled.allowed_until(A, NOON + timedelta(days=300)) == NOON + timedelta(days=300)


def test_the_error_of_a_denial_names_clause_document_and_who_could_change_it():
    error = denial(policy(contract("a", clause("forbid", "*", section="4"))).decide(A, NOON))

    assert "vendor forbid (forbid: a terms 1, 4) Said so." in str(error)
    assert "by an agreement that supersedes a terms 1" in str(error)
    assert len(error.reasons) == 2


def test_the_shipped_floor_is_part_of_every_policy():
    compiled = policy(contract("a"), declared=declaration("force.engage", facets=replace(HARMLESS, oversight="none")))

    assert ("floor", "forbid") in effects(compiled.decide(A, NOON))


def test_a_policy_of_no_sources_denies():
    nothing = PolicySources(declaration=loaded(declaration()), organisations=[], contracts=[])

    compiled = compile_policy("triage", nothing, route=[A])

    assert effects(compiled.decide(A, NOON)) == [("vendor", "missing"), ("organisation", "missing")]


def test_a_denial_tells_first_what_nobody_can_change():
    strict = contract("a", clause("forbid", "*"), clause("permit", "*"))
    mission = declaration("surv.emotion", facets=replace(HARMLESS, population="domestic", scale="mass"))
    nothing = [loaded(organisation(approvals=()))]

    at_the_floor = policy(strict, declared=mission, organisations=nothing).decide(A, NOON)
    at_the_vendor = policy(strict, organisations=nothing).decide(A, NOON)

    assert at_the_floor.reasons[0].layer == "organisation"
    assert str(denial(at_the_floor)).startswith("endpoint 'a': mission 'triage' may not use it: floor E1 (forbid: ")
    assert "may not use it: vendor forbid (forbid: a terms 1)" in str(denial(at_the_vendor))
