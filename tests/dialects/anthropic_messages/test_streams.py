"""Streams that nobody recorded."""

from typing import Any

from offramp.errors import ProviderErrorKind
from offramp.types import (
    ArgumentsDelta,
    Batch,
    Event,
    Opaque,
    OpaqueDelta,
    Origin,
    Outcome,
    OutcomeKind,
    PartEnd,
    PartStart,
    Reasoning,
    ReasoningDelta,
    ResponseEnd,
    ResponseFailed,
    ResponseStart,
    Text,
    TextDelta,
    ToolCall,
    Usage,
    UsageUpdate,
    WireEvent,
    fold,
)
from offramp_providers.dialects.anthropic_messages import DIALECT

TEXT = {"type": "text", "text": "hi"}
CALL = {"type": "tool_use", "id": "t", "name": "look", "input": {}}


def test_an_error_in_a_stream_fails_it(issuer: Origin) -> None:
    decoder = DIALECT.stream_decoder({}, issuer)
    decoder.decode(WireEvent(data={"type": "content_block_start", "index": 0, "content_block": TEXT}))
    wire = WireEvent(data={"type": "error", "error": {"type": "overloaded_error", "message": "busy"}}, event="error")

    batch = decoder.decode(wire)

    failed = batch.events[0]
    assert isinstance(failed, ResponseFailed)
    assert (failed.error.kind, failed.error.phase) == (ProviderErrorKind.OVERLOADED, "mid_stream")
    assert DIALECT.stream_encoder().encode(batch) == (wire,)
    assert decoder.finish().events == ()


def written(origin: Origin, *events: Event) -> list[Any]:
    encoder = DIALECT.stream_encoder()
    wire = [*encoder.encode(Batch((ResponseStart(origin=origin),)))]
    for event in events:
        wire += encoder.encode(Batch((event,)))
    return [event.data for event in (*wire, *encoder.finish())]


def test_a_stream_put_together_by_hand_is_complete(issuer: Origin) -> None:
    events = written(
        issuer,
        PartStart(0, Reasoning()),
        ReasoningDelta(0, "hm"),
        OpaqueDelta(0, Opaque("signature", "s")),
        PartEnd(0),
        PartStart(1, ToolCall("t", "look", "")),
        ArgumentsDelta(1, "{}"),
        PartEnd(1),
        UsageUpdate(Usage(output_tokens=3)),
        ResponseEnd(Outcome(OutcomeKind.TOOL_CALLS, raw="tool_use")),
    )
    decoder = DIALECT.stream_decoder({}, issuer)

    read = fold([decoder.decode(WireEvent(data=each, event=each["type"])) for each in events])

    assert [each["type"] for each in events[-2:]] == ["message_delta", "message_stop"]
    assert read.message.parts == (
        Reasoning("hm", opaque=(Opaque("signature", "s"),)),
        ToolCall("t", "look", "{}"),
    )


def test_calls_that_interleave_elsewhere_follow_one_another_here(other: Origin) -> None:
    events = written(
        other,
        PartStart(0, Text("")),
        TextDelta(0, "a"),
        PartStart(1, ToolCall("c1", "look", "")),
        PartStart(2, ToolCall("c2", "look", "")),
        ArgumentsDelta(2, "[2]"),
        ArgumentsDelta(1, "[1]"),
        TextDelta(0, "b"),
        PartEnd(1),
        PartEnd(2),
        ResponseEnd(Outcome(OutcomeKind.TOOL_CALLS, raw="tool_calls")),
        UsageUpdate(Usage(output_tokens=3)),
    )
    blocks = [each["content_block"].get("id", "text") for each in events if each["type"] == "content_block_start"]
    pieces = [
        (each["index"], each["delta"].get("partial_json") or each["delta"]["text"])
        for each in events
        if each["type"] == "content_block_delta"
    ]

    assert blocks == ["text", "c1", "c2", "text"]
    assert pieces == [(0, "a"), (1, "[1]"), (2, "[2]"), (3, "b")]
    assert events[-2]["delta"]["stop_reason"] == "tool_use"
    assert events[-2]["usage"]["output_tokens"] == 3


def test_a_foreign_stream_without_an_outcome_is_not_ended_here(other: Origin) -> None:
    events = written(other, PartStart(0, Text("")), TextDelta(0, "a"))

    assert [each["type"] for each in events] == ["message_start", "content_block_start", "content_block_delta"]


def test_arguments_that_begin_with_their_block_stand_if_no_piece_comes(issuer: Origin) -> None:
    start = {"type": "content_block_start", "index": 0, "content_block": {**CALL, "input": {"a": 1}}}
    wire = [start, {"type": "content_block_stop", "index": 0}]
    events = [WireEvent(data=each, event=each["type"]) for each in wire]
    decoder, encoder = DIALECT.stream_decoder({}, issuer), DIALECT.stream_encoder()

    batches = [decoder.decode(each) for each in events]

    assert fold(batches).message.parts == (ToolCall("t", "look", '{"a":1}'),)
    assert [encoder.encode(batch) for batch in batches] == [(each,) for each in events]
