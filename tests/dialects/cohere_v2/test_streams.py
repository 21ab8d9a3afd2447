"""Streams: what each event means."""

from typing import Any

import pytest

from offramp.errors import ProviderErrorKind
from offramp.types import (
    Batch,
    Origin,
    Reasoning,
    ResponseFailed,
    Text,
    ToolCall,
    WireEvent,
    fold,
)
from offramp_providers.dialects.cohere_v2 import DIALECT


def wire(kind: str, message: Any = None, **fields: Any) -> WireEvent:
    data = {"type": kind, **fields} if message is None else {"type": kind, **fields, "delta": {"message": message}}
    return WireEvent(data=data, event=kind)


def call_start(index: int, name: str) -> WireEvent:
    call = {"id": f"{name}_1", "type": "function", "function": {"name": name, "arguments": ""}}
    return wire("tool-call-start", {"tool_calls": call}, index=index)


def call_delta(index: int, text: str) -> WireEvent:
    return wire("tool-call-delta", {"tool_calls": {"function": {"arguments": text}}}, index=index)


END = WireEvent(data={"type": "message-end", "delta": {"finish_reason": "COMPLETE"}}, event="message-end")


def decoded(issuer: Origin, *events: WireEvent) -> list[Batch]:
    decoder = DIALECT.stream_decoder({}, issuer)
    return [decoder.decode(event) for event in (wire("message-start", {"role": "assistant"}, id="r"), *events)]


def test_a_plan_is_a_text_that_the_first_call_ends(issuer: Origin):
    batches = decoded(
        issuer,
        wire("tool-plan-delta", {"tool_plan": "I "}),
        wire("tool-plan-delta", {"tool_plan": "look."}),
        call_start(0, "look"),
        call_delta(0, "{}"),
        wire("tool-call-end", index=0),
    )

    assert [event.type for batch in batches for event in batch.events] == [
        "response_start",
        "part_start",
        "text_delta",
        "text_delta",
        "part_end",
        "part_start",
        "arguments_delta",
        "part_end",
    ]
    assert [getattr(part, "text", None) for part in fold(batches).message.parts] == ["I look.", None]


def test_calls_that_mingle_are_told_apart_by_their_numbers(issuer: Origin):
    batches = decoded(
        issuer, call_start(0, "a"), call_start(1, "b"), call_delta(1, '{"x"'), call_delta(0, "{}"), call_delta(1, ":1}")
    )

    calls = [part for part in fold(batches).message.parts if isinstance(part, ToolCall)]
    assert [(call.name, call.arguments_json) for call in calls] == [("a", "{}"), ("b", '{"x":1}')]


@pytest.mark.parametrize("content_index", [1, None])
def test_a_citation_is_for_its_text_or_for_the_last_one(issuer: Origin, content_index: int | None):
    raw = {"start": 0, "end": 1, "text": "b", **({} if content_index is None else {"content_index": content_index})}
    batches = decoded(
        issuer,
        wire("content-start", {"content": {"type": "thinking", "thinking": ""}}, index=0),
        wire("content-start", {"content": {"type": "text", "text": ""}}, index=1),
        wire("content-delta", {"content": {"text": "b"}}, index=1),
        wire("citation-start", {"citations": raw}, index=0),
        wire("citation-end", index=0),
    )

    thought, said = fold(batches).message.parts
    assert isinstance(thought, Reasoning)
    assert isinstance(said, Text)
    assert [each.raw for each in said.citations] == [raw]
    assert fold(batches).warnings == ()


def test_a_citation_finds_its_block_among_plan_and_calls(issuer: Origin):
    plan, block = {"text": "p", "type": "PLAN"}, {"text": "b", "content_index": 1}
    batches = decoded(
        issuer,
        wire("tool-plan-delta", {"tool_plan": "p"}),
        call_start(0, "look"),
        wire("content-start", {"content": {"type": "text", "text": "a"}}, index=0),
        wire("content-start", {"content": {"type": "text", "text": "b"}}, index=1),
        wire("citation-start", {"citations": plan}, index=0),
        wire("citation-start", {"citations": block}, index=1),
    )

    texts = [part for part in fold(batches).message.parts if isinstance(part, Text)]
    assert [(part.text, [each.raw for each in part.citations]) for part in texts] == [
        ("p", [plan]),
        ("a", []),
        ("b", [block]),
    ]


