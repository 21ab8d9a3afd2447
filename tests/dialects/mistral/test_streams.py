"""Streams: what each delta means, and what another vendor's stream becomes on this wire."""

from collections.abc import Sequence
from typing import Any

import pytest

from offramp.types import (
    AnyResponse,
    ArgumentsDelta,
    Batch,
    Cache,
    Citation,
    CitationDelta,
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
    ResponseStart,
    Text,
    TextDelta,
    ToolCall,
    Usage,
    UsageUpdate,
    Wire,
    WireEvent,
    fold,
)
from offramp_providers.dialects.mistral import DIALECT

REFERENCE = {"type": "reference", "reference_ids": [1]}
OTHER = Origin(developer="acme", host="acme", dialect="anthropic_messages", model="acme-1", response_id="r")


def _chunk(delta: Any, finish: str | None = None, **more: Any) -> WireEvent:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return WireEvent(
        data={"id": "i", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice], **more}
    )


def _thinking(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "thinking", "thinking": [{"type": "text", "text": text}], **more}


def _read(issuer: Origin, *events: WireEvent) -> AnyResponse:
    """What they fold to; each comes back as it was."""
    decoder, encoder = DIALECT.stream_decoder({}, issuer), DIALECT.stream_encoder()
    batches = [decoder.decode(event) for event in events]
    assert [encoder.encode(batch) for batch in batches] == [(event,) for event in events]
    assert encoder.losses == ()
    return fold([*batches, decoder.finish()])


