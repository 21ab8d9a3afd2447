"""Needs against claims, and what is refused before anything is sent."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import get_args

import pytest

from offramp.contracts.capability import Capability, Requirement, Support
from offramp.contracts.endpoint import Endpoint
from offramp.contracts.evidence import Evidence
from offramp.contracts.needs import Demand
from offramp.contracts.profile import ModelFacts
from offramp.contracts.scripted import scripted_endpoint
from offramp.errors import CapabilityError, ConfigurationError, LossExceeded
from offramp.negotiation import (
    HARD,
    limit_losses,
    negotiate,
    refuse_unless_fit,
    requirements_of,
    severity_of,
    without_rejected,
)
from offramp.types import GenerateRequest, Loss, Severity, user

SEEN = Evidence(level="documented", checked=date(2026, 11, 2), source="Acme API reference 4.1")


def demand(requires: Iterable[Requirement]) -> Demand:
    return Demand(requires=frozenset(requires))


def endpoint(**claims: Support) -> Endpoint:
    """An endpoint with these claims only; a double underscore in a name stands for a dot."""
    plain = scripted_endpoint("a", developer="acme")
    capabilities = {
        name.replace("__", "."): Capability(support=support, evidence=SEEN) for name, support in claims.items()
    }
    return replace(plain, profile=replace(plain.profile, capabilities=capabilities))


@pytest.mark.parametrize("support", get_args(Support))
def test_a_claim_that_nobody_has_verified_lets_a_request_be_tried_and_meets_no_mission(support: Support):
    unverified = Evidence(level="unverified", checked=date(2026, 11, 26), source="a library 1.0")
    plain = endpoint(text=support)
    claims = {"text": Capability(support=support, evidence=unverified)}
    tail = replace(plain, profile=replace(plain.profile, capabilities=claims))

    required, implied = negotiate(demand(["text"]), tail), negotiate(demand([]), tail, implied=["text"])

    known = negotiate(demand(["text"]), plain).findings[0].fit
    assert required.findings[0].fit == ("unknown" if support == "native" else known)
    assert implied.findings[0].fit == known
    assert "unverified" in implied.findings[0].why


@pytest.mark.parametrize(
    ("support", "fit", "fits"),
    [
        ("native", "satisfied", True),
        ("emulated", "emulated", True),
        ("ignored", "degraded", False),
        ("rejected", "unsatisfiable", False),
        ("unsupported", "unsatisfiable", False),
    ],
)
def test_claim_decides_how_a_mission_requirement_is_met(support: Support, fit: str, fits: bool):
    found = negotiate(demand(["seed"]), endpoint(seed=support))

    assert [(each.requirement, each.fit, each.evidence) for each in found.findings] == [("seed", fit, SEEN)]
    assert found.fits is fits


@pytest.mark.parametrize("need", get_args(Requirement))
def test_requirement_that_nobody_claimed_is_unknown_and_does_not_fit(need: Requirement):
    found = negotiate(demand([need]), endpoint())

    assert [each.fit for each in found.findings] == ["unknown"]
    assert not found.fits


@pytest.mark.parametrize("need", get_args(Requirement))
@pytest.mark.parametrize("claims", ["none", "unsupported"])
def test_need_of_a_request_is_hard_only_where_the_table_says_so(need: Requirement, claims: str):
    place = endpoint() if claims == "none" else scripted_endpoint(support="unsupported")

    found = negotiate(Demand(), place, implied=[need])

    hard = {"text", "streaming", "tools", "tools.forced", "structured_output", "json_output"}
    hard |= {"input.images", "input.documents", "input.audio", "input.video"}
    assert hard == HARD
    assert found.fits is (need not in hard)


def test_mission_makes_a_soft_need_hard():
    found = negotiate(demand(["seed"]), endpoint(seed="ignored"), implied=["seed"])

    assert not found.fits


def test_model_claim_wins_over_the_vendor_claim():
    place = endpoint(tools="unsupported")
    facts = ModelFacts(evidence=SEEN, capabilities={"tools": Capability(support="native", evidence=SEEN)})
    place = replace(place, profile=replace(place.profile, models={"model-1": facts}))

    assert negotiate(demand(["tools"]), place).fits


def test_endpoint_that_meets_everything_is_not_refused():
    refuse_unless_fit(negotiate(demand(get_args(Requirement)), scripted_endpoint()))


def test_refusal_names_endpoint_requirement_claim_date_and_mend():
    with pytest.raises(CapabilityError) as caught:
        refuse_unless_fit(
            negotiate(demand(["structured_output", "tools"]), endpoint(structured_output="unsupported", tools="native"))
        )

    assert str(caught.value) == (
        "a: acme:model-1 does not meet structured_output (documented unsupported 2026-11-02, Acme API reference 4.1). "
        "Choose an endpoint that meets structured_output, or ask without it."
    )
    assert caught.value.requirements == ("structured_output",)


def test_refusal_of_the_unknown_asks_for_the_claim():
    with pytest.raises(CapabilityError, match=r"If you know better, claim it in endpoints\.NAME\.claims"):
        refuse_unless_fit(negotiate(demand(["tools"]), endpoint()))


def test_rejected_settings_are_taken_out_and_each_is_named():
    request = GenerateRequest((user("hi"),), temperature=0.2, top_p=0.9, top_k=3, seed=7, stop=("X",))
    place = endpoint(temperature="rejected", top_k="unsupported", seed="ignored")
    needs = requirements_of(request)

    sent, losses = without_rejected(request, negotiate(Demand(), place, implied=needs))

    assert sent == GenerateRequest((user("hi"),), seed=7, stop=("X",))
    assert [(loss.path, loss.code, loss.action, loss.severity) for loss in losses] == [
        ("temperature", "setting.unsupported", "dropped", Severity.BEHAVIOURAL),
        ("top_p", "setting.unsupported", "dropped", Severity.BEHAVIOURAL),
        ("top_k", "setting.unsupported", "dropped", Severity.BEHAVIOURAL),
    ]
    assert "2026-11-02" in losses[0].why


def test_setting_that_a_mission_requires_is_never_taken_out():
    request = GenerateRequest((user("hi"),), seed=7)

    found = without_rejected(request, negotiate(demand(["seed"]), endpoint(seed="rejected"), implied=["seed"]))

    assert found == (request, ())


def test_request_that_loses_nothing_is_passed_on_as_it_is():
    request = GenerateRequest((user("hi"),), temperature=0.2)
    place = endpoint(temperature="native")

    sent, losses = without_rejected(request, negotiate(Demand(), place, implied=["temperature"]))

    assert sent is request
    assert losses == ()


def loss(severity: Severity, path: str = "messages[0]") -> Loss:
    return Loss(code="media.unsupported", path=path, action="dropped", severity=severity, why="no such media here")


@pytest.mark.parametrize("limit", list(Severity))
@pytest.mark.parametrize("severity", list(Severity))
def test_loss_passes_up_to_the_limit(limit: Severity, severity: Severity):
    refused = False
    try:
        limit_losses([loss(severity)], limit, "triage at a")
    except LossExceeded:
        refused = True

    assert refused is (severity.value > limit.value)


def test_excess_names_code_path_and_the_word_that_would_allow_it():
    losses = [loss(Severity.COSMETIC, "temperature"), loss(Severity.MATERIAL, "messages[3].parts[1]")]

    with pytest.raises(LossExceeded) as caught:
        limit_losses(losses, Severity.BEHAVIOURAL, "triage at a")

    assert str(caught.value) == (
        "triage at a: more would be lost than max_loss = 'behavioural' allows: media.unsupported at "
        'messages[3].parts[1] (material). Set max_loss = "material", ask without it, or choose an endpoint that can '
        "say it."
    )
    assert caught.value.losses == (losses[1],)


@pytest.mark.parametrize("severity", list(Severity))
def test_severity_is_read_by_its_own_word(severity: Severity):
    assert severity_of(severity.word) is severity


def test_unknown_severity_is_refused():
    with pytest.raises(ConfigurationError, match="Write one of cosmetic, behavioural, material"):
        severity_of("fatal")
