"""Another vendor's stream, told in the events of this dialect, with what is lost."""

from typing import Any

import pytest

from offramp.errors import ProviderError, ProviderErrorKind
from offramp.types import (
    ArgumentsDelta,
    Batch,
    Citation,
    CitationDelta,
    Event,
    KeepAlive,
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
    Unknown,
    Usage,
    UsageUpdate,
    Wire,
    WireEvent,
)
from offramp_providers.dialects.cohere_v2 import DIALECT

FOREIGN = Origin(developer="acme", host="acme", dialect="openai_chat", model="acme-1", response_id="r")
COMPLETED = ResponseEnd(Outcome(OutcomeKind.COMPLETED, raw="end_turn"))
RAW: dict[str, Any] = {"start": 0, "end": 1, "text": "a"}
OWN_CITATION = Citation(dialect=DIALECT.name, raw=RAW)


def told(*events: Event, ended: bool = True) -> tuple[list[Any], set[tuple[str, str]]]:
    """The wire events of the stream without its beginning, and the losses."""
    encoder = DIALECT.stream_encoder()
    start = encoder.encode(Batch((ResponseStart(origin=FOREIGN),)))
    assert [event.event for event in start] == ["message-start"]
    found = [event for each in events for event in encoder.encode(Batch((each,)))]
    found += encoder.finish() if ended else ()
    losses = {(loss.code, loss.path) for loss in encoder.losses} - {("served_model", "origin.model")}
    return [event.data for event in found], losses


def test_another_vendors_stream_is_told_in_these_events():
    data, losses = told(
        PartStart(0, Reasoning()),
        ReasoningDelta(0, "Hm."),
        PartEnd(0),
        PartStart(1, Text("")),
        TextDelta(1, "Looking."),
        PartStart(2, ToolCall("c", "look", "")),
        ArgumentsDelta(2, "{}"),
        ResponseEnd(Outcome(OutcomeKind.TOOL_CALLS)),
        UsageUpdate(Usage(input_tokens=3, output_tokens=2)),
    )

    assert [each if isinstance(each, str) else (each["type"], each.get("index")) for each in data] == [
        ("content-start", 0),
        ("content-delta", 0),
        ("content-end", 0),
        ("content-start", 1),
        ("content-delta", 1),
        ("tool-call-start", 0),
        ("tool-call-delta", 0),
        ("content-end", 1),
        ("tool-call-end", 0),
        ("message-end", None),
        "[DONE]",
    ]
    assert data[-2]["delta"] == {
        "finish_reason": "TOOL_CALL",
        "usage": {"tokens": {"input_tokens": 3, "output_tokens": 2}},
    }
    assert losses == set()


def test_a_call_that_ends_without_a_word_gets_the_empty_object():
    data, losses = told(PartStart(0, ToolCall("c", "look", "")), PartEnd(0), ended=False)

    assert kinds(data) == ["tool-call-start", "tool-call-delta", "tool-call-end"]
    assert data[1]["delta"]["message"]["tool_calls"]["function"] == {"arguments": "{}"}
    assert losses == {("arguments.injected", "message.parts[0].arguments_json")}


def test_a_text_that_says_nothing_leaves_no_trace_and_is_named():
    data, losses = told(PartStart(0, Text("")), PartEnd(0), ResponseEnd(Outcome(OutcomeKind.EMPTY)))

    assert [each["type"] for each in data[:-1]] == ["message-end"]
    assert losses == {("text.empty", "message.parts[0]")}


def test_without_an_outcome_nothing_is_said_of_an_end():
    data, _ = told(PartStart(0, Text("")), TextDelta(0, "a"))

    assert [each["type"] for each in data] == ["content-start", "content-delta"]


def test_a_failure_ends_the_stream_and_nothing_follows():
    error = ProviderError("it failed", kind=ProviderErrorKind.OVERLOADED, body={"error": {"message": "the prompt"}})

    data, _ = told(PartStart(0, Text("")), TextDelta(0, "a"), ResponseFailed(error), TextDelta(0, "b"))

    assert data[-1] == {"message": "it failed"}
    assert "the prompt" not in str(data)


def test_a_sign_of_life_has_no_event_here():
    assert told(KeepAlive(), ended=False) == ([], set())


