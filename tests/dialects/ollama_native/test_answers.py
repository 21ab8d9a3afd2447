"""Answers, whole and in lines, and errors: what they mean, and how others' are told here."""

import json
from typing import Any

import pytest

from offramp.errors import ProviderError, ProviderErrorKind
from offramp.types import (
    Batch,
    KeepAlive,
    Message,
    Origin,
    Outcome,
    OutcomeKind,
    PartStart,
    Reasoning,
    Response,
    ResponseFailed,
    ResponseStart,
    Text,
    ToolCall,
    Usage,
    WireEvent,
    fold,
)
from offramp_providers.dialects.ollama_native import DIALECT
from support.pieces import batches_of

MESSAGE: dict[str, Any] = {"role": "assistant", "content": "a"}
WHOLE: dict[str, Any] = {"model": "m", "created_at": "2026-11-26T10:00:00Z", "message": MESSAGE, "done": True}
CALL: dict[str, Any] = {"function": {"index": 0, "name": "f", "arguments": {"a": 1}}}
K = OutcomeKind


def line(done: bool = False, **message: Any) -> WireEvent:
    said = {"role": "assistant", "content": "", **message}
    end = {"done_reason": "stop"} if done else {}
    return WireEvent(data={**WHOLE, "message": said, "done": done, **end})


def read(events: list[WireEvent], issuer: Origin) -> list[Batch]:
    decoder = DIALECT.stream_decoder({}, issuer)
    return [*(decoder.decode(event) for event in events), decoder.finish()]


@pytest.mark.parametrize(
    ("word", "message", "kind"),
    [
        ("stop", MESSAGE, K.COMPLETED),
        ("stop", {**MESSAGE, "tool_calls": [CALL]}, K.TOOL_CALLS),
        ("stop", {"role": "assistant", "content": ""}, K.EMPTY),
        ("length", MESSAGE, K.MAX_OUTPUT),
        ("load", {"role": "assistant", "content": ""}, K.EMPTY),
        ("unload", {"role": "assistant", "content": ""}, K.EMPTY),
        ("novel", MESSAGE, K.UNKNOWN),
        (None, MESSAGE, K.UNKNOWN),
    ],
)
def test_why_it_ended_is_the_servers_word(
    word: str | None, message: dict[str, Any], kind: OutcomeKind, issuer: Origin
) -> None:
    body = {**WHOLE, "message": message} | ({"done_reason": word} if word else {})

    answer = DIALECT.decode_response(body, {}, issuer)

    assert answer.outcome == Outcome(kind, raw=word)
    assert DIALECT.encode_response(answer).body == body


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"model": 3, "message": [], "done": "yes"},
        {**WHOLE, "message": {"role": "tool", "content": 3, "thinking": None, "images": "x", "tool_calls": [CALL, 3]}},
        {**WHOLE, "message": {**MESSAGE, "images": ["AAAA"]}, "logprobs": [{"token": "a"}], "prompt_eval_count": None},
        {**WHOLE, "done": False, "done_reason": ""},
        {**WHOLE, "remote_model": "x", "remote_host": "https://ollama.com:443"},
        {"model": "m", "_debug_info": {"rendered_template": "x"}},
    ],
    ids=str,
)
def test_no_answer_makes_it_stumble_and_each_comes_back_as_it_was(body: dict[str, Any], issuer: Origin) -> None:
    encoded = DIALECT.encode_response(DIALECT.decode_response(body, {}, issuer))

    assert (encoded.body, encoded.losses) == (body, ())


def test_what_was_not_counted_is_unknown(issuer: Origin) -> None:
    answer = DIALECT.decode_response({**WHOLE, "eval_count": 0}, {}, issuer)

    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (None, 0)
    assert DIALECT.decode_response(WHOLE, {}, issuer).usage == Usage()


def test_a_host_that_the_server_passed_the_request_on_to_is_who_answered(issuer: Origin) -> None:
    answer = DIALECT.decode_response({**WHOLE, "remote_host": "https://ollama.com:443"}, {}, issuer)

    assert answer.origin is not None
    assert answer.origin.host == "ollama.com"


def test_calls_without_ids_get_ids_of_their_own_the_same_each_time(issuer: Origin) -> None:
    def ids(**more: Any) -> list[str]:
        body = {**WHOLE, **more, "message": {**MESSAGE, "tool_calls": [CALL, CALL]}}
        parts = DIALECT.decode_response(body, {}, issuer).message.parts
        return [part.call_id for part in parts if isinstance(part, ToolCall)]

    assert ids() == ids()
    assert len({*ids(), *ids(created_at="2026-11-26T10:00:01Z")}) == 4


