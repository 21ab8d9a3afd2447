"""Streams beyond what was recorded: ends that tell more, items side by side, failures, and other vendors' streams."""

from typing import Any

import pytest

from offramp.errors import ProviderError, ProviderErrorKind
from offramp.types import (
    ArgumentsDelta,
    Batch,
    KeepAlive,
    Opaque,
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
from offramp_providers.dialects.openai_responses import DIALECT

OWN = Origin(developer="openai", host="openai", dialect=DIALECT.name, account="ours")
CREATED = {"type": "response.created", "sequence_number": 0, "response": {"id": "resp_1", "model": "m", "output": []}}
TEXT = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}


def _events(*told: dict[str, Any]) -> list[WireEvent]:
    return [WireEvent(data=data, event=data["type"]) for data in told]


def _read(*told: dict[str, Any]) -> list[Batch]:
    """The batches; each has to give its event back."""
    decoder, encoder = DIALECT.stream_decoder({}, OWN), DIALECT.stream_encoder()
    events = _events(*told)
    batches = [decoder.decode(event) for event in events]
    assert [encoder.encode(batch) for batch in batches] == [(event,) for event in events]
    return batches


def _item(kind: str, place: int, item: dict[str, Any]) -> dict[str, Any]:
    return {"type": f"response.output_item.{kind}", "output_index": place, "item": item}


CALL = {"type": "function_call", "id": "fc_1", "call_id": "c1", "name": "f", "arguments": "", "status": "in_progress"}


def test_arguments_that_only_the_end_tells_are_not_missed() -> None:
    done = {**CALL, "arguments": '{"a":1}', "status": "completed"}

    response = fold(_read(CREATED, _item("added", 0, CALL), _item("done", 0, done)))

    (call,) = response.message.parts
    assert isinstance(call, ToolCall)
    assert call.arguments_json == '{"a":1}'


def test_a_text_that_only_the_end_tells_is_not_missed() -> None:
    message = {"type": "message", "id": "m", "role": "assistant", "content": [{**TEXT, "text": "Hello"}]}
    end = {"type": "response.completed", "response": {"id": "resp_1", "status": "completed", "output": [message]}}

    assert fold(_read(CREATED, end)).text == "Hello"
    assert fold(_read(CREATED, _item("done", 0, message), end)).text == "Hello"


def test_the_end_of_a_text_tells_what_its_deltas_left_out() -> None:
    where = {"item_id": "m", "output_index": 0, "content_index": 0}
    message = {"type": "message", "id": "m", "role": "assistant", "content": []}
    told = [
        CREATED,
        _item("added", 0, message),
        {"type": "response.content_part.added", **where, "part": TEXT},
        {"type": "response.output_text.delta", **where, "delta": "Hel"},
        {"type": "response.output_text.done", **where, "text": "Hello"},
    ]

    assert fold(_read(*told)).text == "Hello"


def test_calls_whose_arguments_come_in_turns_keep_their_own() -> None:
    other = {**CALL, "id": "fc_2", "call_id": "c2"}
    kind = "response.function_call_arguments.delta"
    told = [
        CREATED,
        _item("added", 0, CALL),
        _item("added", 1, other),
        *({"type": kind, "output_index": place, "item_id": f"fc_{place + 1}", "delta": text} for place, text in TURNS),
    ]

    parts = fold(_read(*told)).message.parts

    assert [part.arguments_json for part in parts if isinstance(part, ToolCall)] == ["ab", "xy"]


TURNS = ((0, "a"), (1, "x"), (0, "b"), (1, "y"))


def test_sealed_reasoning_is_taken_from_the_end_of_its_item() -> None:
    item = {"type": "reasoning", "id": "rs", "summary": [], "encrypted_content": "early"}
    kind = "response.reasoning_summary"
    told = [
        CREATED,
        _item("added", 0, item),
        {"type": f"{kind}_part.added", "summary_index": 0, "part": {"type": "summary_text", "text": ""}},
        {"type": f"{kind}_text.delta", "summary_index": 0, "delta": "One"},
        {"type": f"{kind}_text.delta", "summary_index": 1, "delta": "Two"},
        _item("done", 0, {**item, "encrypted_content": "late"}),
    ]

    (part,) = fold(_read(*told)).message.parts

    assert isinstance(part, Reasoning)
    assert (part.text, part.summary) == (None, ("One", "Two"))
    assert part.opaque[1] == Opaque("encrypted_reasoning", "late", scope="account")


def test_an_index_beyond_belief_is_kept_and_not_followed() -> None:
    item = {"type": "reasoning", "id": "rs", "summary": []}
    far = {"type": "response.reasoning_summary_text.delta", "summary_index": 10**9, "delta": "x"}

    batches = _read(CREATED, _item("added", 0, item), far)

    assert batches[-1].events == (KeepAlive(),)


