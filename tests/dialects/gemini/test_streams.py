"""Streams that nobody recorded."""

from dataclasses import replace
from typing import Any

import pytest

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
    Refusal,
    RefusalDelta,
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
from offramp_providers.dialects.gemini import DIALECT


def chunk(*parts: Any, number: int = 0, **more: Any) -> WireEvent:
    end = {"finishReason": more.pop("finish")} if "finish" in more else {}
    candidate = {"content": {"role": "model", "parts": list(parts)}, "index": number, **end}
    return WireEvent(data={"candidates": [candidate], "modelVersion": "m", "responseId": "r", **more})


def decoded(issuer: Origin, *events: WireEvent) -> tuple[list[Batch], Batch]:
    decoder, encoder = DIALECT.stream_decoder({}, issuer), DIALECT.stream_encoder()
    batches = [decoder.decode(event) for event in events]
    assert [encoder.encode(batch) for batch in batches] == [(event,) for event in events]
    assert encoder.losses == ()
    return batches, decoder.finish()


def test_one_chunk_is_one_batch_and_texts_of_a_kind_go_on(issuer: Origin) -> None:
    batches, end = decoded(
        issuer,
        chunk({"text": "hm", "thought": True}),
        chunk({"text": " so", "thought": True}, {"text": "a"}),
        chunk({"text": "b"}, finish="STOP", usageMetadata={"promptTokenCount": 1, "totalTokenCount": 4}),
    )

    response = fold(batches)
    assert response.message.parts == (Reasoning("hm so"), Text("ab"))
    assert response.outcome == Outcome(OutcomeKind.COMPLETED, raw="STOP")
    assert (response.usage.input_tokens, response.usage.output_tokens) == (1, 3)
    assert batches[2].wire is None
    assert end.events == ()


def test_a_signed_part_is_never_joined_with_another(issuer: Origin) -> None:
    batches, _ = decoded(
        issuer, chunk({"text": "a"}), chunk({"text": "b", "thoughtSignature": "s"}), chunk({"text": "c"}, finish="STOP")
    )

    parts = fold(batches).message.parts
    assert [part.text for part in parts if isinstance(part, Text)] == ["a", "b", "c"]
    assert [each.data for part in parts for each in part.opaque] == ["s"]


def test_a_call_comes_whole_and_turns_a_stop_into_a_wish(issuer: Origin) -> None:
    call = {"functionCall": {"name": "f", "args": {"a": [1]}, "id": "c"}, "thoughtSignature": "s"}

    batches, _ = decoded(issuer, chunk(call), chunk({"text": ""}, finish="STOP"))

    response = fold(batches)
    assert response.outcome.kind is OutcomeKind.TOOL_CALLS
    part = response.message.parts[0]
    assert isinstance(part, ToolCall)
    assert (part.call_id, part.arguments_json) == ("c", '{"a":[1]}')


def test_arguments_by_path_make_objects_arrays_and_every_kind_of_value(issuer: Origin) -> None:
    pieces = [
        {"jsonPath": "$.a.b[0]", "stringValue": "x", "willContinue": True},
        {"jsonPath": "$.a.b[0]", "stringValue": "y"},
        {"jsonPath": "$.a.b[1]", "numberValue": 2},
        {"jsonPath": "$['c d']", "boolValue": True},
        {"jsonPath": "$.e", "nullValue": "NULL_VALUE"},
        {"jsonPath": 7},
        {"jsonPath": "$.huge[99999999]", "numberValue": 1},
    ]
    started = {"functionCall": {"name": "f", "willContinue": True}}
    more = [{"functionCall": {"partialArgs": [piece], "willContinue": True}} for piece in pieces]

    batches, _ = decoded(issuer, chunk(started), *map(chunk, more), chunk({"functionCall": {}}, finish="STOP"))

    part = fold(batches).message.parts[0]
    assert isinstance(part, ToolCall)
    assert part.arguments_json == '{"a":{"b":["xy",2]},"c d":true,"e":null,"huge":[]}'


def test_each_candidate_has_parts_and_an_end_of_its_own(issuer: Origin) -> None:
    batches, end = decoded(
        issuer,
        chunk({"text": "a"}),
        chunk({"text": "b"}, number=1),
        chunk({"text": "c"}, finish="STOP"),
        chunk({"text": "d"}, number=1, finish="MAX_TOKENS"),
    )

    response = fold(batches)
    assert (response.text, response.alternatives[0].message.text) == ("ac", "bd")
    assert response.alternatives[0].outcome.kind is OutcomeKind.MAX_OUTPUT
    assert end.events == ()