def kinds(data: list[Any]) -> list[str]:
    return [each if isinstance(each, str) else each["type"] for each in data]


def said(data: list[Any]) -> list[str]:
    """The texts, in their order."""
    contents = [each["delta"]["message"]["content"] for each in data if each != "[DONE]" and each["type"] == TEXT]
    return [each.get("text") or each.get("thinking") for each in contents]


TEXT = "content-delta"


def test_its_own_citations_stand_behind_their_text_and_have_numbers_of_their_own():
    data, losses = told(
        *(PartStart(0, Text("")), TextDelta(0, "a"), CitationDelta(0, OWN_CITATION), CitationDelta(0, OWN_CITATION)),
        ended=False,
    )

    assert kinds(data) == ["content-start", TEXT, *(["citation-start", "citation-end"] * 2)]
    assert data[2]["delta"] == {"message": {"citations": RAW}}
    assert [each["index"] for each in data[2:]] == [0, 0, 1, 1]
    assert losses == set()


def test_the_ends_of_citations_are_named_as_events_too():
    encoder = DIALECT.stream_encoder()
    begun = (ResponseStart(origin=FOREIGN), PartStart(0, Text("a")), CitationDelta(0, OWN_CITATION))

    events = [event for each in begun for event in encoder.encode(Batch((each,)))]

    assert all(isinstance(event.data, dict) and event.event == event.data["type"] for event in events)
    assert events[-1] == WireEvent(data={"type": "citation-end", "index": 0}, event="citation-end")


@pytest.mark.parametrize(
    "events",
    [
        (PartStart(0, Text("a")), CitationDelta(0, Citation(dialect="openai_chat", raw=RAW))),
        (PartStart(0, Text("")), CitationDelta(0, OWN_CITATION)),
        (PartStart(0, Text("a", citations=(Citation(dialect="openai_chat", raw=RAW),))),),
    ],
    ids=["of another dialect", "ahead of its text", "of a whole text"],
)
def test_a_citation_that_has_no_place_is_named(events: tuple[Event, ...]):
    data, losses = told(*events, ended=False)

    assert "citation-start" not in kinds(data)
    assert losses == {("citations", "message.parts[0].citations")}


def test_the_citations_of_a_whole_text_of_its_own_are_told():
    data, losses = told(PartStart(0, Text("a", citations=(OWN_CITATION,))), ended=False)

    assert (kinds(data), losses) == (["content-start", TEXT, "citation-start", "citation-end"], set())


def test_of_a_part_that_has_no_place_nothing_is_told_and_one_loss_is_named():
    unknown = Unknown(dialect="openai_chat", vendor_type="t", raw={})

    data, losses = told(
        *(PartStart(0, unknown), TextDelta(0, "a"), CitationDelta(0, OWN_CITATION)),
        *(OpaqueDelta(0, Opaque("signature", "x")), PartEnd(0)),
        ended=False,
    )

    assert (data, losses) == ([], {("unknown_part", "message.parts[0]")})


def test_state_of_another_vendor_is_named():
    _, losses = told(PartStart(0, Reasoning("Hm.")), OpaqueDelta(0, Opaque("signature", "x")), ended=False)

    assert losses == {("opaque.foreign", "message.parts[0].opaque")}


def test_a_summary_is_named_and_the_thought_is_told():
    data, losses = told(
        *(PartStart(0, Reasoning("", summary=("s",))), ReasoningDelta(0, "Hm.")),
        *(PartStart(1, Reasoning("")), ReasoningDelta(1, "s", summary=0), ReasoningDelta(1, "So.")),
        ended=False,
    )

    assert said(data) == ["Hm.", "So."]
    assert losses == {("reasoning.foreign", f"message.parts[{place}].summary") for place in (0, 1)}


def test_a_thought_of_which_nothing_is_said_is_named():
    data, losses = told(PartStart(0, Reasoning("")), PartEnd(0), PartStart(1, Text("a")), COMPLETED)

    assert said(data) == ["a"]
    assert losses == {("reasoning.foreign", "message.parts[0]")}


