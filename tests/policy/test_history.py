"""A hand-off discloses the whole history: every declaration behind it must allow the destination."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from offramp.contracts.declaration import Declaration
from offramp.contracts.policy import Decision, PolicyContract
from offramp.contracts.uses import FACETS, Facets
from offramp.policy import CompiledPolicy, PolicySources, compile_policy, decide_history, label_of
from support.policies import (
    HARMLESS,
    NOON,
    approval,
    clause,
    contract,
    declaration,
    endpoint,
    loaded,
    organisation,
    sources,
)

B = endpoint("b")
OLD = declaration("gen.code")
NEW = declaration("gen.draft")


def compiled(
    *contracts: PolicyContract, declared: Declaration = NEW, former: Sequence[Declaration] = ()
) -> CompiledPolicy:
    read = replace(
        sources(*contracts), declaration=loaded(declared), former_declarations=[loaded(one) for one in former]
    )
    return compile_policy("triage", read, route=[B])


def test_a_history_under_the_present_declaration_is_decided_as_a_call():
    policy = compiled(contract("b"))

    assert decide_history(policy, [policy.label], B, NOON) == policy.decide(B, NOON)
    assert decide_history(policy, [], B, NOON) == policy.decide(B, NOON)


def test_a_history_under_an_unknown_declaration_stays():
    decision = decide_history(compiled(contract("b")), [label_of(OLD)], B, NOON)

    assert not decision.allowed
    assert [reason.effect for reason in decision.reasons] == ["missing"]


def test_a_history_under_an_earlier_declaration_is_decided_on_its_own_uses():
    free = compiled(contract("b"), former=[OLD])
    strict = compiled(contract("b", clause("permit", "gen.draft"), clause("forbid", "gen.code")), former=[OLD])

    assert decide_history(free, [free.label, label_of(OLD)], B, NOON).allowed
    assert strict.decide(B, NOON).allowed
    assert not decide_history(strict, [strict.label, label_of(OLD)], B, NOON).allowed


def test_an_earlier_declaration_may_have_run_out():
    ended = declaration("gen.code", valid_until=date(2026, 2, 1), approved=None)
    policy = compiled(contract("b"), former=[ended])

    assert decide_history(policy, [label_of(ended)], B, NOON).allowed


def test_the_present_declaration_is_decided_whatever_the_labels_are():
    policy = compiled(contract("b", clause("permit", "gen.code")), former=[OLD])

    assert not decide_history(policy, [label_of(OLD)], B, NOON).allowed


def test_turns_of_another_mission_are_decided_by_its_policy():
    other = declaration("gen.code", mission="research")
    policy = compiled(contract("b"))
    org = organisation(approvals=(approval(mission="research"),))
    strict = replace(
        sources(contract("b", clause("forbid", "*"))), declaration=loaded(other), organisations=[loaded(org)]
    )
    free = replace(strict, contracts=[loaded(contract("b"))])
    label = label_of(other)

    def decide(read: PolicySources) -> Decision:
        others = {"research": compile_policy("research", read, route=[B])}
        return decide_history(policy, [label], B, NOON, others=others)

    assert decide(free).allowed
    assert not decide(strict).allowed
    assert not decide_history(policy, [label], B, NOON).allowed


def test_a_label_outlives_a_renewal_and_not_a_change_of_use():
    renewed = replace(NEW, valid_until=date(2029, 1, 1), owner="successor")
    widened = replace(NEW, facets=replace(HARMLESS, population="domestic"))

    assert label_of(NEW) == label_of(renewed)
    assert len({label_of(NEW), label_of(OLD), label_of(widened)}) == 3


def test_garbage_for_a_label_denies():
    assert not decide_history(compiled(contract("b")), ["", "@", "triage@0"], B, NOON).allowed


OVERSEEN = Facets(**{facet: getattr(HARMLESS, facet) for facet in FACETS if facet != "oversight"}, oversight="approve")


def test_what_a_history_s_declaration_claims_of_oversight_goes_along_with_it():
    old = declaration("gen.code", facets=OVERSEEN)
    policy = compiled(contract("b"), declared=NEW, former=[old])

    alone, together = policy.decide(B, NOON), decide_history(policy, [label_of(old)], B, NOON)

    assert alone.oversight == ()
    assert [(need.level, need.role) for need in together.oversight] == [("approve", "duty officer")]
    assert together.allowed


def test_the_same_claim_is_made_once():
    policy = compiled(contract("b"), declared=declaration(facets=OVERSEEN), former=[OLD])
    former = declaration("gen.code", facets=OVERSEEN)
    both = compiled(contract("b"), declared=declaration(facets=OVERSEEN), former=[former])

    assert len(decide_history(policy, [label_of(OLD)], B, NOON).oversight) == 1
    assert len(decide_history(both, [label_of(former)], B, NOON).oversight) == 1
