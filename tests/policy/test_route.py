"""No policy shopping: what one endpoint forbids holds on the whole route, until a waiver lifts what came over."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offramp.contracts.declaration import Waiver, WaiverFile
from offramp.contracts.uses import UseCode
from support.policies import (
    HARMLESS,
    LAST,
    NOON,
    TODAY,
    UNDER_DEAL,
    A,
    agreement,
    approval,
    clause,
    contract,
    declaration,
    endpoint,
    grounds,
    loaded,
    organisation,
    policy,
)
from support.waivers import waiver

B = endpoint("b")
STRICT = contract("a", clause("forbid", "gen.draft"), clause("permit", "*"))
FREE = contract("b")
PERMIT = clause("permit", "*")


def waived(*waivers: Waiver) -> dict[str, Any]:
    return {"organisations": [loaded(organisation(waivers=waivers))]}


def test_what_one_endpoint_forbids_is_forbidden_at_the_next():
    alone = policy(FREE, route="b").decide(B, NOON)
    beside = policy(STRICT, FREE, route="ab").decide(B, NOON)

    assert alone.allowed
    assert grounds(beside) == [("carry-over", "forbid")]
    assert beside.reasons[0].document == "a terms 1"


def test_an_endpoint_that_was_taken_off_the_route_still_counts():
    decision = policy(STRICT, FREE, route="b", formerly=[A]).decide(B, NOON)

    assert grounds(decision) == [("carry-over", "forbid")]


def test_an_expired_contract_of_another_endpoint_still_forbids():
    old = replace(STRICT, valid_until=date(2026, 11, 22))

    decision = policy(old, FREE, route="ab").decide(B, NOON)

    assert grounds(decision) == [("carry-over", "forbid")]


def test_an_expired_contract_of_another_endpoint_does_not_stop_what_it_allowed():
    old = contract("a", valid_until=date(2026, 11, 22))
    compiled = policy(old, FREE, route="ab")

    assert not compiled.decide(A, NOON).allowed
    assert compiled.decide(B, NOON).allowed


def test_silence_of_one_endpoint_is_its_own_affair():
    silent = contract("a", clause("permit", "gen.code"))
    compiled = policy(silent, FREE, route="ab")

    assert not compiled.decide(A, NOON).allowed
    assert compiled.decide(B, NOON).allowed


def test_terms_that_are_not_known_stop_the_whole_route():
    decision = policy(FREE, route="ab").decide(B, NOON)

    assert grounds(decision) == [("vendor", "missing")]
    assert "'a'" in decision.reasons[0].text


def test_an_endpoint_outside_of_the_route_is_bound_by_the_route_too():
    decision = policy(STRICT, FREE, route="a").decide(B, NOON)

    assert grounds(decision) == [("carry-over", "forbid")]


def test_another_model_at_the_same_endpoint_is_decided_for_itself():
    mini = contract("a", clause("forbid", "*"), applies_to=("model:mini",), name="mini terms")
    compiled = policy(contract("a"), mini)

    assert compiled.decide(A, NOON).allowed
    assert not compiled.decide(replace(A, model="mini"), NOON).allowed
    assert compiled.decide(A, NOON).allowed


def test_what_an_agreement_supersedes_is_not_carried_over():
    compiled = policy(STRICT, FREE, agreement(), route="b", formerly=[UNDER_DEAL])

    assert compiled.decide(B, NOON).allowed
    assert not compiled.decide(B, NOON.replace(year=2029)).allowed


def test_a_carry_over_contract_binds_every_endpoint():
    kept = contract(
        "x", clause("forbid", "gen.draft"), layer="carry-over", kind="carry-over", applies_to=(), valid_until=None
    )

    decision = policy(FREE, kept, route="b").decide(B, NOON)

    assert grounds(decision) == [("carry-over", "forbid")]


@pytest.mark.parametrize(
    ("parts", "allowed"),
    [
        ({}, True),
        ({"clauses": ("*",)}, True),
        ({"document": "endpoint:a", "clauses": ("*",)}, True),
        ({"clauses": ("another",)}, False),
        ({"document": "b terms"}, False),
        ({"document": "endpoint:b", "clauses": ("*",)}, False),
        ({"mission": "other"}, False),
        ({"valid_until": TODAY - timedelta(days=1)}, False),
        ({"on": TODAY + timedelta(days=1)}, False),
    ],
)
def test_a_waiver_lifts_what_it_names_while_it_lasts(parts: dict[str, Any], allowed: bool):
    in_organisation = policy(STRICT, FREE, route="ab", **waived(waiver(**parts)))
    in_own_file = policy(STRICT, FREE, route="ab", waivers=[loaded(WaiverFile(schema=1, waivers=(waiver(**parts),)))])

    assert in_organisation.decide(B, NOON).allowed is allowed
    assert in_own_file.decide(B, NOON).allowed is allowed


def test_a_waiver_of_an_expired_organisation_lifts_nothing():
    org = [loaded(organisation()), loaded(organisation(waivers=(waiver(),), valid_until=date(2026, 11, 22)))]

    assert not policy(STRICT, FREE, route="ab", organisations=org).decide(B, NOON).allowed


def test_a_waiver_lifts_a_carry_over_contract():
    kept = contract("a", clause("forbid", "*"), layer="carry-over", kind="carry-over", applies_to=(), valid_until=None)

    assert policy(FREE, kept, route="b", **waived(waiver())).decide(B, NOON).allowed


@pytest.mark.parametrize("layer", ["vendor", "channel", "agreement"])
def test_a_waiver_lifts_nothing_at_the_endpoint_itself(layer: str):
    kind = {"vendor": "usage-policy", "channel": "channel-terms", "agreement": "agreement"}[layer]
    own = contract(
        "a", clause("forbid", "*"), clause("permit", "*", id="p"), layer=layer, kind=kind, applies_to=("endpoint:a",)
    )

    decision = policy(contract("a", name="main terms"), own, **waived(waiver(clauses=("*",)))).decide(A, NOON)

    assert grounds(decision) == [(layer, "forbid")]


def test_a_waiver_never_lifts_the_floor():
    lifting = waived(waiver(document="Offramp floor", clauses=("*",), second_authority="court"))
    mission = declaration("gen.draft", facets=replace(HARMLESS, effect="lethal"))

    decision = policy(FREE, route="b", declared=mission, **lifting).decide(B, NOON)

    assert grounds(decision) == [("floor", "forbid")]


@pytest.mark.parametrize("use", ["surv.score.social", "intel.osint.read", "force.plan"])
def test_a_waiver_over_sensitive_uses_needs_two_names(use: UseCode):
    strict = contract("a", clause("forbid", use), clause("permit", "*"))
    mission = declaration(use)

    one = policy(strict, FREE, route="ab", declared=mission, **waived(waiver())).decide(B, NOON)
    two = policy(strict, FREE, route="ab", declared=mission, **waived(waiver(second_authority="court"))).decide(B, NOON)

    assert not one.allowed
    assert two.allowed


def test_unknown_terms_of_a_removed_endpoint_can_be_waived_by_its_name():
    lifting = waived(waiver(document="endpoint:a", clauses=("*",), valid_until=LAST))

    at_itself = policy(FREE, route="b", formerly=[A], **lifting).decide(A, NOON)

    assert "No terms of 'a'" in at_itself.reasons[0].text
    assert policy(FREE, route="b", formerly=[A], **lifting).decide(B, NOON).allowed
    assert not policy(FREE, route="b", formerly=[A]).decide(B, NOON).allowed


def test_each_endpoint_is_judged_by_its_own_channel():
    hosted_only = contract("a", clause("forbid", "*", when={"channel": ("vendor-api",)}), clause("permit", "*"))
    compiled = policy(hosted_only, FREE, route="ab", channels={"a": "vendor-api", "b": "self-host"})
    at_home = policy(hosted_only, FREE, route="ab", channels={"a": "self-host", "b": "vendor-api"})

    assert not compiled.decide(B, NOON).allowed
    assert at_home.decide(B, NOON).allowed


def test_same_vendor_only_is_said_by_what_the_approval_covers():
    only = [loaded(organisation(approvals=(approval(endpoints=("developer:a",)),)))]
    at_a_cloud = endpoint("c", developer="a", host="cloud")
    compiled = policy(contract("a"), FREE, route=[A, at_a_cloud, B], organisations=only)

    assert [compiled.decide(one, NOON).allowed for one in (A, at_a_cloud, B)] == [True, True, False]
    assert grounds(compiled.decide(B, NOON)) == [("organisation", "missing")]


@settings(deadline=None)
@given(
    st.lists(st.sampled_from("abcd"), min_size=1, max_size=4, unique=True),
    st.sets(st.sampled_from("abcd")),
    st.sets(st.sampled_from("abcd")),
)
def test_the_policy_of_a_route_is_the_intersection_of_its_endpoints_present_and_past(
    route: list[str], formerly: set[str], strict: set[str]
):
    terms = [contract(name, *([clause("forbid", "gen.draft")] if name in strict else []), PERMIT) for name in "abcd"]
    left = [endpoint(name) for name in sorted(formerly)]

    compiled = policy(*terms, route=[endpoint(name) for name in route], formerly=left)

    allowed = {name: compiled.decide(endpoint(name), NOON).allowed for name in route}
    assert set(allowed.values()) == {not strict & ({*route} | formerly)}
