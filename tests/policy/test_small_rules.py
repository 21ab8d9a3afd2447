"""More small rules of the evaluator that one word could undo: days, layers, files and grounds, one at a time."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from offramp.contracts.declaration import Adoption, MissionEvidence, Waiver, WaiverFile
from offramp.contracts.oversight import OversightNeed
from offramp.contracts.policy import Decision, Superseded
from offramp.policy import Loaded, Unreadable, decide_history, label_of, shipped_floor
from offramp.policy.position import position_of_document
from support.policies import (
    EVIDENCE,
    FIRST,
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
YES, NO = clause("permit", "*"), clause("forbid", "*")
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
UNREAD = Unreadable(where="lost.toml", what="not TOML")


def grounds(decision: Decision) -> list[tuple[str, str]]:
    return [(reason.layer, reason.effect) for reason in decision.reasons]


def file_of(content: Any, mark: str) -> Loaded[Any]:
    """A file with a digest of its own."""
    return replace(loaded(content), where=f"{mark}.toml", sha256=mark * 64)


def adoption(**parts: Any) -> Adoption:
    given: dict[str, Any] = {
        "document": "a terms",
        "version": "1",
        "uses": ("*",),
        "reason": "weighed",
        "by": "board",
        "on": FIRST,
        "valid_until": LAST,
    }
    return Adoption(**{**given, **parts})


def waiver(**parts: Any) -> Waiver:
    given: dict[str, Any] = {
        "mission": "triage",
        "document": "b terms",
        "clauses": ("forbid",),
        "authority": "ann",
        "reason": "r",
        "on": FIRST,
        "valid_until": LAST,
    }
    return Waiver(**{**given, **parts})


# Who supersedes, who governs.


def test_a_vendor_document_supersedes_nothing_whatever_it_says():
    claims = contract("a", YES, name="other terms", supersedes=(Superseded(document="a terms", version="1"),))

    assert ("vendor", "forbid") in grounds(policy(contract("a", NO), claims).decide(A, NOON))


def test_a_public_statement_is_no_terms_of_a_host_that_nobody_has_read():
    statement = contract("a", name="statement", kind="public-statement", applies_to=("endpoint:a",))
    compiled = policy(contract("a"), statement, unresearched=frozenset({"a"}))

    assert grounds(compiled.decide(A, NOON)) == [("channel", "missing")]


def test_terms_that_name_another_host_are_no_terms_of_this_one():
    elsewhere = contract("a", applies_to=("developer:a", "host:elsewhere"))

    decision = policy(elsewhere, unresearched=frozenset({"a"})).decide(A, NOON)

    assert grounds(decision) == [("channel", "missing")]


def test_terms_that_name_the_host_among_others_are_its_terms():
    named = contract("a", applies_to=("developer:a", "host:a", "host:elsewhere"))

    assert policy(named, unresearched=frozenset({"a"})).decide(A, NOON).allowed


def test_an_agreement_speaks_for_a_host_that_nobody_has_read():
    here = endpoint("a", agreement="deal")
    deal = contract("a", layer="agreement", kind="agreement", name="deal", applies_to=("agreement:deal",))

    assert policy(contract("a"), deal, route=[here], unresearched=frozenset({"a"})).decide(here, NOON).allowed


def test_one_unreviewed_agreement_of_two_makes_a_decision_unreviewed():
    here = endpoint("a", agreement="deal")
    parts: dict[str, Any] = {"layer": "agreement", "kind": "agreement", "applies_to": ("agreement:deal",)}
    over = (Superseded(document="a terms", version="1"),)
    read = contract("a", name="read", supersedes=over, **parts)
    unread = contract("a", name="unread", supersedes=over, status="illustrative-unreviewed", **parts)

    decision = policy(contract("a"), read, unread, route=[here], allow_unreviewed=True).decide(here, NOON)

    assert (decision.allowed, decision.unreviewed) == (True, True)


# Days.


@pytest.mark.parametrize(
    ("own", "files", "counts"),
    [
        ({"on": TODAY}, {}, True),
        ({"on": TOMORROW}, {}, False),
        ({"valid_until": TODAY}, {}, True),
        ({"valid_until": YESTERDAY}, {}, False),
        ({}, {"effective": TODAY}, True),
        ({}, {"effective": TOMORROW}, False),
        ({}, {"valid_until": TODAY}, True),
        ({}, {"valid_until": YESTERDAY}, False),
    ],
)
def test_an_adoption_or_a_waiver_counts_where_it_and_its_file_are_in_force(
    own: dict[str, date], files: dict[str, date], counts: bool
):
    """The approval stands in a file of its own, so that nothing else ends with this one."""
    approving = organisation(name="approving")
    other = organisation(name="other", approvals=(), adoptions=(adoption(**own),), waivers=(waiver(**own),), **files)
    organisations = [loaded(approving), loaded(other)]
    silent = contract("a", clause("permit", "gen.code"), silence="org-decides")

    adopted = policy(silent, organisations=organisations).decide(A, NOON)
    waived = policy(contract("a"), contract("b", NO, YES), route="ab", organisations=organisations).decide(A, NOON)

    assert (adopted.allowed, waived.allowed) == (counts, counts)


def test_what_ended_long_ago_is_no_day_on_which_a_mission_goes_dark():
    former = contract("a", version="1", valid_until=date(2026, 1, 31))
    present = contract("a", version="2", effective=date(2026, 3, 1))

    assert policy(former, present).allowed_until(A, NOON) == datetime(2028, 1, 1, tzinfo=UTC)


def test_a_floor_that_begins_tomorrow_is_told_today():
    floor = contract(
        "a", NO, layer="floor", kind="organisation-floor", name="own floor", applies_to=(), effective=TOMORROW
    )

    assert policy(contract("a"), floor).allowed_until(A, NOON) == datetime(2026, 11, 24, tzinfo=UTC)


def test_a_declaration_that_ended_or_is_not_approved_is_its_own_ground():
    ended = policy(contract("a"), declared=declaration(valid_until=YESTERDAY)).decide(A, NOON)
    unapproved = policy(contract("a"), declared=declaration(approved=None)).decide(A, NOON)

    assert grounds(ended) == [("declaration", "expired")]
    assert grounds(unapproved) == [("declaration", "missing")]


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


# What is adopted, and what is said of it.


def test_an_adoption_is_a_ground_only_where_it_fills_a_silence():
    organisations = [loaded(organisation(adoptions=(adoption(),)))]

    decision = policy(contract("a", silence="org-decides"), organisations=organisations).decide(A, NOON)

    assert [reason.text for reason in decision.reasons] == ["Said so."]


# What people must do.


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


# Files.


@pytest.mark.parametrize("where", ["contracts", "organisations", "waivers"])
def test_a_file_that_cannot_be_read_denies_wherever_it_stands(where: str):
    whole: dict[str, list[Any]] = {
        "contracts": [loaded(contract("a"))],
        "organisations": [loaded(organisation())],
        "waivers": [],
    }

    decision = policy(**{**whole, where: [*whole[where], UNREAD]}).decide(A, NOON)

    assert grounds(decision) == [("organisation", "error")]


def test_a_decision_names_every_file_that_had_a_say():
    floor = contract("a", clause("forbid", "gen.code"), layer="carry-over", name="left behind", applies_to=())
    declared = file_of(declaration(), "4")
    compiled = policy(
        contracts=[file_of(contract("a"), "1")],
        organisations=[file_of(organisation(), "2")],
        waivers=[file_of(WaiverFile(schema=1, waivers=()), "3")],
        declaration=declared,
        remembered=[file_of(floor, "5")],
        former_declarations=[file_of(declaration("gen.code"), "6")],
    )

    assert compiled.digests == (shipped_floor().sha256, *(mark * 64 for mark in "12345"))
    assert sorted(one.sha256 for one in compiled.documents) == sorted(
        (shipped_floor().sha256, *(mark * 64 for mark in "123456"))
    )


def test_what_was_left_without_a_file_still_forbids():
    left = contract("a", NO, layer="carry-over", kind="carry-over", name="left behind", applies_to=())

    assert grounds(policy(contract("a"), remembered=[loaded(left)]).decide(A, NOON)) == [("carry-over", "forbid")]


def test_a_former_declaration_of_another_mission_denies():
    strange = loaded(declaration("gen.code", mission="another"))

    decision = policy(contract("a"), former_declarations=[strange]).decide(A, NOON)

    assert grounds(decision) == [("declaration", "error")]


def test_a_former_declaration_that_was_refused_or_is_unsigned_is_told():
    signed: dict[str, Any] = {"signed_by": ("ann",)}
    files: dict[str, Any] = {
        "contracts": [replace(loaded(contract("a")), **signed)],
        "organisations": [replace(loaded(organisation()), **signed)],
        "declaration": replace(loaded(declaration()), **signed),
    }
    former = loaded(declaration("gen.code"))

    unsigned = policy(**files, former_declarations=[former]).decide(A, NOON)
    refused = policy(**files, former_declarations=[replace(former, **signed, instead_of=UNREAD)]).decide(A, NOON)

    assert (unsigned.unsigned, refused.unsigned) == (True, False)
    assert grounds(refused) == [("vendor", "permit"), ("organisation", "refused")]


@pytest.mark.parametrize(
    "other", [{"name": "b terms"}, {"version": "2"}, {"layer": "channel", "applies_to": ("host:a",)}]
)
def test_contracts_that_differ_in_layer_name_or_version_are_not_one_in_two_files(other: dict[str, Any]):
    files = [file_of(contract("a"), "1"), file_of(contract("a", **other), "2")]

    assert policy(contracts=files).decide(A, NOON).allowed


def test_what_two_reloads_have_refused_is_told_twice():
    once, twice = (
        replace(policy(contract("a")).decide(A, NOON).reasons[0], effect="refused", document=name)
        for name in ("once.toml", "twice.toml")
    )

    decision = policy(contract("a")).refusing((once,)).refusing((twice,)).decide(A, NOON)

    assert [reason.document for reason in decision.reasons][1:] == ["once.toml", "twice.toml"]


# Histories.


@pytest.mark.parametrize(
    ("forbidden", "told"),
    [(["gen.draft"], ["now"]), (["gen.code"], ["then"]), (["gen.draft", "gen.code"], ["now", "then"])],
)
def test_a_history_is_denied_on_the_grounds_of_whoever_denies(forbidden: list[str], told: list[str]):
    former = declaration("gen.code")
    clauses = [clause("forbid", use, id="now" if use == "gen.draft" else "then") for use in forbidden]
    compiled = policy(contract("a", *clauses, YES), former_declarations=[loaded(former)])

    decision = decide_history(compiled, [label_of(former)], A, NOON)

    assert not decision.allowed
    assert [reason.clause for reason in decision.reasons] == told


def test_a_history_of_two_missions_names_the_files_of_both():
    now = policy(contracts=[file_of(contract("a"), "2")])
    other = policy(contracts=[file_of(contract("a"), "3")], declared=declaration("gen.code"))
    other.label, other.mission = "other@then", "other"

    decision = decide_history(now, ["other@then"], A, NOON, others={"other": other})

    assert {"2" * 64, "3" * 64} <= set(decision.digests)


# What one document says by itself.


@pytest.mark.parametrize(
    ("layer", "kind", "governs"),
    [
        ("vendor", "usage-policy", True),
        ("channel", "channel-terms", True),
        ("agreement", "agreement", True),
        ("vendor", "public-statement", False),
        ("floor", "organisation-floor", False),
        ("carry-over", "carry-over", False),
    ],
)
def test_a_document_governs_by_itself_where_it_could_permit(layer: str, kind: str, governs: bool):
    found = position_of_document(loaded(contract("a", layer=layer, kind=kind)))

    assert (len(found.governors) == 1) is governs