@pytest.mark.parametrize(
    "event",
    [
        {"type": "error", "code": "rate_limit_exceeded", "message": "m", "param": None},
        {"type": "error", "error": {"type": "requests", "code": "rate_limit_exceeded"}},
        {"type": "response.failed", "response": {"status": "failed", "error": {"code": "rate_limit_exceeded"}}},
    ],
)
def test_a_failure_in_the_stream_is_a_failure_with_its_kind(event: dict[str, Any]) -> None:
    failed = _read(CREATED, event)[-1].events[-1]

    assert isinstance(failed, ResponseFailed)
    assert (failed.error.kind, failed.error.vendor_code) == (ProviderErrorKind.RATE_LIMITED, "rate_limit_exceeded")
    assert failed.error.phase == "before_first_output"


def test_an_end_without_an_outcome_is_an_interruption() -> None:
    decoder = DIALECT.stream_decoder({}, OWN)
    for event in _events(CREATED, _item("added", 0, CALL)):
        decoder.decode(event)

    (failed,) = decoder.finish().events

    assert isinstance(failed, ResponseFailed)
    assert (failed.error.kind, failed.error.phase) == ("stream_interrupted", "mid_stream")


def test_a_stream_of_ours_that_broke_off_says_so() -> None:
    encoder = DIALECT.stream_encoder()
    error = ProviderError("it broke", kind=ProviderErrorKind.STREAM_INTERRUPTED)

    (event,) = encoder.encode(Batch((ResponseFailed(error),)))

    assert (event.event, event.data) == ("error", {"type": "error", "sequence_number": 0, **BROKEN})


BROKEN = {"code": "server_error", "message": "it broke", "param": None}


def _foreign(*batches: tuple[Any, ...]) -> tuple[list[WireEvent], set[str]]:
    encoder = DIALECT.stream_encoder()
    events = [event for batch in batches for event in encoder.encode(Batch(batch))]
    return [*events, *encoder.finish()], {loss.code for loss in encoder.losses}


START = (ResponseStart(origin=Origin(developer="a", host="a", dialect="acme", model="m", response_id="r")),)


def test_another_vendors_stream_is_told_event_by_event_and_again_whole() -> None:
    events, losses = _foreign(
        START,
        (PartStart(0, Reasoning()), ReasoningDelta(0, "Think."), PartEnd(0)),
        (PartStart(1, Text("")), TextDelta(1, "Hi"), PartEnd(1)),
        (PartStart(2, ToolCall("c", "f", "")), ArgumentsDelta(2, "{}")),
        (UsageUpdate(Usage(input_tokens=1, output_tokens=2)), ResponseEnd(Outcome(OutcomeKind.TOOL_CALLS))),
    )

    numbers = [event.data["sequence_number"] for event in events if isinstance(event.data, dict)]
    assert numbers == list(range(len(events)))
    last: Any = events[-1].data
    assert last["type"] == "response.completed"
    assert [item["type"] for item in last["response"]["output"]] == ["reasoning", "message", "function_call"]
    assert last["response"]["usage"]["total_tokens"] == 3
    assert losses == {"envelope.injected"}


def test_another_vendors_stream_reads_as_it_was() -> None:
    events, _ = _foreign(
        START,
        (PartStart(0, Text("A")), PartStart(1, ToolCall("c", "f", "")), ArgumentsDelta(1, "[1]")),
        (RefusalDelta(5, "No"), TextDelta(0, " late")),
        (ResponseEnd(Outcome(OutcomeKind.MAX_OUTPUT)),),
    )
    decoder = DIALECT.stream_decoder({}, OWN)

    response = fold([decoder.decode(event) for event in events])

    assert response.text == "A late"
    assert [part.text for part in response.message.parts if isinstance(part, Refusal)] == ["No"]
    assert [part.arguments_json for part in response.message.parts if isinstance(part, ToolCall)] == ["[1]"]
    assert (response.outcome.kind, response.outcome.raw) == (OutcomeKind.REFUSAL, "max_output_tokens")


def test_another_vendors_stream_without_an_outcome_is_not_ended() -> None:
    events, _ = _foreign(START, (PartStart(0, Text("")), TextDelta(0, "Hi")))

    assert [event.event for event in events if event.event in ("response.completed", "response.incomplete")] == []


def test_what_another_vendors_stream_alone_can_say_is_named() -> None:
    _, losses = _foreign(
        START,
        (PartStart(0, ToolCall("c", "search", "", executor="vendor")),),
        (PartStart(0, Text(""), candidate=1), ResponseEnd(Outcome(OutcomeKind.STOP_SEQUENCE, stop_sequence="x"))),
    )

    assert losses == {"envelope.injected", "vendor_tool", "alternatives", "outcome.rewritten"}