def test_a_candidate_without_an_end_interrupts_the_stream(issuer: Origin) -> None:
    _, end = decoded(issuer, chunk({"text": "a"}, finish="STOP"), chunk({"text": "b"}, number=1))

    assert isinstance(end.events[0], ResponseFailed)


def test_a_blocked_prompt_ends_the_stream_as_a_content_filter(issuer: Origin) -> None:
    event = WireEvent(data={"promptFeedback": {"blockReason": "SAFETY"}, "modelVersion": "m"})

    batches, end = decoded(issuer, event)

    assert fold(batches).outcome == Outcome(OutcomeKind.CONTENT_FILTER, raw="SAFETY", category="SAFETY")
    assert end.events == ()


def test_an_error_in_a_stream_fails_it(issuer: Origin) -> None:
    body = {"error": {"code": 503, "message": "busy", "status": "UNAVAILABLE"}}

    batches, end = decoded(issuer, chunk({"text": "a"}), WireEvent(data=body))

    failed = batches[1].events[0]
    assert isinstance(failed, ResponseFailed)
    assert (failed.error.kind, failed.error.phase) == (ProviderErrorKind.OVERLOADED, "mid_stream")
    assert end.events == ()


def test_another_model_that_takes_over_is_told(issuer: Origin) -> None:
    batches, _ = decoded(issuer, chunk({"text": "a"}), chunk({"text": "b"}, modelVersion="n", finish="STOP"))

    response = fold(batches)
    assert response.origin is not None
    assert response.origin.model == "n"


# Streams of other vendors, written in this dialect.


def written(origin: Origin, *events: Event) -> tuple[list[Any], list[str]]:
    encoder = DIALECT.stream_encoder()
    wire = [*encoder.encode(Batch((ResponseStart(origin=origin),)))]
    for event in events:
        wire += encoder.encode(Batch((event,)))
    wire += encoder.finish()
    return [event.data for event in wire], [loss.code for loss in encoder.losses]


def test_a_foreign_stream_is_written_in_whole_parts(other: Origin) -> None:
    data, losses = written(
        replace(other, response_id="o"),
        ReasoningDelta(0, "hm"),
        PartStart(1, Text("")),
        TextDelta(1, "a"),
        TextDelta(1, "b"),
        PartEnd(1),
        PartStart(2, ToolCall("c", "f", "")),
        ArgumentsDelta(2, '{"a"'),
        ArgumentsDelta(2, ":1}"),
        PartEnd(2),
        ResponseEnd(Outcome(OutcomeKind.TOOL_CALLS)),
        UsageUpdate(Usage(input_tokens=1, output_tokens=2)),
    )

    parts = [part for each in data for part in each["candidates"][0]["content"]["parts"]]
    assert parts == [
        {"text": "hm", "thought": True},
        {"text": "a"},
        {"text": "b"},
        {"functionCall": {"name": "f", "args": {"a": 1}, "id": "c"}},
    ]
    assert {each["responseId"] for each in data} == {"o"}
    assert data[-1]["candidates"][0]["finishReason"] == "STOP"
    assert data[-1]["usageMetadata"]["totalTokenCount"] == 3
    assert losses == []


def test_what_a_foreign_stream_cannot_say_here_is_named(other: Origin) -> None:
    data, losses = written(
        other,
        PartStart(0, Refusal("")),
        RefusalDelta(0, "no"),
        RefusalDelta(0, "pe"),
        OpaqueDelta(0, Opaque("signature", "s")),
        PartEnd(0),
        PartStart(1, Reasoning("")),
        PartEnd(1),
        TextDelta(2, "a"),
        TextDelta(3, "b"),
        ResponseEnd(Outcome(OutcomeKind.REFUSAL)),
    )

    parts = [part for each in data for part in each["candidates"][0]["content"]["parts"]]
    assert parts == [{"text": "nope", "thought": False}, {"text": "a"}, {"text": "b"}]
    assert data[-1]["candidates"][0]["finishReason"] == "SAFETY"
    assert sorted(losses) == [
        "opaque.foreign",
        "outcome.rewritten",
        "reasoning.foreign",
        "refusal.rewritten",
        "text.joined",
    ]


@pytest.mark.parametrize("kind", [OutcomeKind.CANCELLED, OutcomeKind.UNKNOWN, OutcomeKind.ERROR])
def test_an_end_without_a_true_word_claims_nothing(other: Origin, kind: OutcomeKind) -> None:
    data, _ = written(other, TextDelta(0, "a"), ResponseEnd(Outcome(kind, raw="odd")))

    assert "finishReason" not in data[-1]["candidates"][0]


def test_a_foreign_stream_without_an_end_gets_none(other: Origin) -> None:
    data, _ = written(other, TextDelta(0, "a"))

    assert len(data) == 1
    assert "finishReason" not in data[0]["candidates"][0]
