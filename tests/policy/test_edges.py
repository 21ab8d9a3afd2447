"""Small rules of the evaluator that one word could undo: each was found by a mutant that nothing had noticed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from offramp.contracts.declaration import Adoption, MissionEvidence, Waiver
from offramp.contracts.policy import Decision, Superseded
from offramp.policy import Unreadable, decide_history
from support.policies import (
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
UNREAD: dict[str, Any] = {"status": "illustrative-unreviewed"}


def grounds(decision: Decision) -> list[tuple[str, str]]:
    return [(reason.layer, reason.effect) for reason in decision.reasons]


def deal(*documents: str, **parts: Any) -> Any:
    given: dict[str, Any] = {
        "layer": "agreement",
        "kind": "agreement",
        "name": "deal",
        "applies_to": ("agreement:deal",),
        "supersedes": tuple(Superseded(document=each, version="1") for each in documents),
    }
    return contract("a", YES, **{**given, **parts})


UNDER_DEAL = endpoint("a", agreement="deal")


def test_an_agreement_may_supersede_several_documents():
    compiled = policy(contract("a", NO), deal("a terms", "another"), route=[UNDER_DEAL])

    assert compiled.decide(UNDER_DEAL, NOON).allowed


def test_an_agreement_supersedes_no_channel_of_the_same_name():
    channel = contract("c", NO, YES, layer="channel", kind="channel-terms", name="a terms", applies_to=("host:a",))
    compiled = policy(contract("a"), channel, deal("a terms"), route=[UNDER_DEAL])

    assert ("channel", "forbid") in grounds(compiled.decide(UNDER_DEAL, NOON))


def test_a_contract_binds_whom_any_of_its_selectors_names():
    compiled = policy(contract("a", NO, YES, applies_to=("developer:a", "developer:somebody")))

    assert ("vendor", "forbid") in grounds(compiled.decide(A, NOON))


def test_terms_that_ended_are_one_ground_and_no_more():
    silent = policy(contract("a", clause("permit", "gen.code"), valid_until=YESTERDAY)).decide(A, NOON)
    permitting = policy(contract("a", valid_until=YESTERDAY)).decide(A, NOON)

    assert grounds(silent) == grounds(permitting) == [("vendor", "expired")]


def test_a_ceiling_that_is_in_no_list_approves_nothing():
    org = organisation(classifications=("public",), approvals=(approval(max_classification="unheard"),))
    mission = declaration(facets=replace(HARMLESS, classification="public"))

    decision = policy(contract("a"), organisations=[loaded(org)], declared=mission).decide(A, NOON)

    assert grounds(decision) == [("organisation", "missing")]


def test_an_adoption_of_another_use_is_no_ground():
    adoption = Adoption(
        document="a terms", version="1", uses=("gen.code",), reason="r", by="board", on=FIRST, valid_until=LAST
    )
    compiled = policy(
        contract("a", clause("permit", "gen.search"), silence="org-decides"),
        organisations=[loaded(organisation(adoptions=(adoption,)))],
    )

    assert grounds(compiled.decide(A, NOON)) == [("vendor", "missing")]


def test_a_declaration_of_no_use_says_so():
    nothing = replace(declaration(), uses=())

    assert grounds(policy(contract("a"), declared=nothing).decide(A, NOON)) == [("declaration", "missing")]


def test_a_ground_names_what_is_missing_and_nothing_else():
    asks = contract("a", clause("permit", "*", needs=("role", "disclosure")))
    lacking = policy(asks, declared=declaration(evidence=MissionEvidence(role="nurse"))).decide(A, NOON)
    basis = policy(
        contract("a"), declared=declaration(facets=replace(HARMLESS, legal_basis="statute"), evidence=MissionEvidence())
    ).decide(A, NOON)
    one_use = policy(contract("a", clause("permit", "gen.draft")), declared=declaration("gen.draft", "gen.code"))

    assert lacking.reasons[0].text.endswith("not given: disclosure.")
    assert grounds(basis) == [("declaration", "missing")]
    assert basis.reasons[0].text.endswith("does not show: legal_citation.")
    assert "permits gen.code as declared" in one_use.decide(A, NOON).reasons[0].text


def test_unknown_terms_are_told_apart_by_whose_they_are():
    own = policy().decide(A, NOON).reasons[0].text
    other = policy(contract("a"), route="ab").decide(A, NOON).reasons[0].text

    assert own.endswith("nothing permits it.")
    assert other.endswith("binds this route, and is not known.")


def test_who_goes_dark_by_the_end_of_a_waiver_or_an_adoption_is_told():
    waiver = Waiver(
        mission="triage",
        document="b terms",
        clauses=("forbid",),
        authority="ann",
        reason="r",
        on=FIRST,
        valid_until=TOMORROW,
    )
    adoption = Adoption(
        document="a terms", version="1", uses=("*",), reason="r", by="board", on=FIRST, valid_until=TOMORROW
    )
    waived = policy(
        contract("a"),
        contract("b", NO, YES),
        route="ab",
        organisations=[loaded(organisation(waivers=(waiver,)))],
    )
    adopted = policy(
        contract("a", clause("permit", "gen.code"), silence="org-decides"),
        organisations=[loaded(organisation(adoptions=(adoption,)))],
    )

    dark = datetime(2026, 11, 25, tzinfo=UTC)
    assert (waived.allowed_until(A, NOON), adopted.allowed_until(A, NOON)) == (dark, dark)


# What every report shows.


def test_unreviewed_is_said_of_a_forbid_only_where_it_is():
    reviewed = policy(contract("a", NO, YES)).decide(A, NOON)
    own = policy(contract("a", NO, YES, **UNREAD)).decide(A, NOON)
    carried = policy(contract("a"), contract("b", NO, YES, **UNREAD), route="ab").decide(A, NOON)

    assert [each.unreviewed for each in (reviewed, own, carried)] == [False, True, True]


def test_a_decision_that_failed_or_rests_on_a_broken_file_claims_no_review():
    broken = policy(contract("a"), contracts=[Unreadable(where="b.toml", what="not TOML")]).decide(A, NOON)
    failed = policy(contract("a")).decide(A, datetime(2026, 11, 23))  # noqa: DTZ001  # the fault under test

    assert (broken.unreviewed, failed.unreviewed) == (False, False)


@pytest.mark.parametrize("told", ["unreviewed", "unsigned"])
@pytest.mark.parametrize("first", [True, False])
def test_a_decision_over_a_history_says_what_any_of_its_parts_says(told: str, first: bool):
    """Of two missions in one conversation, one rests on what the other does not."""
    marked = policy(contract("a"))
    plain = policy(contract("a"))
    marks = {True: marked, False: plain}
    for is_marked, compiled in marks.items():
        decision = replace(compiled.decide(A, NOON), **{"unreviewed": False, "unsigned": False, told: is_marked})
        compiled.decide = lambda *_, decision=decision: decision  # type: ignore[method-assign]  # the part under test
    now, other = marks[first], marks[not first]
    now.label, other.label = "triage@now", "other@then"
    now.mission, other.mission = "triage", "other"

    decision = decide_history(now, ["other@then"], A, NOON, others={"other": other})

    assert getattr(decision, told) is True


def test_a_decision_over_a_history_names_the_files_of_all_its_parts():
    old = declaration("gen.draft", "gen.code")
    compiled = policy(contract("a"), former_declarations=[replace(loaded(old), sha256="2" * 64)])
    (label,) = compiled.former

    decision = decide_history(compiled, [label], A, NOON)

    assert decision.allowed
    assert set(compiled.digests) < set(decision.digests)
    assert "2" * 64 in decision.digests
    assert compiled.former[label].digests == (*compiled.digests, "2" * 64)


@pytest.mark.parametrize("label", ["triage@unknown", "no label at all"])
def test_turns_of_an_unknown_declaration_are_laid_at_the_declaration(label: str):
    decision = decide_history(policy(contract("a")), [label], A, NOON)

    assert decision.reasons[0].layer == "declaration"
    assert decision.mission == "triage"
