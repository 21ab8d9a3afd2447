"""A stream of another dialect as lines: what each event becomes, and what is named that no line says."""

from typing import Any

from offramp.errors import ProviderError, ProviderErrorKind
from offramp.types import (
    ArgumentsDelta,
    Batch,
    Citation,
    CitationDelta,
    DataSource,
    Event,
    Media,
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
)
from offramp_providers.dialects.ollama_native import DIALECT

ENVELOPE = {"model": "acme-1", "created_at": "1970-01-01T00:00:00Z"}
DONE = ResponseEnd(Outcome(OutcomeKind.COMPLETED, raw="end_turn"))
MADE_UP = ("envelope.injected", "wire.fields.created_at")


def told(*events: Event) -> tuple[list[Any], list[tuple[str, str]]]:
    """The lines, and code and path of each loss."""
    encoder = DIALECT.stream_encoder()
    lines = [line.data for event in events for line in encoder.encode(Batch((event,)))]
    lines += [line.data for line in encoder.finish()]
    return lines, [(loss.code, loss.path) for loss in encoder.losses]


def line(**message: Any) -> dict[str, Any]:
    return {**ENVELOPE, "message": {"role": "assistant", "content": "", **message}, "done": False}


def last(word: str | None = "stop", **counts: int) -> dict[str, Any]:
    end = {"done_reason": word} if word else {}
    return {**ENVELOPE, "message": {"role": "assistant", "content": ""}, "done": True, **end, **counts}


def test_an_answer_of_which_nothing_is_told_has_a_made_up_envelope() -> None:
    lines, losses = told(ResponseStart(), PartStart(0, Text("a")), DONE)

    assert [one["model"] for one in lines] == ["", ""]
    assert losses == [MADE_UP, ("envelope.injected", "origin.model")]


def test_the_model_is_told_and_the_id_of_the_answer_is_named(other: Origin) -> None:
    origin = Origin(developer="acme", host="acme", dialect=other.dialect, model="acme-1", response_id="r-1")

    lines, losses = told(ResponseStart(origin=origin), PartStart(0, Text("a")), DONE)

    assert lines == [line(content="a"), last()]
    assert losses == [MADE_UP, ("response_id", "origin.response_id")]


def test_another_vendors_word_and_raw_counts_are_not_repeated(other: Origin) -> None:
    first = Usage(input_tokens=3, raw={"prompt_eval_count": 3, "total_duration": 5})

    lines, losses = told(
        ResponseStart(origin=other, usage=first),
        PartStart(0, Text("a")),
        UsageUpdate(Usage(output_tokens=2, reasoning_tokens=1)),
        DONE,
    )

    assert lines[-1] == last(prompt_eval_count=3, eval_count=2)
    assert losses == [MADE_UP, ("usage", "usage.reasoning_tokens")]


def test_counts_of_elsewhere_are_written_by_what_they_say_and_not_by_their_raw_form(other: Origin) -> None:
    counts = Usage(input_tokens=3, raw={"prompt_eval_count": 3, "total_duration": 5})

    lines, _ = told(ResponseStart(origin=other, usage=counts), PartStart(0, Text("a")), DONE)

    assert lines[-1] == last(prompt_eval_count=3)


def test_texts_come_as_they_are_said_and_those_of_one_field_are_joined_by_name(other: Origin) -> None:
    lines, losses = told(
        ResponseStart(origin=other),
        *(PartStart(0, Reasoning("")), ReasoningDelta(0, "h"), ReasoningDelta(0, "m"), PartEnd(0)),
        *(PartStart(1, Text("")), TextDelta(1, ""), TextDelta(1, "a"), PartEnd(1)),
        *(PartStart(2, Text("b")), PartEnd(2)),
        DONE,
    )

    assert lines == [line(thinking="h"), line(thinking="m"), line(content="a"), line(content="b"), last()]
    assert losses == [MADE_UP, ("text.joined", "message.parts[2]")]


def test_a_text_that_never_came_is_named(other: Origin) -> None:
    lines, losses = told(ResponseStart(origin=other), PartStart(0, Text("")), PartEnd(0), DONE)

    assert lines == [last()]
    assert losses == [
        MADE_UP,
        ("text.empty", "message.parts[0]"),
        ("outcome.rewritten", "outcome.kind"),
    ]