def test_another_dialects_answer_is_told_with_what_is_lost(other: Origin) -> None:
    message = Message("assistant", (Text("b"), Reasoning("a"), ToolCall("c", "f", '{"x": 1}')), origin=other)
    usage = Usage(input_tokens=3, output_tokens=2, reasoning_tokens=1)

    encoded = DIALECT.encode_response(Response(message, Outcome(K.TOOL_CALLS), usage=usage, origin=other))

    assert encoded.body == {
        "model": "acme-1",
        "created_at": "1970-01-01T00:00:00Z",
        "message": {
            "role": "assistant",
            "content": "b",
            "thinking": "a",
            "tool_calls": [{"id": "c", "function": {"index": 0, "name": "f", "arguments": {"x": 1}}}],
        },
        "done": True,
        "done_reason": "stop",
        "prompt_eval_count": 3,
        "eval_count": 2,
    }
    assert {loss.code for loss in encoded.losses} == {
        "envelope.injected", "part_order", "arguments.respelled", "usage",
    }  # fmt: skip


@pytest.mark.parametrize("kind", [K.REFUSAL, K.CONTENT_FILTER, K.PAUSED, K.CANCELLED, K.ERROR])
def test_an_outcome_without_a_word_is_never_told_as_a_good_end(kind: OutcomeKind, other: Origin) -> None:
    answer = Response(Message("assistant", (Text("a"),)), Outcome(kind), origin=other)

    encoded = DIALECT.encode_response(answer)

    assert "done_reason" not in encoded.body
    assert "outcome.rewritten" in [loss.code for loss in encoded.losses]


# In lines.


def test_a_stream_is_thought_text_and_calls_in_the_order_of_its_lines(issuer: Origin) -> None:
    events = [
        line(thinking="a"), line(thinking="b"), line(content="c"), line(content="d"), line(tool_calls=[CALL]),
        line(content="e"), line(done=True),
    ]  # fmt: skip

    answer = fold(read(events, issuer))

    assert [(part.type, getattr(part, "text", None)) for part in answer.message.parts] == [
        ("reasoning", "ab"), ("text", "cd"), ("tool_call", None), ("text", "e"),
    ]  # fmt: skip
    assert answer.outcome.kind is K.TOOL_CALLS


LINES = [
    [line(content="a"), line(done=True)],
    [line(content="a", thinking="b", tool_calls=[CALL]), line(done=True, content="z")],
    [WireEvent(data={"model": "m", "message": {"content": "a", "x": 1}, "y": 2}), WireEvent(data={"done": True})],
    [line(images=["AAAA"]), line(content=3, role="x"), WireEvent(data={"model": 5, "message": "odd", "done": None})],
    [WireEvent(data="no json"), WireEvent(data={"status": "loading"}), line(done=True), line(content="after")],
    [line(content="a"), WireEvent(data={"error": "the engine has failed"})],
    [line(tool_calls=[]), line(tool_calls=[{"id": "", "function": {"name": "f"}}]), line(thinking="")],
    [line(content="a"), WireEvent(data={**WHOLE, "model": "other", "done": False})],
]


@pytest.mark.parametrize("events", LINES, ids=range(len(LINES)))
def test_every_line_comes_back_as_it_was(events: list[WireEvent], issuer: Origin) -> None:
    decoder, encoder = DIALECT.stream_decoder({}, issuer), DIALECT.stream_encoder()

    assert [encoder.encode(decoder.decode(event)) for event in events] == [(event,) for event in events]
    assert (encoder.losses, encoder.finish()) == ((), ())


def test_a_stream_without_its_last_line_is_interrupted(issuer: Origin) -> None:
    for events, phase in (([], "before_first_output"), ([line(content="a")], "mid_stream")):
        last = read(events, issuer)[-1].events[-1]

        assert isinstance(last, ResponseFailed)
        assert (last.error.kind, last.error.phase) == (ProviderErrorKind.STREAM_INTERRUPTED, phase)


def test_done_without_a_reason_is_an_end_whose_reason_is_unknown(issuer: Origin) -> None:
    batches = read([WireEvent(data={**WHOLE, "done": True})], issuer)

    assert fold(batches).outcome == Outcome(K.UNKNOWN)
    assert batches[-1].events == ()


def test_an_error_in_a_line_fails_the_stream_once(issuer: Origin) -> None:
    batches = read([line(content="a"), WireEvent(data={"error": "the engine has failed"})], issuer)

    assert isinstance(batches[1].events[0], ResponseFailed)
    assert batches[1].events[0].error.phase == "mid_stream"
    assert batches[2].events == ()


