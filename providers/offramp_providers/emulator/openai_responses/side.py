"""How the emulated vendor puts an answer into items and events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random
from typing import Any, Final

from offramp.types._value import JsonObject
from offramp_providers.emulator.answers import Answer, Call, Denial, Saying, Thought, words_of
from offramp_providers.emulator.reading import Reading
from offramp_providers.emulator.rules import Rejection, ValidatorState
from offramp_providers.emulator.wire import EventKind, WireEvent, Writing, dumped
from offramp_providers.emulator.words import tokens_in

from .item_events import events_of
from .reader import read
from .validator import error_body, validate

_INCOMPLETE: Final = {"max": "max_output_tokens", "filter": "content_filter"}
_CREATED: Final = 1_795_000_000
"""One fixed moment of November 2026: an answer does not depend on the day of the test."""

FAULTS: Final = {
    "overloaded": Rejection("overloaded", 503, "server_error", "the server is overloaded", code="server_is_overloaded"),
    "rate": Rejection("rate", 429, "requests", "too many requests", code="rate_limit_exceeded"),
    "rate_limited": Rejection("rate_limited", 429, "requests", "too many requests", code="rate_limit_exceeded"),
    "server-error": Rejection("server-error", 500, "server_error", "internal error", code="server_error"),
    "server_error": Rejection("server_error", 500, "server_error", "internal error", code="server_error"),
    "suspended": Rejection("suspended", 403, "invalid_request_error", "no access", code="account_deactivated"),
    "retired": Rejection("retired", 404, "invalid_request_error", "the model was retired", code="model_not_found"),
    "quota": Rejection("quota", 429, "insufficient_quota", "the credit is used up", code="insufficient_quota"),
}


class ResponsesSide:
    """The emulated vendor's side of OpenAI Responses."""

    path = "/v1/responses"
    media_type = "text/event-stream; charset=utf-8"
    faults = FAULTS

    def streams(self, body: JsonObject) -> bool:
        return bool(body.get("stream"))

    def validate(self, body: Any, headers: Mapping[str, str], state: ValidatorState) -> Rejection | None:
        return validate(body, headers, state)

    def error_body(self, rejection: Rejection, request_id: str) -> JsonObject:
        return error_body(rejection, request_id)

    def read(self, body: JsonObject) -> Reading:
        return read(body)

    def headers(self, request_id: str, rng: Random) -> dict[str, str]:
        return {"x-request-id": request_id, "openai-processing-ms": str(rng.randint(120, 900))}

    def response(self, writing: Writing) -> JsonObject:
        answer = writing.answers[0]
        novel: list[JsonObject] = (
            [{"type": "hologram", "id": "ho_1", "frames": [1, 2, 3]}] if writing.fate.is_novel else []
        )
        return {
            **_envelope(writing),
            **_ending(answer),
            "output": [*items(writing, answer), *novel],
            "usage": _usage(writing),
        }

    def stream(self, writing: Writing) -> Iterator[WireEvent]:
        whole, numbers = self.response(writing), iter(range(1_000_000))
        begun: JsonObject = {**whole, "status": "in_progress", "incomplete_details": None, "output": [], "usage": None}
        for word in ("created", "in_progress"):
            yield _event({"type": f"response.{word}", "response": begun}, next(numbers), "opening")
        for place, item in enumerate(whole["output"]):
            for event in events_of(item, place, writing.chance("framing")):
                yield _event(event, next(numbers))
        if writing.fate.is_novel:
            yield _event({"type": "response.weather_report", "outlook": "an event of tomorrow"}, next(numbers))
        yield _event({"type": f"response.{whole['status']}", "response": whole}, next(numbers), "outcome")

    def stream_error(self, rejection: Rejection) -> WireEvent:
        said = {"code": rejection.code, "message": rejection.message, "param": None}
        return _event({"type": "error", **said}, 0)

    def models(self, names: tuple[str, ...]) -> JsonObject:
        listed = [{"id": name, "object": "model", "created": _CREATED, "owned_by": "emulated"} for name in names]
        return {"object": "list", "data": listed}

    def count(self, tokens: int) -> JsonObject | None:  # noqa: ARG002  # counting has a path of its own there
        return None


def items(writing: Writing, answer: Answer) -> list[JsonObject]:
    """The parts of an answer as items; neighbouring words are one message."""
    made: list[JsonObject] = []
    for place, part in enumerate(answer.parts):
        match part:
            case Thought():
                made.append(_reasoning(writing, part, place))
            case Call():
                call = {"call_id": writing.id("call_", str(place)), "name": part.name, "arguments": part.arguments_json}
                made.append(
                    {"type": "function_call", "id": writing.id("fc_", str(place)), "status": "completed", **call}
                )
            case Saying(text=text):
                block: JsonObject = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
                made += [_message(writing, block, place)] if text else []
            case Denial(text=text):
                made.append(_message(writing, {"type": "refusal", "refusal": text}, place))
    return made


def _message(writing: Writing, block: JsonObject, place: int) -> JsonObject:
    head = {"type": "message", "id": writing.id("msg_", str(place)), "status": "completed", "role": "assistant"}
    return {**head, "content": [block]}


def _reasoning(writing: Writing, part: Thought, place: int) -> JsonObject:
    """Sealed under the id of its item; a summary is shown where it was asked for."""
    item_id = writing.id("rs_", str(place))
    sealed = writing.issuer.sign("reasoning", item_id, writing.chance(item_id).randbytes(12))
    shown = writing.reading.thinking == "shown" and part.text
    summary = [{"type": "summary_text", "text": part.text}] if shown else []
    return {"type": "reasoning", "id": item_id, "summary": summary, "encrypted_content": sealed}


def _ending(answer: Answer) -> JsonObject:
    reason = _INCOMPLETE.get(answer.ending)
    details = None if reason is None else {"reason": reason}
    return {"status": "completed" if reason is None else "incomplete", "incomplete_details": details}


def _envelope(writing: Writing) -> JsonObject:
    body = writing.body
    return {
        "id": writing.id("resp_", size=48),
        "object": "response",
        "created_at": _CREATED,
        "model": writing.model,
        "error": None,
        "instructions": body.get("instructions"),
        "metadata": body.get("metadata") or {},
        "parallel_tool_calls": body.get("parallel_tool_calls") is not False,
        "temperature": 1.0 if body.get("temperature") is None else body["temperature"],
        "tool_choice": body.get("tool_choice") or "auto",
        "tools": body.get("tools") or [],
        "top_p": 1.0 if body.get("top_p") is None else body["top_p"],
        "store": body.get("store") is not False,
    }


def _usage(writing: Writing) -> JsonObject:
    answer = writing.answers[0]
    thought = sum(tokens_in(words_of(part)) for part in answer.parts if isinstance(part, Thought))
    return {
        "input_tokens": writing.input_tokens,
        "input_tokens_details": {"cached_tokens": writing.cached_tokens, "cache_write_tokens": 0},
        "output_tokens": answer.tokens,
        "output_tokens_details": {"reasoning_tokens": thought},
        "total_tokens": writing.input_tokens + answer.tokens,
    }


def _event(found: JsonObject, number: int, kind: EventKind = "content") -> WireEvent:
    said = {**found, "sequence_number": number}
    return WireEvent(f"event: {found['type']}\ndata: {dumped(said)}\n\n".encode(), kind)
