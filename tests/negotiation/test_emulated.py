"""Where the form of an answer may be emulated: every support, every order, everything that is at odds with it."""

from dataclasses import replace
from datetime import date
from itertools import permutations
from typing import Any, get_args

import pytest

from offramp.contracts.capability import EMULATIONS, Capability, Emulation, Requirement, Support
from offramp.contracts.endpoint import Endpoint
from offramp.contracts.evidence import Evidence
from offramp.contracts.needs import Demand
from offramp.contracts.scripted import scripted_endpoint
from offramp.negotiation import negotiate

SEEN = Evidence(level="declared", checked=date(2026, 11, 2))
FORMS: tuple[Requirement, ...] = ("structured_output", "json_output")
ORDERS = [order for size in range(4) for order in permutations(EMULATIONS, size)]


def endpoint(claims: dict[Requirement, Support | None]) -> Endpoint:
    """An endpoint that does everything natively but this; None: nobody has claimed it."""
    plain = scripted_endpoint()
    held = {name: claim for name, claim in plain.profile.capabilities.items() if name not in claims}
    held |= {name: Capability(support=each, evidence=SEEN) for name, each in claims.items() if each is not None}
    return replace(plain, profile=replace(plain.profile, capabilities=held))


def fit(place: Endpoint, form: Requirement, emulations: tuple[Emulation, ...], *implied: Requirement) -> Any:
    found = negotiate(Demand(emulations=emulations), place, implied=[form, *implied])
    return next(each for each in found.findings if each.requirement == form)


def test_all_emulations_are_in_the_default():
    assert set(EMULATIONS) == set(get_args(Emulation))


@pytest.mark.parametrize("form", FORMS)
def test_what_an_endpoint_does_itself_is_not_emulated(form: Requirement):
    found = fit(endpoint({}), form, EMULATIONS)

    assert (found.fit, found.emulations) == ("satisfied", ())


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("support", ["ignored", "rejected", "unsupported", "emulated", None])
@pytest.mark.parametrize("order", ORDERS)
def test_the_missions_order_decides_and_without_one_the_claim_does(
    form: Requirement, support: Any, order: tuple[Emulation, ...]
):
    place = endpoint({form: support})

    found, plain = fit(place, form, order), fit(place, form, ())

    usable = tuple(each for each in order if each != "validation")
    assert found.emulations == usable
    assert found.fit == ("emulated" if usable else plain.fit)
    assert plain.fit != "satisfied"


@pytest.mark.parametrize("carrier", ["tools", "tools.forced"])
@pytest.mark.parametrize("support", ["ignored", "rejected", "unsupported", "emulated", None])
def test_no_tool_is_forced_where_that_is_not_known_to_work(carrier: Requirement, support: Any):
    place = endpoint({"structured_output": "unsupported", carrier: support})

    assert fit(place, "structured_output", EMULATIONS).emulations == ("prompt",)


@pytest.mark.parametrize("carrier", ["text", "system"])
def test_nothing_is_told_in_a_prompt_that_is_not_known_to_be_taken(carrier: Requirement):
    place = endpoint({"structured_output": "unsupported", carrier: None})

    assert fit(place, "structured_output", EMULATIONS).emulations == ("forced_tool",)


@pytest.mark.parametrize("other", ["tools", "reasoning", "tools.none"])
def test_no_tool_is_forced_beside_tools_of_the_request_or_reasoning(other: Requirement):
    place = endpoint({"structured_output": "unsupported"})

    assert fit(place, "structured_output", EMULATIONS, other).emulations == ("prompt",)


@pytest.mark.parametrize("requirement", sorted(set(get_args(Requirement)) - set(FORMS)))
def test_nothing_but_the_form_of_an_answer_is_emulated(requirement: Requirement):
    found = fit(endpoint({requirement: "unsupported"}), requirement, EMULATIONS)

    assert (found.fit, found.emulations) == ("unsatisfiable", ())