def test_text_and_thinking_are_parts_in_their_order(issuer: Origin) -> None:
    response = _read(
        issuer,
        _chunk({"role": "assistant", "content": ""}),
        _chunk({"content": [_thinking("Hm")]}, p="abc"),
        _chunk({"content": [_thinking(".")]}, p="a"),
        _chunk({"content": [{"type": "text", "text": "Ye"}]}),
        _chunk({"content": "s"}),
        _chunk({"content": [_thinking("Really?"), {"type": "text", "text": " Yes."}]}),
        _chunk({"content": ""}, "stop", usage={"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}),
        WireEvent(data="[DONE]"),
    )

    said = [(part.type, getattr(part, "text", None)) for part in response.message.parts]
    assert said == [("reasoning", "Hm."), ("text", "Yes"), ("reasoning", "Really?"), ("text", " Yes.")]
    assert (response.outcome.kind, response.usage.output_tokens) == (OutcomeKind.COMPLETED, 2)


@pytest.mark.parametrize(
    "content",
    [
        [_thinking("Hm", closed=True)],
        [_thinking("Hm", signature="s")],
        [{"type": "thinking", "thinking": [{"type": "text", "text": "H"}, {"type": "text", "text": "m"}]}],
        [
            {
                "type": "thinking",
                "thinking": [{"type": "text", "text": "Hm"}, REFERENCE],
            }
        ],
    ],
    ids=str,
)
def test_thinking_that_says_more_than_a_text_is_read_and_comes_back(issuer: Origin, content: Any) -> None:
    part = _read(issuer, _chunk({"content": content}), _chunk({}, "stop")).message.parts[0]

    assert isinstance(part, Reasoning)
    assert part.text == "Hm"
    assert part.opaque == ((Opaque("signature", "s"),) if "signature" in content[0] else ())


def test_references_are_citations_and_end_the_text(issuer: Origin) -> None:
    one, two = {"type": "reference", "reference_ids": [1]}, {"type": "reference", "reference_ids": [2]}

    response = _read(
        issuer,
        _chunk({"content": "a"}),
        _chunk({"content": [one, two]}),
        _chunk({"content": "b"}),
        _chunk({"content": [{"type": "text", "text": "c"}, one]}),
        _chunk({}, "stop"),
    )

    texts = [part for part in response.message.parts if isinstance(part, Text)]
    assert [(part.text, [each.raw for each in part.citations]) for part in texts] == [("a", [one, two]), ("bc", [one])]


def test_calls_come_whole_or_in_pieces(issuer: Origin) -> None:
    begun = {"id": "aaaaaaaa1", "type": "function", "function": {"name": "f", "arguments": '{"a"'}, "index": 0}
    whole = {"id": "aaaaaaaa2", "function": {"name": "g", "arguments": "{}"}}

    response = _read(
        issuer,
        _chunk({"tool_calls": [begun]}),
        _chunk({"tool_calls": [{"index": 0, "function": {"arguments": ": 1}"}}]}),
        _chunk({"tool_calls": [whole]}),
        _chunk({"tool_calls": [{"id": "aaaaaaaa3", "index": 2, "function": {"name": "h", "arguments": {"b": 2}}}]}),
        _chunk({"content": ""}, "tool_calls"),
    )

    calls = [part for part in response.message.parts if isinstance(part, ToolCall)]
    assert [(call.call_id, call.name, call.arguments_json) for call in calls] == [
        ("aaaaaaaa1", "f", '{"a": 1}'),
        ("aaaaaaaa2", "g", "{}"),
        ("aaaaaaaa3", "h", '{"b":2}'),
    ]


def test_a_call_that_goes_on_under_the_id_null_is_the_same(issuer: Origin) -> None:
    begun = {"id": "aaaaaaaa1", "function": {"name": "f", "arguments": '{"a"'}, "index": 0}
    more = {"id": "null", "function": {"name": "", "arguments": ": 1}"}, "index": 0}

    response = _read(issuer, _chunk({"tool_calls": [begun]}), _chunk({"tool_calls": [more]}), _chunk({}, "tool_calls"))

    calls = [part for part in response.message.parts if isinstance(part, ToolCall)]
    assert [call.arguments_json for call in calls] == ['{"a": 1}']


def test_an_unknown_chunk_of_content_is_a_part_of_its_own(issuer: Origin) -> None:
    odd = {"type": "hologram", "beam": 1}

    response = _read(issuer, _chunk({"content": "a"}), _chunk({"content": [odd]}), _chunk({"content": "b"}, "stop"))

    assert [part.type for part in response.message.parts] == ["text", "unknown", "text"]


def test_two_answers_are_told_apart(issuer: Origin) -> None:
    def both(first: Any, second: Any, finish: str | None = None) -> WireEvent:
        choices = [
            {"index": number, "delta": {"content": text}, "finish_reason": finish}
            for number, text in enumerate((first, second))
        ]
        return WireEvent(data={"id": "i", "model": "m", "choices": choices})

    response = _read(issuer, both("a", "x"), both("b", "y"), both("", "", "stop"))

    assert (response.message.text, [each.message.text for each in response.alternatives]) == ("ab", ["xy"])


# Another vendor's streams.


def _written(*events: Event) -> tuple[list[Any], list[tuple[str, str]], AnyResponse]:
    """Deltas with the last words, the losses besides the envelope's, and what a reader folds of it."""
    encoder = DIALECT.stream_encoder()
    batches = [Batch((each,)) for each in (ResponseStart(origin=OTHER), *events)]
    written = [event for batch in batches for event in encoder.encode(batch)] + list(encoder.finish())
    decoder = DIALECT.stream_decoder({}, OTHER)
    read = fold([*(decoder.decode(event) for event in written), decoder.finish()])
    losses = [(loss.code, loss.path) for loss in encoder.losses if not loss.code.startswith("envelope")]
    return _deltas(written), losses, read


def _deltas(written: Sequence[WireEvent]) -> list[Any]:
    chunks = [event.data for event in written if isinstance(event.data, dict)]
    return [chunk["choices"][0]["delta"] for chunk in chunks if chunk["choices"]]


END = ResponseEnd(Outcome(OutcomeKind.COMPLETED, raw="end_turn"))


def test_another_vendors_parts_have_this_vendors_deltas() -> None:
    deltas, losses, read = _written(
        PartStart(0, Reasoning()),
        ReasoningDelta(0, "Hm."),
        PartEnd(0),
        PartStart(1, Text("")),
        TextDelta(1, "Ye"),
        TextDelta(1, "s."),
        PartEnd(1),
        PartStart(2, ToolCall("call_1", "f", "")),
        ArgumentsDelta(2, '{"a"'),
        ArgumentsDelta(2, ": 1}"),
        PartEnd(2),
        ResponseEnd(Outcome(OutcomeKind.TOOL_CALLS, raw="tool_use")),
        UsageUpdate(Usage(input_tokens=3, output_tokens=4, reasoning_tokens=1)),
    )

    assert deltas[1:4] == [{"content": [_thinking("Hm.")]}, {"content": "Ye"}, {"content": "s."}]
    assert losses == [("usage", "usage.reasoning_tokens")]
    assert [part.type for part in read.message.parts] == ["reasoning", "text", "tool_call"]
    assert read.outcome.kind is OutcomeKind.TOOL_CALLS


def test_neighbouring_texts_are_named_as_joined_and_parted_ones_are_not() -> None:
    _, joined, _ = _written(PartStart(0, Text("a")), PartEnd(0), PartStart(1, Text("b")), PartEnd(1), END)
    _, parted, _ = _written(
        PartStart(0, Text("a")), PartEnd(0), PartStart(1, Reasoning("h")), PartEnd(1), PartStart(2, Text("b")), END
    )

    assert joined == [("text.joined", "message.parts[1]")]
    assert parted == []


@pytest.mark.parametrize(
    ("events", "losses"),
    [
        (
            [PartStart(0, Refusal("")), RefusalDelta(0, "No."), PartEnd(0)],
            [("refusal.rewritten", "message.parts[0]")],
        ),
        (
            [
                PartStart(0, Text("a")),
                CitationDelta(0, Citation(dialect="gemini", raw={})),
                OpaqueDelta(0, Opaque("signature", "s")),
            ],
            [("citations", "message.parts[0].citations"), ("opaque.foreign", "message.parts[0].opaque")],
        ),
        (
            [PartStart(0, Reasoning()), ReasoningDelta(0, "short", summary=0), PartEnd(0)],
            [("reasoning.foreign", "message.parts[0].summary"), ("text.empty", "message.parts[0]")],
        ),
        (
            [PartStart(0, Reasoning("h", summary=("s",), cache=Cache())), PartEnd(0)],
            [("cache", "message.parts[0].cache"), ("reasoning.foreign", "message.parts[0].summary")],
        ),
        (
            [PartStart(0, ToolCall("c", "f", None)), PartEnd(0)],
            [("arguments.injected", "message.parts[0].arguments_json")],
        ),
        (
            [PartStart(0, ToolCall("c", "f", "{}", executor="vendor")), PartEnd(0)],
            [("vendor_tool", "message.parts[0]")],
        ),
        (
            [PartStart(0, Text("a", wire=Wire(dialect="gemini", fields={"x": 1, "y": None}))), PartEnd(0)],
            [("vendor_field", "message.parts[0].wire.fields.x")],
        ),
    ],
)
def test_what_this_stream_cannot_say_is_named(events: list[Event], losses: list[Any]) -> None:
    # Of an answer of calls, or of nothing, the word `stop` is told apart by itself.
    assert [each for each in _written(*events, END)[1] if each[0] != "outcome.rewritten"] == losses


def test_calls_that_take_turns_keep_their_arguments() -> None:
    deltas, _, read = _written(
        PartStart(0, ToolCall("a", "f", "")),
        PartStart(1, ToolCall("b", "g", "")),
        ArgumentsDelta(0, "{}"),
        ArgumentsDelta(1, "["),
        ArgumentsDelta(1, "]"),
        END,
    )

    assert [part.arguments_json for part in read.message.parts if isinstance(part, ToolCall)] == ["{}", "[]"]
    assert deltas[3] == {"tool_calls": [{"index": 0, "function": {"arguments": "{}"}}]}


def test_without_an_outcome_nothing_claims_an_end() -> None:
    encoder = DIALECT.stream_encoder()
    encoder.encode(Batch((ResponseStart(origin=OTHER), PartStart(0, Text("a")))))

    assert encoder.finish() == ()
