"""A decision over a history says what each of its parts says: whose grounds, whose files, whose review."""

from dataclasses import replace

import pytest

from offramp.policy import decide_history, label_of
from support.policies import NOON, YES, A, clause, contract, declaration, file_of, loaded, policy


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
