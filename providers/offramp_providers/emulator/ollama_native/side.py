"""How the emulated server puts an answer into a message and into lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random
from typing import Any, Final

from offramp.types._value import JsonObject
from offramp_providers.emulator.answers import Answer, Call, Denial, Saying, Thought
from offramp_providers.emulator.reading import Reading
from offramp_providers.emulator.rules import Rejection, ValidatorState
from offramp_providers.emulator.wire import WireEvent, Writing, dumped
from offramp_providers.emulator.words import pieces

from .reader import read
from .validator import error_body, validate

_TIME: Final = "2026-11-23T09:30:00.000001Z"
"""One fixed moment: an answer does not depend on the day of the test."""

FAULTS: Final = {
    "overloaded": Rejection("overloaded", 503, "", "server busy, please try again. maximum pending requests exceeded"),
    "rate": Rejection("rate", 429, "", "too many requests"),
    "rate_limited": Rejection("rate_limited", 429, "", "too many requests"),
    "server-error": Rejection("server-error", 500, "", "an error was encountered while running the model"),
    "server_error": Rejection("server_error", 500, "", "an error was encountered while running the model"),
    "suspended": Rejection("suspended", 403, "", "remote inference is unavailable"),
    "retired": Rejection("retired", 404, "", "model 'm' not found"),
    "quota": Rejection("quota", 429, "", "you have reached your usage limit"),
}


class OllamaSide:
    """The emulated server's side of Ollama's own API."""

    path = "/api/chat"
    faults = FAULTS
    media_type = "application/x-ndjson"

    def validate(self, body: Any, headers: Mapping[str, str], state: ValidatorState) -> Rejection | None:
        return validate(body, headers, state)

    def error_body(self, rejection: Rejection, request_id: str) -> JsonObject:
        return error_body(rejection, request_id)

    def read(self, body: JsonObject) -> Reading:
        return read(body)

    def streams(self, body: JsonObject) -> bool:
        return body.get("stream") is not False

    def headers(self, request_id: str, rng: Random) -> dict[str, str]:  # noqa: ARG002  # this server sends none
        return {}

    def response(self, writing: Writing) -> JsonObject:
        answer = writing.answers[0]
        message: JsonObject = {"role": "assistant", "content": _said(answer)}
        thoughts = "".join(part.text for part in answer.parts if isinstance(part, Thought))
        calls = [_call(writing, place, part) for place, part in enumerate(_calls(answer))]
        message |= {"thinking": thoughts} if thoughts else {}
        message |= {"tool_calls": calls} if calls else {}
        message |= {"hologram": {"frames": [1, 2, 3]}} if writing.fate.is_novel else {}
        return {**_envelope(writing), "message": message, **_end(writing)}

    def stream(self, writing: Writing) -> Iterator[WireEvent]:
        answer, rng = writing.answers[0], writing.chance("framing")
        called = 0
        for part in answer.parts:
            match part:
                case Thought():
                    yield from (_line(writing, {"content": "", "thinking": each}) for each in pieces(part.text, rng))
                case Saying() | Denial():
                    yield from (_line(writing, {"content": each}) for each in pieces(part.text, rng, most=2))
                case Call():
                    yield _line(writing, {"content": "", "tool_calls": [_call(writing, called, part)]})
                    called += 1
        if writing.fate.is_novel:
            yield _line(writing, {"content": "", "hologram": {"frames": [1, 2, 3]}})
            yield WireEvent(b'{"status":"weather report"}\n', "content")
        last = {**_envelope(writing), "message": {"role": "assistant", "content": ""}, **_end(writing)}
        yield WireEvent(f"{dumped(last)}\n".encode(), "outcome")

    def stream_error(self, rejection: Rejection) -> WireEvent:
        return WireEvent(f"{dumped(error_body(rejection, ''))}\n".encode(), "content")

    def models(self, names: tuple[str, ...]) -> JsonObject:
        return {"object": "list", "data": [{"id": name, "object": "model", "owned_by": "library"} for name in names]}

    def count(self, tokens: int) -> JsonObject | None:  # noqa: ARG002  # this server has no such call
        return None


def _envelope(writing: Writing) -> JsonObject:
    return {"model": writing.model, "created_at": _TIME}


def _line(writing: Writing, message: JsonObject) -> WireEvent:
    line = {**_envelope(writing), "message": {"role": "assistant", **message}, "done": False}
    return WireEvent(f"{dumped(line)}\n".encode(), "content")


def _said(answer: Answer) -> str:
    return "".join(part.text for part in answer.parts if isinstance(part, Saying | Denial))


def _calls(answer: Answer) -> list[Call]:
    return [part for part in answer.parts if isinstance(part, Call)]


def _call(writing: Writing, place: int, call: Call) -> JsonObject:
    call_id = writing.id("call_", str(place), size=8).lower()
    return {"id": call_id, "function": {"index": place, "name": call.name, "arguments": call.arguments}}


def _end(writing: Writing) -> JsonObject:
    answer = writing.answers[0]
    return {
        "done": True,
        "done_reason": "length" if answer.ending == "max" else "stop",
        "total_duration": 1_000_000_000,
        "load_duration": 1_000_000,
        "prompt_eval_count": writing.input_tokens,
        "prompt_eval_duration": 100_000_000,
        "eval_count": answer.tokens,
        "eval_duration": 800_000_000,
    }
