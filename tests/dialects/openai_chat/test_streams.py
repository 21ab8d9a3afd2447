"""Streams: order and framing of what is read, and what another vendor's stream becomes on this wire."""

from typing import Any

from offramp.errors import ProviderError, ProviderErrorKind
from offramp.types import (
    ArgumentsDelta,
    Batch,
    Cache,
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
    ResponseEnd,
    ResponseFailed,
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
from offramp_providers.dialects.openai_chat import DIALECT

ENVELOPE = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "served"}


def _chunk(delta: dict[str, Any], finish: Any = None, index: int = 0, **rest: Any) -> dict[str, Any]:
    choice = {"index": index, "delta": delta, "logprobs": None, "finish_reason": finish}
    return {**ENVELOPE, "choices": [choice], **rest}


def _read(chunks: list[Any], issuer: Origin) -> list[Batch]:
    """The batches of these events, which must also come back as they were."""
    events = [WireEvent(data=chunk) for chunk in chunks]
    decoder, encoder = DIALECT.stream_decoder({}, issuer), DIALECT.stream_encoder()
    batches = [decoder.decode(event) for event in events]
    assert [encoder.encode(batch) for batch in batches] == [(event,) for event in events]
    assert encoder.losses == ()
    assert decoder.finish() == Batch(()) or any(type(e) is ResponseFailed for b in batches for e in b.events)
    return batches


def _call(index: int, **fields: Any) -> dict[str, Any]:
    function = {key: fields.pop(key) for key in ("name", "arguments") if key in fields}
    return {"tool_calls": [{"index": index, **fields, "function": function}]}


def test_parts_open_in_the_order_of_the_wire(issuer: Origin) -> None:
    batches = _read(
        [
            _chunk({"role": "assistant", "reasoning": "hm"}),
            _chunk({"content": "Let "}),
            _chunk({"content": "me."}),
            _chunk(_call(0, id="a", type="function", name="f", arguments="")),
            _chunk(_call(0, arguments='{"x"')),
            _chunk(_call(1, id="b", type="function", name="g", arguments="{}")),
            _chunk(_call(0, arguments=":1}")),
            _chunk({}, "tool_calls"),
            "[DONE]",
        ],
        issuer,
    )

    response = fold(batches)

    assert response.message.parts == (
        Reasoning("hm", wire=Wire(dialect=DIALECT.name, form=("reasoning=reasoning",))),
        Text("Let me."),
        ToolCall("a", "f", '{"x":1}'),
        ToolCall("b", "g", "{}"),
    )
    assert response.outcome == Outcome(OutcomeKind.TOOL_CALLS, raw="tool_calls")
    assert response.warnings == ()


def test_every_part_that_opens_is_closed_before_the_end(issuer: Origin) -> None:
    batches = _read([_chunk({"reasoning": "a"}), _chunk({"content": "b"}), _chunk({}, "stop")], issuer)

    events = [event for batch in batches for event in batch.events]
    assert [event.type for event in events] == [
        "response_start",
        "part_start",
        "reasoning_delta",
        "part_end",
        "part_start",
        "text_delta",
        "part_end",
        "response_end",
    ]
    assert all(event.synthetic for event in events if isinstance(event, PartStart | PartEnd))


def test_the_repeated_envelope_is_kept_once(issuer: Origin) -> None:
    batches = _read(
        [_chunk({"content": text}, usage=None) for text in "abc"] + [_chunk({}, "stop", usage=None)], issuer
    )

    assert type(batches[0].events[0]) is ResponseStart
    assert batches[1] == Batch((TextDelta(0, "b"),))
    assert batches[3].wire is None


def test_usage_comes_in_a_chunk_of_its_own(issuer: Origin) -> None:
    usage = {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}

    batches = _read([_chunk({"content": "a"}), _chunk({}, "stop"), {**ENVELOPE, "choices": [], "usage": usage}], issuer)

    assert batches[2].events == (UsageUpdate(Usage(input_tokens=3, output_tokens=4, raw=usage)),)


def test_several_answers_are_told_apart(issuer: Origin) -> None:
    both = {
        **ENVELOPE,
        "choices": [
            {"index": 1, "delta": {"content": "B"}, "logprobs": None, "finish_reason": None},
            {"index": 0, "delta": {"content": "A"}, "logprobs": None, "finish_reason": None},
        ],
    }

    batches = _read([both, _chunk({"content": "b"}, index=1), _chunk({}, "stop"), _chunk({}, "length", 1)], issuer)

    response = fold(batches)
    assert response.text == "A"
    assert response.alternatives[0].message.text == "Bb"
    assert response.alternatives[0].outcome.kind is OutcomeKind.MAX_OUTPUT


