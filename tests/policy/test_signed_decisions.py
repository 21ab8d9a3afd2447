"""What signatures change in a decision: a refused file is a ground that is shown, and two authorities are two keys."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from offramp.contracts.declaration import Waiver, WaiverFile
from offramp.policy import Loaded, Unreadable
from support.policies import HARMLESS, NOON, A, clause, contract, declaration, loaded, organisation, policy

REFUSED = Unreadable(where="made.toml", what="it was changed after it was signed")


def signed(content: Any, *by: str, instead_of: Unreadable | None = None) -> Loaded[Any]:
    return replace(loaded(content), signed_by=by, instead_of=instead_of)


def test_a_decision_says_unsigned_where_one_file_of_the_mission_is():
    rest = {"contracts": [signed(contract("a"), "ann")], "organisations": [signed(organisation(), "ann")]}
    one_is_not = policy(**rest).decide(A, NOON)
    all_are = policy(**rest, declaration=signed(declaration(), "ann")).decide(A, NOON)

    assert (one_is_not.unsigned, all_are.unsigned) == (True, False)
    assert one_is_not.allowed
    assert all_are.allowed


def test_what_ships_in_a_package_is_not_called_unsigned():
    decision = policy(
        contracts=[replace(loaded(contract("a")), shipped=True)],
        organisations=[signed(organisation(), "ann")],
        declaration=signed(declaration(), "ann"),
    ).decide(A, NOON)

    assert not decision.unsigned


@pytest.mark.parametrize("effect", ["permit", "forbid"])
def test_a_file_that_gave_way_to_the_last_good_one_is_told_last(effect: str):
    terms = contract("a", clause("permit", "*"), clause(effect, "*", id="second"))
    decision = policy(contracts=[signed(terms, "ann", instead_of=REFUSED)]).decide(A, NOON)

    assert decision.allowed == (effect == "permit")
    assert [reason.effect for reason in decision.reasons] == [effect, "refused"]
    assert "it was changed after it was signed" in decision.reasons[-1].text
    assert decision.reasons[-1].document == "made.toml"


SURVEILLANCE = replace(
    HARMLESS, population="foreign", scale="enumerated", oversight="approve", legal_basis="statute", effect="legal"
)
WAIVER = Waiver(
    mission="triage",
    document="b terms",
    clauses=("forbid",),
    authority="board",
    second_authority="inspector",
    reason="weighed",
    on=date(2026, 1, 1),
    valid_until=date(2027, 1, 1),
)


def carried(use: str, read: Loaded[Any]) -> bool:
    """Whether a waiver lifts what the other endpoint of the route forbids."""
    terms = [contract("a"), contract("b", clause("permit", "*"), clause("forbid", use))]
    declared = declaration(use, facets=SURVEILLANCE)
    return policy(*terms, route="ab", declared=declared, waivers=[read]).decide(A, NOON).allowed


@pytest.mark.parametrize("use", ["surv.track.person", "intel.foreign", "force.plan"])
@pytest.mark.parametrize(("by", "lifts"), [((), True), (("ann",), False), (("ann", "ben"), True)])
def test_a_signed_waiver_on_a_sensitive_use_needs_two_signatures(use: str, by: tuple[str, ...], lifts: bool):
    assert carried(use, signed(WaiverFile(schema=1, waivers=(WAIVER,)), *by)) == lifts


def test_a_waiver_on_another_use_needs_one():
    assert carried("gen.draft", signed(WaiverFile(schema=1, waivers=(WAIVER,)), "ann"))


def test_a_waiver_in_the_organisations_file_needs_two_signatures_as_well():
    terms = [contract("a"), contract("b", clause("permit", "*"), clause("forbid", "intel.foreign"))]
    declared = declaration("intel.foreign", facets=SURVEILLANCE)

    def allowed(*by: str) -> bool:
        read = [signed(organisation(waivers=(WAIVER,)), *by)]
        return policy(*terms, route="ab", declared=declared, organisations=read).decide(A, NOON).allowed

    assert (allowed("ann"), allowed("ann", "ben")) == (False, True)


def at(where: str, read: Loaded[Any]) -> Loaded[Any]:
    return replace(read, where=where)


def test_two_files_of_one_contract_deny_and_are_both_named():
    one, other = at("one.toml", loaded(contract("a"))), at("other.toml", loaded(contract("a")))

    decision = policy(contracts=[one, other]).decide(A, NOON)

    assert [(reason.effect, reason.document) for reason in decision.reasons] == [("error", "other.toml")]
    assert "'a terms' version '1' stands in one.toml too" in decision.reasons[0].text


def test_a_new_version_beside_the_old_one_is_no_repetition():
    one, other = at("one.toml", loaded(contract("a"))), at("two.toml", loaded(contract("a", version="2")))

    assert policy(contracts=[one, other]).decide(A, NOON).allowed


def test_a_file_of_your_own_may_stand_beside_the_shipped_one():
    shipped = replace(at("policy.toml", loaded(contract("a"))), shipped=True)

    assert policy(contracts=[shipped, at("own.toml", loaded(contract("a")))]).decide(A, NOON).allowed
