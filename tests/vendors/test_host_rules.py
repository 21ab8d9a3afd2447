"""What is peculiar to a host reaches the wire by its profile alone."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from offramp.errors import ConfigurationError
from offramp.types import (
    GenerateRequest,
    Logprobs,
    Message,
    ReasoningAdaptive,
    ReasoningOff,
    ReasoningSettings,
    RoutingField,
    Text,
    Wire,
)

Make = Callable[..., Any]
ASKED = (Message(role="user", parts=(Text("Hello"),)),)


def asked(**settings: Any) -> GenerateRequest:
    return GenerateRequest(messages=ASKED, **settings)


def lost(call: Any) -> list[tuple[str, str]]:
    return [(loss.code, loss.path) for loss in call.losses]


# Who, and where.


def test_a_key_goes_where_the_host_looks_for_it(endpoint: Make, prepare: Make):
    call = prepare(endpoint("azure-openai", base_url="https://mine.openai.azure.us/openai/v1"), asked())

    assert call.http.headers["api-key"] == "made-up"
    assert "authorization" not in call.http.headers
    assert call.http.url == "https://mine.openai.azure.us/openai/v1/chat/completions"


@pytest.mark.parametrize("vendor", ["vllm", "llama-cpp", "ollama", "sglang"])
def test_a_server_of_ones_own_is_sent_a_key_if_it_has_one(vendor: str, endpoint: Make, prepare: Make):
    with_key = prepare(endpoint(vendor, developer="meta"), asked())
    without = prepare(endpoint(vendor, developer="meta", key=None), asked())

    assert with_key.http.headers["authorization"] == "Bearer made-up"
    assert "authorization" not in without.http.headers


@pytest.mark.parametrize(
    ("vendor", "region", "address"),
    [
        ("openai", None, "https://api.openai.com/v1"),
        ("openai", "eu", "https://eu.api.openai.com/v1"),
        ("openai", "elsewhere", "https://api.openai.com/v1"),
        ("bedrock", "us-gov-west-1", "https://bedrock-runtime-fips.us-gov-west-1.amazonaws.com"),
        ("bedrock", "eusc-de-east-1", "https://bedrock-runtime.eusc-de-east-1.amazonaws.eu"),
    ],
)
def test_a_region_with_a_host_of_its_own_is_asked_there(vendor: str, region: str | None, address: str, endpoint: Make):
    where = {} if region is None else {"region": region}

    assert endpoint(vendor, developer="somebody", **where).base_url == address


def test_a_query_stays_at_the_end_of_the_address(endpoint: Make, prepare: Make):
    address = "https://mine.openai.azure.com/openai/deployments/d?api-version=2024-10-21"

    call = prepare(endpoint("azure-openai", base_url=address), asked())

    assert call.http.url == (
        "https://mine.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21"
    )


def test_an_address_that_differs_by_customer_must_be_given(endpoint: Make):
    with pytest.raises(ConfigurationError, match=r"endpoints\.e: the address of azure-openai differs by customer"):
        endpoint("azure-openai")


@pytest.mark.parametrize("vendor", ["groq", "together", "openrouter", "vllm", "llama-cpp", "ollama", "sglang"])
def test_a_host_of_many_developers_models_asks_whose_this_is(vendor: str, endpoint: Make):
    with pytest.raises(ConfigurationError, match=f"{vendor} has models or hosts of many.*the developer") as caught:
        endpoint(vendor, "unheard-of", host="h")

    assert caught.value.mend == 'add developer = "…"'


@pytest.mark.parametrize("vendor", ["openrouter", "litellm-proxy"])
def test_a_reseller_asks_who_runs_the_model(vendor: str, endpoint: Make):
    with pytest.raises(ConfigurationError, match="the host of this one"):
        endpoint(vendor, developer="meta")


def test_a_model_that_the_profile_knows_has_its_developer(endpoint: Make):
    who = endpoint("openrouter", "anthropic/claude-sonnet-4.5", host="amazon-bedrock").identity

    assert (who.developer, who.host, who.reseller) == ("anthropic", "amazon-bedrock", "openrouter")


# What a router is told.


def router(endpoint: Make) -> Any:
    return endpoint("openrouter", developer="meta", host="fireworks")


def test_a_router_is_told_to_ask_the_endpoints_host_and_no_other(endpoint: Make, prepare: Make):
    call = prepare(router(endpoint), asked())

    assert json.loads(call.http.body)["provider"] == {"only": ["fireworks"], "allow_fallbacks": False}
    assert lost(call) == []


@pytest.mark.parametrize(
    "wish",
    [{"only": ["other"]}, {"order": ["fireworks", "other"]}, {"allow_fallbacks": True}, {"sort": "price"}, "any"],
)
def test_a_wish_for_another_host_is_named_as_lost(wish: Any, endpoint: Make, prepare: Make):
    field = RoutingField(dialect="openai_chat", name="provider", raw=wish)

    call = prepare(router(endpoint), asked(routing=(field,)))

    assert json.loads(call.http.body)["provider"] == {"only": ["fireworks"], "allow_fallbacks": False}
    assert lost(call) == [("routing_field", "routing[0]")]


def test_a_wish_that_chooses_no_host_stays(endpoint: Make, prepare: Make):
    field = RoutingField(dialect="openai_chat", name="provider", raw={"zdr": True, "data_collection": "deny"})

    call = prepare(router(endpoint), asked(routing=(field,)))

    said = json.loads(call.http.body)["provider"]
    assert said == {"zdr": True, "data_collection": "deny", "only": ["fireworks"], "allow_fallbacks": False}
    assert lost(call) == []


def test_a_caller_cannot_say_the_host_beside_the_configuration(endpoint: Make, prepare: Make):
    with pytest.raises(ConfigurationError, match="'provider' is written by Offramp itself"):
        prepare(router(endpoint), asked(), {"provider": {"only": ["other"]}})


@pytest.mark.parametrize("field", ["models", "route", "plugins", "preset", "transforms", "session_id", "unheard_of"])
def test_a_field_that_the_reseller_does_not_list_is_refused(field: str, endpoint: Make, prepare: Make):
    with pytest.raises(ConfigurationError, match=f"'{field}' may decide who sees the data"):
        prepare(router(endpoint), asked(), {field: ["other"]})


def test_an_unknown_field_of_a_decoded_request_is_refused_at_a_reseller(endpoint: Make, prepare: Make):
    wire = Wire(dialect="openai_chat", fields={"fallbacks_2": ["other"]})

    with pytest.raises(ConfigurationError, match="fallbacks_2"):
        prepare(router(endpoint), asked(wire=wire))


def test_a_reseller_that_the_configuration_names_is_held_to_the_list_too(endpoint: Make, prepare: Make):
    through = endpoint("deepseek", reseller="acme")

    with pytest.raises(ConfigurationError, match="'unheard_of' may decide who sees the data"):
        prepare(through, asked(), {"unheard_of": 1})
    with pytest.raises(ConfigurationError, match="'unheard_of' may decide who sees the data"):
        prepare(through, asked(wire=Wire(dialect="openai_chat", fields={"unheard_of": 1})))


def test_a_field_that_the_reseller_lists_passes(endpoint: Make, prepare: Make):
    call = prepare(router(endpoint), asked(), {"min_p": 0.1})

    assert json.loads(call.http.body)["min_p"] == 0.1


# What a host takes, and how.


@pytest.mark.parametrize(("mode", "kind"), [(ReasoningOff(), "disabled"), (ReasoningAdaptive(), "enabled")])
def test_reasoning_is_switched_where_the_host_has_the_switch(mode: Any, kind: str, endpoint: Make, prepare: Make):
    call = prepare(endpoint("deepseek"), asked(reasoning=ReasoningSettings(mode=mode, effort="high")))

    body = json.loads(call.http.body)
    assert (body["thinking"], body["reasoning_effort"], lost(call)) == ({"type": kind}, "high", [])


def test_reasoning_without_a_switch_is_named_as_lost(endpoint: Make, prepare: Make):
    call = prepare(endpoint("groq", developer="meta"), asked(reasoning=ReasoningSettings(mode=ReasoningOff())))

    assert "thinking" not in json.loads(call.http.body)
    assert lost(call) == [("setting.unsupported", "reasoning.mode")]


def test_what_a_host_answers_with_an_error_is_left_out_and_named(endpoint: Make, prepare: Make):
    call = prepare(endpoint("groq", developer="meta"), asked(logprobs=Logprobs(top=2), stop=("END",)))

    body = json.loads(call.http.body)
    assert {"logprobs", "top_logprobs"}.isdisjoint(body)
    assert body["stop"] == ["END"]
    assert {code for code, _ in lost(call)} == {"setting.unsupported"}


def test_a_bound_is_spelled_as_the_host_knows_it(endpoint: Make, prepare: Make):
    spelled = {
        vendor: json.loads(prepare(endpoint(vendor, developer="meta"), asked(max_output_tokens=5)).http.body)
        for vendor in ("deepseek", "together", "ollama", "groq", "vllm")
    }

    assert {vendor for vendor, body in spelled.items() if body.get("max_tokens") == 5} == {
        "deepseek", "together", "ollama",
    }  # fmt: skip
    assert {vendor for vendor, body in spelled.items() if body.get("max_completion_tokens") == 5} == {"groq", "vllm"}


def test_a_temperature_is_held_to_the_hosts_range(endpoint: Make, prepare: Make):
    call = prepare(endpoint("together", developer="meta"), asked(temperature=1.5))

    assert json.loads(call.http.body)["temperature"] == 1.0
    assert lost(call) == [("setting.clamped", "temperature")]


SAMPLED = {"max_output_tokens": 9, "temperature": 0.2, "top_k": 3}
REFUSING = [
    *("claude-opus-5-5", "claude-sonnet-5", "claude-opus-4-8", "claude-opus-4-7-20260401", "claude-fable-5"),
    *("claude-opus-6", "claude-another", "some-other-name"),
]
SAMPLING = [
    *("claude-opus-4-6", "claude-sonnet-4-6-20260101", "claude-haiku-4-5-20251001", "claude-sonnet-4-5"),
    *("claude-opus-4-1-20250805", "claude-sonnet-4-20250514", "claude-3-5-haiku-20241022"),
]


def at(vendor: str, model: str) -> str:
    """The model as a host of it writes its name."""
    dated = re.sub(r"-(20\d{6})$", r"@\1", model)
    return {
        "vertex-claude": dated,
        "bedrock-claude": f"us.anthropic.{model}-v1:0",
        "bedrock": f"us.anthropic.{model}",
    }.get(vendor, model)


def sampling_of(call: Any) -> Any:
    body = json.loads(call.http.body)
    inner = {**body.get("inferenceConfig", {}), **body.get("additionalModelRequestFields", {}), **body}
    return {name: inner.get(name) for name in ("temperature", "top_k")}


@pytest.mark.parametrize("vendor", ["anthropic", "vertex-claude", "bedrock-claude", "bedrock"])
@pytest.mark.parametrize("model", REFUSING)
def test_a_claude_that_is_not_known_to_take_sampling_settings_is_sent_none(
    vendor: str, model: str, endpoint: Make, prepare: Make
) -> None:
    asking = endpoint(vendor, at(vendor, model), developer="anthropic", region="us-east-1", account="a")

    call = prepare(asking, asked(**SAMPLED))

    assert sampling_of(call) == {"temperature": None, "top_k": None}
    assert [one for one in lost(call) if one[1] in SAMPLED] == [
        ("setting.unsupported", name) for name in ("temperature", "top_k")
    ]
    assert asking.capability("temperature").support == "rejected"


@pytest.mark.parametrize("vendor", ["anthropic", "vertex-claude", "bedrock-claude"])
@pytest.mark.parametrize("model", SAMPLING)
def test_a_claude_up_to_4_6_is_sent_sampling_settings_by_whichever_name(
    vendor: str, model: str, endpoint: Make, prepare: Make
) -> None:
    asking = endpoint(vendor, at(vendor, model), region="us-east-1", account="a")

    call = prepare(asking, asked(**SAMPLED))

    assert (sampling_of(call), lost(call)) == ({"temperature": 0.2, "top_k": 3}, [])
    assert asking.capability("temperature").support == "native"