def test_filter_results_before_the_answer_do_not_begin_it(issuer: Origin) -> None:
    first = {"id": "", "object": "", "created": 0, "model": "", "choices": [], "prompt_filter_results": [{}]}

    batches = _read([first, _chunk({"content": "a"}), _chunk({}, "stop")], issuer)

    assert batches[0].events == (KeepAlive(),)
    assert fold(batches).origin == Origin(
        developer="openai", host="openai", dialect=DIALECT.name, model="served", response_id="c1"
    )


def test_another_model_in_mid_stream_is_told(issuer: Origin) -> None:
    batches = _read(
        [_chunk({"content": "a"}), _chunk({"content": "b"}, model="other"), _chunk({}, "stop", model="other")], issuer
    )

    response = fold(batches)

    assert response.origin is not None
    assert (response.origin.model, response.text) == ("other", "ab")


def test_an_error_in_mid_stream_ends_it(issuer: Origin) -> None:
    error = {"error": {"message": "secret words", "type": "server_error", "code": "rate_limit_exceeded"}}

    batches = _read([_chunk({"content": "a"}), error], issuer)

    failed = batches[1].events[-1]
    assert isinstance(failed, ResponseFailed)
    assert (failed.error.kind, failed.error.phase) == (ProviderErrorKind.RATE_LIMITED, "mid_stream")
    assert "secret words" not in str(failed.error)


def test_an_error_before_any_output_leaves_other_endpoints_open(issuer: Origin) -> None:
    batches = _read([_chunk({"role": "assistant", "content": ""}), {"error": {"message": "m", "code": 503}}], issuer)

    failed = batches[1].events[-1]
    assert isinstance(failed, ResponseFailed)
    assert (failed.error.kind, failed.error.phase) == (ProviderErrorKind.OVERLOADED, "before_first_output")


def test_a_folded_stream_is_written_as_one_answer(issuer: Origin) -> None:
    response = fold(_read([_chunk({"content": "a"}, usage=None), _chunk({}, "stop", usage=None)], issuer))

    encoded = DIALECT.encode_response(response)

    assert encoded.body == {
        **ENVELOPE,
        "object": "chat.completion",
        "usage": None,
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "a"}}],
    }


def test_a_refusal_in_a_stream_is_an_outcome(issuer: Origin) -> None:
    batches = _read([_chunk({"refusal": "I "}), _chunk({"refusal": "won't."}), _chunk({}, "stop")], issuer)

    response = fold(batches)

    assert response.message.parts == (Refusal("I won't."),)
    assert response.outcome.kind is OutcomeKind.REFUSAL


def test_deprecated_and_custom_calls_are_read(issuer: Origin) -> None:
    old = _read(
        [
            _chunk({"function_call": {"name": "f", "arguments": "{"}}),
            _chunk({"function_call": {"arguments": "}"}}),
            _chunk({}, "function_call"),
        ],
        issuer,
    )
    custom = [{"index": 0, "id": "a", "type": "custom", "custom": {"name": "sql", "input": "select"}}]
    new = _read(
        [
            _chunk({"tool_calls": custom}),
            _chunk({"tool_calls": [{"index": 0, "custom": {"input": " 1"}}]}),
            _chunk({}, "tool_calls"),
        ],
        issuer,
    )

    first, second = fold(old).message.parts[0], fold(new).message.parts[0]
    assert isinstance(first, ToolCall)
    assert isinstance(second, ToolCall)
    assert (first.name, first.arguments_json) == ("f", "{}")
    assert (second.name, second.arguments_json) == ("sql", "select 1")


def test_citations_belong_to_the_open_text(issuer: Origin) -> None:
    note = {"type": "url_citation", "url_citation": {"url": "https://x.example"}}

    response = fold(_read([_chunk({"content": "a"}), _chunk({"annotations": [note]}), _chunk({}, "stop")], issuer))

    assert response.message.parts == (
        Text("a", citations=(Citation(dialect=DIALECT.name, raw=note, url="https://x.example"),)),
    )


def _write(batches: list[Batch]) -> tuple[list[Any], Any]:
    encoder = DIALECT.stream_encoder()
    written = [event for batch in batches for event in encoder.encode(batch)] + list(encoder.finish())
    return [event.data for event in written], encoder.losses


