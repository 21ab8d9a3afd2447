"""What is encoded for the vendor fits its published schema."""

import json
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from offramp.contracts.dialect import Dialect, Target
from offramp.types import FunctionTool, GenerateRequest, Message, Origin, Response, WireEvent, user
from offramp_conformance.accounting.leaves import strip_wire
from offramp_providers.dialects.anthropic_messages import DIALECT as ANTHROPIC
from offramp_providers.dialects.openai_chat import DIALECT as CHAT
from offramp_providers.dialects.openai_responses import DIALECT
from support.cassettes import answers, requests, streams
from support.published_schemas import published
from support.strategies import values

TARGET = Target(origin=Origin(developer="openai", host="openai", dialect=DIALECT.name, model="gpt-5.4", account="ours"))
ELSEWHERE = ((ANTHROPIC, "anthropic.messages"), (CHAT, "openai.chat"))


@cache
def _validator(root: str) -> Draft202012Validator:
    """The vendor's schema of a body; skips the test where there is none."""
    # Its alternatives overlap: a message fits two of them, and `oneOf` would refuse it.
    schema = json.loads(json.dumps(published("openai")).replace('"oneOf"', '"anyOf"'))
    name = schema["roots"][root]
    return Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": schema["components"]})


def _faults(root: str, body: Any) -> list[str]:
    return [f"{error.json_path}: {error.validator}" for error in _validator(root).iter_errors(body)]


REQUESTS = values(GenerateRequest) | st.lists(values(Message), min_size=1, max_size=3).map(
    lambda messages: GenerateRequest(tuple(messages))
)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(REQUESTS)
def test_whatever_is_encoded_fits_the_published_schema(drawn: GenerateRequest) -> None:
    tools = tuple(FunctionTool("f", schema={"type": "object"}) for _ in drawn.tools)
    messages = (user("hi"), *drawn.messages)
    settled = {"model": "gpt-5.4", "tools": tools, "routing": (), "messages": messages, "metadata": None}
    kept = {name: getattr(drawn, name) for name in ("output", "reasoning", "stop", "logprobs", "tool_choice")}
    request: GenerateRequest = strip_wire(GenerateRequest(**{**kept, **settled}))  # type: ignore[arg-type]

    encoded = DIALECT.encode_request(request, TARGET)

    assert _faults("openai.responses.request", encoded.body) == []


@pytest.mark.parametrize(("dialect", "api"), ELSEWHERE)
def test_recorded_requests_of_other_dialects_fit_it_too(dialect: Dialect, api: str) -> None:
    failed = {}
    for name, request, body in list(requests(api))[::3]:
        origin = Origin(developer="acme", host="acme", dialect=dialect.name)
        read = dialect.decode_request(body, request["headers"] or {}, origin)

        encoded = DIALECT.encode_request(read, TARGET)

        faults = _faults("openai.responses.request", {**encoded.body, "model": "gpt-5.4"})
        if faults:
            failed[name] = faults[:2]

    assert failed == {}


@pytest.mark.parametrize(("dialect", "api"), ELSEWHERE)
def test_answers_of_other_dialects_fit_it_as_ours(dialect: Dialect, api: str) -> None:
    failed = {}
    for name, _, body in list(answers(api))[::4]:
        origin = Origin(developer="acme", host="acme", dialect=dialect.name)
        answer: Response[Any] = dialect.decode_response(body, {}, origin)

        encoded = DIALECT.encode_response(answer)

        faults = _faults("openai.responses.response", {**encoded.body, "model": "gpt-5.4", "usage": COUNTED})
        if faults:
            failed[name] = faults[:2]

    assert failed == {}


@pytest.mark.parametrize(("dialect", "api"), ELSEWHERE)
def test_streams_of_other_dialects_fit_it_as_ours(dialect: Dialect, api: str) -> None:
    failed = {}
    for name, events in list(streams(api))[::6]:
        for each in _crossed(dialect, events):
            data: Any = each.data
            if "response" in data:
                data = {**data, "response": {**data["response"], "model": "gpt-5.4", "usage": COUNTED}}
            faults = _faults("openai.responses.event", data)
            if faults:
                failed[name] = (data["type"], faults[:2])
                break

    assert failed == {}


COUNTED = {
    "input_tokens": 1,
    "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
    "output_tokens": 1,
    "output_tokens_details": {"reasoning_tokens": 0},
    "total_tokens": 2,
}
"""The schema demands every count, and one that is not known is not sent."""


def _crossed(dialect: Dialect, events: list[WireEvent]) -> list[WireEvent]:
    decoder = dialect.stream_decoder({}, Origin(developer="acme", host="acme", dialect=dialect.name))
    encoder = DIALECT.stream_encoder()
    crossed = [each for event in events for each in encoder.encode(decoder.decode(event))]
    return [*crossed, *encoder.finish()]