@pytest.mark.parametrize(
    "event",
    [
        wire("content-start", {"content": {"type": "text", "text": ""}}, index=7),
        wire("content-start", {"content": {"type": "hologram"}}, index=0),
        wire("content-delta", {"content": {"text": "x"}}, index=3),
        wire("tool-call-start", {"tool_calls": {"id": "c"}}, index=0),
        wire("citation-start", {"citations": {"content_index": 9}}, index=0),
        wire("debug", prompt="secret"),
        WireEvent(data={"type": "message-start", "id": "r"}, event="message-start"),
        WireEvent(data={"type": "message-end", "delta": {"finish_reason": None}}, event="message-end"),
        WireEvent(data={"prompt": "x"}),
        WireEvent(data="[DONE]"),
        WireEvent(data="[DONE]", event="odd", id="7"),
    ],
)
def test_an_event_of_any_shape_comes_back(issuer: Origin, event: WireEvent):
    decoder, encoder = DIALECT.stream_decoder({}, issuer), DIALECT.stream_encoder()
    encoder.encode(decoder.decode(wire("message-start", {"role": "assistant"}, id="r")))

    assert encoder.encode(decoder.decode(event)) == (event,)


def test_a_number_that_is_not_the_next_is_kept_with_all_that_follows(issuer: Origin):
    events = [
        wire("content-start", {"content": {"type": "text", "text": ""}}, index=7),
        wire("content-delta", {"content": {"text": "x"}}, index=7),
        wire("content-end", index=7),
    ]
    decoder, encoder = DIALECT.stream_decoder({}, issuer), DIALECT.stream_encoder()
    encoder.encode(decoder.decode(wire("message-start", {"role": "assistant"}, id="r")))

    batches = [decoder.decode(event) for event in events]

    assert [encoder.encode(batch) for batch in batches] == [(event,) for event in events]
    assert fold(batches).text == "x"


def test_an_error_in_place_of_an_event_fails_the_stream(issuer: Origin):
    decoder = DIALECT.stream_decoder({}, issuer)

    batch = decoder.decode(WireEvent(data={"id": "r", "message": "something broke"}))

    (failed,) = batch.events
    assert isinstance(failed, ResponseFailed)
    assert (failed.error.phase, failed.error.request_id) == ("before_first_output", "r")
    assert "something broke" not in str(failed.error)
    assert decoder.finish() == Batch(())


def test_a_failure_is_written_where_the_vendor_wrote_one_and_not_where_we_found_it(issuer: Origin):
    start, broke = wire("message-start", {"role": "assistant"}, id="r"), WireEvent(data={"message": "broke"})
    failing, cut = DIALECT.stream_decoder({}, issuer), DIALECT.stream_decoder({}, issuer)
    first, second = DIALECT.stream_encoder(), DIALECT.stream_encoder()

    told = [event for each in (start, broke) for event in first.encode(failing.decode(each))] + [*first.finish()]
    second.encode(cut.decode(start))

    assert told == [start, broke]
    assert (second.encode(cut.finish()), second.finish()) == ((), ())


def test_a_stream_that_lacked_its_terminator_is_given_one(issuer: Origin):
    decoder, encoder = DIALECT.stream_decoder({}, issuer), DIALECT.stream_encoder()
    for event in (wire("message-start", {"role": "assistant"}, id="r"), END):
        assert encoder.encode(decoder.decode(event)) == (event,)

    assert encoder.finish() == (WireEvent(data="[DONE]"),)
    assert encoder.finish() == ()


def test_a_stream_without_an_outcome_is_given_none(issuer: Origin):
    decoder, encoder = DIALECT.stream_decoder({}, issuer), DIALECT.stream_encoder()
    encoder.encode(decoder.decode(wire("message-start", {"role": "assistant"}, id="r")))

    assert encoder.finish() == ()


def test_an_end_without_a_word_is_no_end(issuer: Origin):
    decoder = DIALECT.stream_decoder({}, issuer)
    decoder.decode(WireEvent(data={"type": "message-end", "delta": {"usage": {}}}))

    (failed,) = decoder.finish().events

    assert isinstance(failed, ResponseFailed)
    assert failed.error.kind is ProviderErrorKind.STREAM_INTERRUPTED