def _each(*events: Event) -> list[Batch]:
    return [Batch((event,)) for event in events]


def test_another_vendors_stream_becomes_chunks_that_fold_to_the_same(other: Origin) -> None:
    origin = Origin(developer="acme", host="acme", dialect="anthropic_messages", model="acme-1", response_id="msg_1")
    batches = _each(
        ResponseStart(origin=origin, usage=Usage(input_tokens=5)),
        PartStart(0, Reasoning("")),
        ReasoningDelta(0, "hm"),
        OpaqueDelta(0, Opaque("signature", "sig")),
        PartEnd(0),
        PartStart(1, Text("")),
        TextDelta(1, "Hel"),
        TextDelta(1, "lo"),
        CitationDelta(1, Citation(dialect="anthropic_messages", raw={})),
        PartEnd(1),
        PartStart(2, ToolCall("t1", "f", None)),
        ArgumentsDelta(2, '{"a":'),
        ArgumentsDelta(2, "1}"),
        PartEnd(2),
        PartStart(3, ToolCall("t2", "g", "")),
        PartEnd(3),
        PartStart(4, ToolCall("s1", "web_search", None, executor="vendor")),
        ArgumentsDelta(4, "{}"),
        PartEnd(4),
        KeepAlive(),
        UsageUpdate(Usage(output_tokens=7)),
        ResponseEnd(Outcome(OutcomeKind.TOOL_CALLS, raw="tool_use")),
    )

    chunks, losses = _write(batches)
    decoder = DIALECT.stream_decoder({}, other)
    back = fold([decoder.decode(WireEvent(data=chunk)) for chunk in chunks])

    assert chunks[-1] == "[DONE]"
    assert all(chunk["model"] == "acme-1" for chunk in chunks[:-1])
    assert back.message.parts == (
        Reasoning("hm"),
        Text("Hello"),
        ToolCall("t1", "f", '{"a":1}'),
        ToolCall("t2", "g", "{}"),
    )
    assert (back.usage.input_tokens, back.usage.output_tokens) == (5, 7)
    assert back.outcome.kind is OutcomeKind.TOOL_CALLS
    assert [(loss.code, loss.path) for loss in losses] == [
        ("envelope.injected", "wire.fields.created"),
        ("opaque.foreign", "message.parts[0].opaque"),
        ("citations", "message.parts[1].citations"),
        ("arguments.injected", "message.parts[3].arguments_json"),
        ("vendor_tool", "message.parts[4]"),
    ]


def test_an_interrupted_stream_gets_no_terminator(other: Origin) -> None:
    chunks, _ = _write(_each(ResponseStart(origin=other), PartStart(0, Text("")), TextDelta(0, "a")))

    assert "[DONE]" not in chunks
    assert all(chunk["choices"][0]["finish_reason"] is None for chunk in chunks)


def test_a_failure_is_written_as_an_error_and_nothing_follows(other: Origin) -> None:
    error = ProviderError("the stream ended without saying why", kind=ProviderErrorKind.STREAM_INTERRUPTED)

    chunks, _ = _write(_each(ResponseStart(origin=other), ResponseFailed(error)))

    assert chunks[-1]["error"]["message"] == "the stream ended without saying why"


def test_residue_of_another_dialects_stream_is_named_once(other: Origin) -> None:
    wire = Wire(dialect="anthropic_messages", fields={"context_management": {}, "nothing": None})
    outcome = Outcome(OutcomeKind.PAUSED, raw="pause_turn")

    chunks, losses = _write(
        [
            *_each(ResponseStart(origin=other)),
            Batch((KeepAlive(),), wire=wire),
            Batch((KeepAlive(),), wire=wire),
            *_each(ResponseEnd(outcome)),
        ]
    )

    assert [(loss.code, loss.path) for loss in losses] == [
        ("envelope.injected", "wire.fields.created"),
        ("response_id.injected", "origin.response_id"),
        ("vendor_field", "wire.fields.context_management"),
        ("outcome.rewritten", "outcome.kind"),
    ]
    assert chunks[-2]["choices"][0]["finish_reason"] == "pause_turn"


def test_what_each_of_two_answers_cannot_say_is_named_where_it_stands() -> None:
    _, losses = _write(_each(*(PartStart(0, Text("", cache=Cache()), candidate=number) for number in (0, 1))))

    assert [loss.path for loss in losses if loss.code == "cache"] == [
        "message.parts[0].cache",
        "alternatives[0].message.parts[0].cache",
    ]
