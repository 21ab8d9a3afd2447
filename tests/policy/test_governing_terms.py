"""Whose terms govern an endpoint: its developer's and its channel's, and no statement's."""

import pytest

from offramp.policy.position import position_of_document
from support.policies import NOON, A, clause, contract, endpoint, grounds, loaded, policy


def test_the_channel_must_permit_too():
    channel = contract("cloud", clause("permit", "gen.code"), layer="channel", applies_to=("host:cloud",))
    at_cloud = endpoint("a", host="cloud")
    compiled = policy(contract("a"), channel)

    assert compiled.decide(A, NOON).allowed
    assert grounds(compiled.decide(at_cloud, NOON)) == [("channel", "missing")]


def test_a_public_statement_forbids_and_does_not_govern():
    statement = contract("a", clause("forbid", "surv.*"), kind="public-statement", name="statement")

    alone = policy(statement).decide(A, NOON)
    beside = policy(contract("a"), statement).decide(A, NOON)

    assert grounds(alone) == [("vendor", "missing")]
    assert beside.allowed


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
