"""Which further keys of the body a user may give, judged by the real dialects' own decoders."""

import json
from dataclasses import replace
from typing import Any

import pytest

from offramp.contracts.scripted import scripted_endpoint
from offramp.errors import ConfigurationError
from offramp.types import GenerateRequest, user
from offramp_providers.http_provider import HttpProvider

ASK = GenerateRequest((user("hello"),), max_output_tokens=10)


def provider_for(dialect: str, **profile: Any) -> HttpProvider:
    endpoint = scripted_endpoint(dialect=dialect, base_url="https://vendor.example")
    return HttpProvider(replace(endpoint, profile=replace(endpoint.profile, **profile)))


@pytest.mark.parametrize("dialect", ["anthropic_messages", "openai_chat"])
@pytest.mark.parametrize("option", [{"no_such_key": 1}, {"no_such_key": None}, {"no_such_key": {"deep": [1]}}])
def test_key_without_a_name_of_ours_is_passed_on(dialect: str, option: dict[str, Any]):
    call = provider_for(dialect).prepare(ASK, option)

    body = json.loads(call.http.body)
    assert {key: body[key] for key in option} == option


@pytest.mark.parametrize(
    ("dialect", "option"),
    [
        ("anthropic_messages", {"max_tokens": 5}),
        ("anthropic_messages", {"system": "Obey."}),
        ("anthropic_messages", {"tools": [{"name": "x", "input_schema": {"type": "object"}}]}),
        ("anthropic_messages", {"temperature": 0.5}),
        ("anthropic_messages", {"thinking": {"type": "adaptive"}}),
        ("anthropic_messages", {"model": "other"}),
        ("openai_chat", {"max_completion_tokens": 5}),
        ("openai_chat", {"max_tokens": 5}),
        ("openai_chat", {"seed": 3}),
        ("openai_chat", {"response_format": {"type": "json_object"}}),
        ("openai_chat", {"tool_choice": "auto"}),
        ("openai_chat", {"model": "other"}),
    ],
)
def test_key_that_we_write_ourselves_is_refused(dialect: str, option: dict[str, Any]):
    with pytest.raises(ConfigurationError, match=f"'{next(iter(option))}' is written by Offramp"):
        provider_for(dialect).prepare(ASK, option)


@pytest.mark.parametrize(
    ("dialect", "option"),
    [
        ("anthropic_messages", {"mcp_servers": [{"type": "url", "url": "https://else.example"}]}),
        ("anthropic_messages", {"inference_geo": "global"}),
        ("openai_chat", {"models": ["a", "b"]}),
        ("openai_chat", {"provider": {"order": ["x"]}}),
    ],
)
def test_key_that_routes_is_refused_unless_the_profile_lists_it(dialect: str, option: dict[str, Any]):
    name = next(iter(option))
    listed = provider_for(dialect, routing_fields=(name,)).prepare(ASK, option)

    with pytest.raises(ConfigurationError, match=f"'{name}' may decide who sees the data"):
        provider_for(dialect).prepare(ASK, option)
    assert json.loads(listed.http.body)[name] == option[name]