def test_calls_are_numbered_and_wait_until_they_are_whole(other: Origin) -> None:
    lines, _ = told(
        ResponseStart(origin=other),
        *(PartStart(0, ToolCall("c", "f", "")), ArgumentsDelta(0, '{"a"'), ArgumentsDelta(0, ":1}")),
        *(PartStart(1, ToolCall("d", "g", None)), ArgumentsDelta(1, "{}")),
        *(ArgumentsDelta(7, "nobody's"), PartEnd(1)),
        ResponseEnd(Outcome(OutcomeKind.TOOL_CALLS)),
    )

    made = [{"id": "d", "function": {"index": 0, "name": "g", "arguments": {}}}]
    made += [{"id": "c", "function": {"index": 1, "name": "f", "arguments": {"a": 1}}}]
    assert lines == [*(line(tool_calls=[each]) for each in made), last()]


def test_a_refusal_is_said_whole_and_named(other: Origin) -> None:
    lines, losses = told(
        ResponseStart(origin=other),
        *(PartStart(0, Refusal("")), RefusalDelta(0, "No"), RefusalDelta(0, ".")),
        *(RefusalDelta(1, "Never"), PartEnd(1), PartEnd(0)),
        ResponseEnd(Outcome(OutcomeKind.REFUSAL, category="harm")),
    )

    assert lines == [line(content="Never"), line(content="No."), last(None)]
    assert {("outcome.rewritten", "outcome.kind"), ("outcome.rewritten", "outcome.category")} < {*losses}


def test_what_no_line_holds_is_named_at_its_place(other: Origin) -> None:
    _, losses = told(
        ResponseStart(origin=other),
        *(PartStart(0, Reasoning("", summary=("s",))), ReasoningDelta(0, "h")),
        OpaqueDelta(0, Opaque("signature", "x")),
        *(PartStart(1, Reasoning("")), ReasoningDelta(1, "t", summary=0), ReasoningDelta(1, "u")),
        *(PartStart(2, Text("", opaque=(Opaque("signature", "x"),))), TextDelta(2, "a")),
        CitationDelta(2, Citation(dialect="openai_chat", raw={})),
        DONE,
    )

    assert losses == [
        MADE_UP,
        ("reasoning.foreign", "message.parts[0].summary"),
        ("opaque.foreign", "message.parts[0].opaque"),
        ("reasoning.foreign", "message.parts[1].summary"),
        ("text.joined", "message.parts[1]"),
        ("opaque.foreign", "message.parts[2].opaque"),
        ("citations", "message.parts[2].citations"),
    ]


def test_images_and_films_are_lines_of_their_own_and_no_text_is_joined_over_them(other: Origin) -> None:
    lines, losses = told(
        ResponseStart(origin=other),
        *(PartStart(0, Media(DataSource("AAAA"), kind="image")), PartStart(1, Media(DataSource("BBBB"), kind="video"))),
        DONE,
    )

    assert lines == [line(images=["AAAA"]), line(videos=["BBBB"]), last()]
    assert losses == [MADE_UP]


def test_what_a_whole_part_and_the_envelope_carry_besides_is_named(other: Origin) -> None:
    cited = Text("a", citations=(Citation(dialect="openai_chat", raw={}),))

    lines, losses = told(
        ResponseStart(origin=other, wire=Wire(dialect="openai_chat", fields={"x": 1})),
        *(PartStart(0, cited), PartStart(1, Unknown(dialect="openai_chat", vendor_type="t", raw={}))),
        DONE,
    )

    assert lines == [line(content="a"), last()]
    assert losses == [
        ("vendor_field", "wire.fields.x"),
        MADE_UP,
        ("citations", "message.parts[0].citations"),
        ("unknown_part", "message.parts[1]"),
    ]


def test_a_failure_is_the_last_word(other: Origin) -> None:
    error = ProviderError("it failed", kind=ProviderErrorKind.SERVER, vendor_code="e-7")

    lines, losses = told(
        ResponseStart(origin=other), PartStart(0, Text("a")), ResponseFailed(error), TextDelta(0, "late"), DONE
    )

    assert lines == [line(content="a"), {"error": "ollama_native: server"}]
    assert losses == [MADE_UP, ("outcome.rewritten", "outcome.kind")]


def test_a_failure_behind_the_outcome_comes_after_what_is_left(other: Origin) -> None:
    error = ProviderError("it failed", kind=ProviderErrorKind.SERVER)

    lines, losses = told(
        ResponseStart(origin=other), PartStart(0, ToolCall("c", "f", "{}")), DONE, ResponseFailed(error)
    )

    assert [one.get("done") for one in lines] == [False, True, None]
    assert ("outcome.rewritten", "outcome.kind") in losses  # calls were made, and completion was claimed


def test_a_stream_ends_once(other: Origin) -> None:
    encoder = DIALECT.stream_encoder()
    for event in (ResponseStart(origin=other), PartStart(0, Text("a")), DONE):
        encoder.encode(Batch((event,)))

    assert [len(encoder.finish()) for _ in range(2)] == [1, 0]
    assert encoder.encode(Batch((TextDelta(0, "late"),))) == ()
