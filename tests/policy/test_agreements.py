"""An agreement stands in place of the terms that it names, and of nothing else."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from offramp.contracts.policy import Superseded
from support.policies import (
    HARMLESS,
    NO,
    NOON,
    UNDER_DEAL,
    UNREVIEWED,
    YES,
    A,
    agreement,
    clause,
    contract,
    declaration,
    endpoint,
    grounds,
    policy,
)


def test_an_agreement_replaces_the_very_version_that_it_names():
    public = contract("a", clause("forbid", "gen.*"))

    named = policy(public, agreement(), route=[UNDER_DEAL]).decide(UNDER_DEAL, NOON)
    another = policy(public, agreement(version="2"), route=[UNDER_DEAL]).decide(UNDER_DEAL, NOON)
    without = policy(public, agreement()).decide(A, NOON)

    assert named.allowed
    assert ("vendor", "forbid") in grounds(another)
    assert ("vendor", "forbid") in grounds(without)


def test_when_an_agreement_expires_the_vendors_own_terms_are_back():
    public = contract("a", clause("forbid", "gen.*"))
    compiled = policy(public, agreement(valid_until=date(2026, 11, 22)), route=[UNDER_DEAL])

    decision = compiled.decide(UNDER_DEAL, NOON)

    assert grounds(decision) == [("agreement", "expired"), ("vendor", "forbid"), ("vendor", "missing")]


def test_an_unreviewed_agreement_supersedes_nothing_without_that_word():
    public = contract("a", clause("forbid", "gen.*"))
    compiled = policy(public, agreement(status="illustrative-unreviewed"))

    decision = compiled.decide(endpoint("a", agreement="deal"), NOON)

    assert ("vendor", "forbid") in grounds(decision)


def test_an_agreement_that_is_configured_and_not_known_denies():
    decision = policy(contract("a")).decide(endpoint("a", agreement="deal"), NOON)

    assert grounds(decision) == [("agreement", "missing")]


def test_any_lawful_use_permits_everything_but_what_the_floor_forbids():
    lawful = agreement(clause("permit", "*"))
    mass = replace(HARMLESS, population="domestic", scale="mass")

    score = policy(contract("a"), lawful, declared=declaration("surv.score.social", facets=HARMLESS))
    watch = policy(contract("a"), lawful, declared=declaration("surv.profile.bulk", facets=mass))

    assert score.decide(UNDER_DEAL, NOON).allowed
    assert grounds(watch.decide(UNDER_DEAL, NOON)) == [("floor", "forbid")]


def test_an_agreement_may_supersede_several_documents():
    both = tuple(Superseded(document=each, version="1") for each in ("a terms", "another"))
    compiled = policy(contract("a", NO), agreement(YES, supersedes=both), route=[UNDER_DEAL])

    assert compiled.decide(UNDER_DEAL, NOON).allowed


def test_an_agreement_supersedes_no_channel_of_the_same_name():
    channel = contract("c", NO, YES, layer="channel", kind="channel-terms", name="a terms", applies_to=("host:a",))
    compiled = policy(contract("a"), channel, agreement(YES), route=[UNDER_DEAL])

    assert ("channel", "forbid") in grounds(compiled.decide(UNDER_DEAL, NOON))


def test_a_vendor_document_supersedes_nothing_whatever_it_says():
    claims = contract("a", YES, name="other terms", supersedes=(Superseded(document="a terms", version="1"),))

    assert ("vendor", "forbid") in grounds(policy(contract("a", NO), claims).decide(A, NOON))


def test_an_agreement_speaks_for_a_host_that_nobody_has_read():
    compiled = policy(contract("a"), agreement(supersedes=()), route=[UNDER_DEAL], unresearched=frozenset({"a"}))

    assert compiled.decide(UNDER_DEAL, NOON).allowed


def test_one_unreviewed_agreement_of_two_makes_a_decision_unreviewed():
    read, unread = agreement(name="read"), agreement(name="unread", **UNREVIEWED)
    compiled = policy(contract("a"), read, unread, route=[UNDER_DEAL], allow_unreviewed=True)

    decision = compiled.decide(UNDER_DEAL, NOON)

    assert (decision.allowed, decision.unreviewed) == (True, True)


CHANNEL = {"layer": "channel", "kind": "channel-terms", "applies_to": ("host:a",)}
CONTRADICTIONS: dict[str, tuple[Any, ...]] = {
    "two agreements": (contract("a"), agreement(YES, name="one"), agreement(NO, name="two")),
    "an agreement and the channel": (contract("a"), agreement(YES, name="one"), contract("c", NO, YES, **CHANNEL)),
    "the terms and a statement": (contract("a"), contract("a", NO, kind="public-statement", name="statement")),
    "two clauses of one document": (contract("a", YES, NO),),
    "an own floor and an agreement": (
        contract("a"),
        agreement(YES, name="one"),
        contract("org", NO, layer="floor", kind="organisation-floor", applies_to=()),
    ),
}


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_of_layers_that_contradict_each_other_the_one_that_forbids_holds(name: str):
    decision = policy(*CONTRADICTIONS[name], route=[UNDER_DEAL]).decide(UNDER_DEAL, NOON)

    assert not decision.allowed
    assert "forbid" in {reason.effect for reason in decision.reasons}