def test_a_refusal_is_told_as_text_and_named():
    data, losses = told(
        *(PartStart(0, Refusal("No", category="harm")), RefusalDelta(0, "."), RefusalDelta(0, "")),
        *(RefusalDelta(1, "Never"), TextDelta(2, "a"), ReasoningDelta(3, "Hm.")),
        ended=False,
    )

    assert said(data) == ["No", ".", "Never", "a", "Hm."]
    assert losses == {("refusal.rewritten", "message.parts[0]"), ("refusal.category", "message.parts[0].category")}


def test_marks_of_parts_and_of_the_envelope_are_named():
    encoder = DIALECT.stream_encoder()
    residue = Wire(dialect="openai_chat", fields={"x": 1})

    encoder.encode(Batch((ResponseStart(origin=FOREIGN, wire=residue), PartStart(0, Text("a", wire=residue)))))

    assert {("vendor_field", "wire.fields.x"), ("vendor_field", "message.parts[0].wire.fields.x")} <= {
        (loss.code, loss.path) for loss in encoder.losses
    }


@pytest.mark.parametrize("origin", [None, Origin(developer="acme", host="acme", dialect="openai_chat")])
def test_an_answer_without_an_id_gets_one_and_that_is_named(origin: Origin | None):
    encoder = DIALECT.stream_encoder()

    (start,) = encoder.encode(Batch((ResponseStart(origin=origin),)))

    assert isinstance(start.data, dict)
    assert start.data["id"]
    assert [(loss.code, loss.path) for loss in encoder.losses] == [("response_id.injected", "origin.response_id")]


def test_the_id_of_an_answer_stays_and_its_model_is_named():
    encoder = DIALECT.stream_encoder()

    (start,) = encoder.encode(Batch((ResponseStart(origin=FOREIGN),)))

    assert isinstance(start.data, dict)
    assert start.data["id"] == "r"
    assert [(loss.code, loss.path) for loss in encoder.losses] == [("served_model", "origin.model")]


def test_a_call_with_its_arguments_is_told_whole_and_one_piece_for_nobody_is_not():
    data, losses = told(PartStart(0, ToolCall("c", "f", '{"a":1}')), ArgumentsDelta(9, "x"), PartEnd(0), ended=False)

    assert kinds(data) == ["tool-call-start", "tool-call-delta", "tool-call-end"]
    assert losses == set()


def test_a_part_ends_once():
    data, _ = told(PartStart(0, Text("a")), PartEnd(0), PartEnd(0), COMPLETED)

    assert kinds(data) == ["content-start", TEXT, "content-end", "message-end", "[DONE]"]


def test_counts_are_joined_and_one_that_has_no_place_is_named():
    encoder = DIALECT.stream_encoder()
    first = Usage(input_tokens=3, cache_write_tokens=1, raw={"billed_units": {"input_tokens": 3}})
    events = (ResponseStart(origin=FOREIGN, usage=first), PartStart(0, Text("a")), UsageUpdate(Usage(output_tokens=2)))
    for event in (*events, COMPLETED):
        encoder.encode(Batch((event,)))

    _, end, done = encoder.finish()

    assert end.data == {
        "type": "message-end",
        "delta": {"finish_reason": "COMPLETE", "usage": {"tokens": {"input_tokens": 3, "output_tokens": 2}}},
    }
    assert (end.event, done.data, encoder.finish()) == ("message-end", "[DONE]", ())
    assert ("usage", "usage.cache_write_tokens") in {(loss.code, loss.path) for loss in encoder.losses}
    assert encoder.encode(Batch((TextDelta(0, "late"),))) == ()


def test_an_outcome_without_a_word_is_named_and_none_is_said():
    data, losses = told(PartStart(0, Text("a")), ResponseEnd(Outcome(OutcomeKind.PAUSED)))

    assert data[-2] == {"type": "message-end", "delta": {}}
    assert ("outcome.rewritten", "outcome.kind") in losses


def test_a_failure_behind_the_outcome_comes_after_the_end():
    error = ProviderError("it failed", kind=ProviderErrorKind.SERVER)

    data, _ = told(PartStart(0, Text("a")), COMPLETED, ResponseFailed(error))

    assert kinds(data[:-1]) == ["content-start", TEXT, "content-end", "message-end"]
    assert data[-1] == {"message": "it failed"}
