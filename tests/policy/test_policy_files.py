"""Which files a decision rests on, and what denies because a file cannot be read or is not what it seems."""

from dataclasses import replace
from typing import Any

import pytest

from offramp.contracts.declaration import WaiverFile
from offramp.policy import Unreadable, shipped_floor
from support.policies import NO, NOON, A, clause, contract, declaration, file_of, grounds, loaded, organisation, policy


def test_a_file_that_cannot_be_read_denies_and_is_named():
    compiled = policy(contract("a"), contracts=[loaded(contract("a")), Unreadable(where="b.toml", what="not TOML")])

    decision = compiled.decide(A, NOON)

    assert grounds(decision) == [("organisation", "error")]
    assert decision.reasons[0].document == "b.toml"


def test_an_unreadable_declaration_denies():
    compiled = policy(contract("a"), declaration=Unreadable(where="triage.toml", what="gone"))

    assert not compiled.decide(A, NOON).allowed
    assert compiled.label is None
    assert compiled.allowed_until(A, NOON) == NOON


UNREAD = Unreadable(where="lost.toml", what="not TOML")


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
