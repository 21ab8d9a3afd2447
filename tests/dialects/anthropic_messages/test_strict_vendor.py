"""Whatever comes from elsewhere is accepted by a strict vendor."""

from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings

from offramp.contracts.dialect import Target
from offramp.types import (
    Batch,
    FunctionTool,
    GenerateRequest,
    Message,
    Origin,
    Refusal,
    Text,
    ToolCall,
    fold,
)
from offramp_providers.dialects.anthropic_messages import DIALECT
from offramp_providers.dialects.openai_chat import DIALECT as OPENAI
from offramp_providers.emulator.anthropic_messages.validator import validate
from offramp_providers.emulator.rules import ValidatorState
from support.cassettes import requests, streams
from support.strategies import values


def _strict(body: Any) -> Any:
    headers = {"x-api-key": "k", "anthropic-version": "2023-06-01"}
    return validate(body, headers, ValidatorState(also_recalled=True))


def test_every_recorded_request_of_the_other_dialect_is_accepted_by_a_strict_vendor(issuer: Origin) -> None:
    refused = {}
    target = Target(origin=issuer, default_max_output_tokens=4000)
    for name, request, body in requests("openai.chat"):
        asked = Origin(developer="openai", host=request["host"] or "x", dialect=OPENAI.name)
        decoded = replace(OPENAI.decode_request(body, {}, asked), model=None)

        rejection = _strict(DIALECT.encode_request(decoded, target).body)

        if rejection is not None:
            refused[name] = rejection.rule

    assert refused == {}


def test_every_recorded_stream_of_the_other_dialect_is_said_in_order(issuer: Origin, other: Origin) -> None:
    for name, events in streams("openai.chat"):
        decoder, reader = OPENAI.stream_decoder({}, other), DIALECT.stream_decoder({}, issuer)
        encoder = DIALECT.stream_encoder()
        batches = [*(decoder.decode(event) for event in events), decoder.finish()]

        wire = [event for batch in batches for event in encoder.encode(batch)] + list(encoder.finish())

        original, read = fold(batches), fold([reader.decode(event) for event in wire])
        assert _spoken(read.message) == _spoken(original.message), name
        assert _in_order([event.data for event in wire]), name


def _spoken(message: Message) -> Any:
    text = "".join(part.text for part in message.parts if isinstance(part, (Text, Refusal)))
    calls = [part for part in message.parts if isinstance(part, ToolCall)]
    return text, [(call.call_id, call.name, call.arguments_json or "{}") for call in calls]


def _in_order(events: list[Any]) -> bool:
    """Whether blocks follow one another, numbered from 0, with their pieces inside of them."""
    opened, count = None, 0
    for event in events:
        match event["type"]:
            case "content_block_start":
                if opened is not None or event["index"] != count:
                    return False
                opened, count = count, count + 1
            case "content_block_delta" | "content_block_stop":
                if event["index"] != opened:
                    return False
                opened = opened if event["type"] == "content_block_delta" else None
    return opened is None or events[-1]["type"] == "error"


BROAD = settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@BROAD
@given(values(GenerateRequest))
def test_any_request_can_be_encoded_and_read_again(request_: GenerateRequest) -> None:
    issuer = Origin(developer="anthropic", host="anthropic", dialect=DIALECT.name, model="m")
    tools = tuple(replace(tool, name="f") if isinstance(tool, FunctionTool) else tool for tool in request_.tools)
    request_ = replace(request_, tools=tools)

    encoded = DIALECT.encode_request(request_, Target(origin=issuer, default_max_output_tokens=9))

    DIALECT.decode_request(encoded.body, {}, issuer)


@BROAD
@given(values(tuple[Batch, ...]))
def test_any_stream_can_be_encoded(batches: tuple[Batch, ...]) -> None:
    encoder = DIALECT.stream_encoder()

    for batch in batches:
        encoder.encode(batch)
    encoder.finish()

    assert all(loss.path for loss in encoder.losses)