def test_another_model_in_mid_stream_is_told(issuer: Origin) -> None:
    batches = read([line(content="a"), WireEvent(data={**WHOLE, "model": "other", "done": False})], issuer)

    starts = [event for batch in batches for event in batch.events if isinstance(event, ResponseStart)]
    assert [start.origin.model for start in starts if start.origin] == ["m", "other"]


def test_a_line_that_is_no_piece_of_an_answer_is_kept(issuer: Origin) -> None:
    (batch, _) = read([WireEvent(data="odd")], issuer)

    assert batch.events == (KeepAlive(),)


def test_calls_come_in_one_line_each_when_they_are_whole(other: Origin) -> None:
    calls = (ToolCall("c1", "f", '{"a":1}'), ToolCall("c2", "g", "{}"))
    answer = Response(Message("assistant", (Text("xy"), *calls)), Outcome(K.TOOL_CALLS), origin=other)
    encoder = DIALECT.stream_encoder()

    events = [event for batch in batches_of(answer) for event in encoder.encode(batch)] + list(encoder.finish())

    messages = [event.data["message"] for event in events if isinstance(event.data, dict)]
    assert [message["content"] for message in messages] == ["x", "y", "", "", ""]
    called = [call["function"] for message in messages for call in message.get("tool_calls", ())]
    assert called == [
        {"index": 0, "name": "f", "arguments": {"a": 1}},
        {"index": 1, "name": "g", "arguments": {}},
    ]
    assert [event.data["done"] for event in events if isinstance(event.data, dict)] == [False] * 4 + [True]


def test_a_stream_of_elsewhere_without_an_outcome_gets_none_here(other: Origin) -> None:
    encoder = DIALECT.stream_encoder()
    encoder.encode(Batch((ResponseStart(origin=other), PartStart(0, Text("a")))))

    assert encoder.finish() == ()


# Errors.


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (404, {"error": "model 'x' not found"}, ProviderErrorKind.MODEL_NOT_FOUND),
        (404, {"error": 'model "x" not found, try pulling it first'}, ProviderErrorKind.MODEL_NOT_FOUND),
        (404, "404 page not found", ProviderErrorKind.INVALID_REQUEST),
        (400, {"error": '"x" does not support thinking'}, ProviderErrorKind.INVALID_REQUEST),
        (400, {"error": "the input length exceeds the context length"}, ProviderErrorKind.CONTEXT_EXCEEDED),
        (401, {"error": "unauthorized", "signin_url": "https://x"}, ProviderErrorKind.AUTHENTICATION),
        (403, {"error": "cloud is disabled"}, ProviderErrorKind.PERMISSION),
        (429, {"error": "slow down"}, ProviderErrorKind.RATE_LIMITED),
        (500, {"error": "it broke"}, ProviderErrorKind.SERVER),
        (502, {"error": "no cloud"}, ProviderErrorKind.SERVER),
        (503, {"error": "server busy"}, ProviderErrorKind.OVERLOADED),
        (400, {"error": {"message": "odd"}}, ProviderErrorKind.INVALID_REQUEST),
        (418, None, ProviderErrorKind.UNKNOWN),
        (
            400,
            {"error": json.dumps({"error": {"code": 400, "type": "exceed_context_size_error", "n_ctx": 4096}})},
            ProviderErrorKind.CONTEXT_EXCEEDED,
        ),
        (400, {"error": '{"error": 3}'}, ProviderErrorKind.INVALID_REQUEST),
        (400, {"error": "{odd"}, ProviderErrorKind.INVALID_REQUEST),
    ],
)
def test_each_error_is_told_apart_and_quotes_nothing(status: int, body: Any, kind: ProviderErrorKind) -> None:
    error = DIALECT.decode_error(status, {"retry-after": "2"}, body)

    assert (error.kind, error.status, error.retry_after_s) == (kind, status, 2.0)
    if isinstance(body, dict):
        assert str(body["error"]) not in str(error)


def test_an_error_of_its_own_comes_back_as_it_was() -> None:
    body = {"error": "model 'x' not found"}

    encoded = DIALECT.encode_error(DIALECT.decode_error(404, {}, body))

    assert (encoded.status, encoded.body) == (404, body)


@pytest.mark.parametrize("kind", ProviderErrorKind)
def test_every_kind_has_a_status_here(kind: ProviderErrorKind) -> None:
    encoded = DIALECT.encode_error(ProviderError("x", kind=kind))

    assert encoded.status >= 400
    assert kind.value in encoded.body["error"]
