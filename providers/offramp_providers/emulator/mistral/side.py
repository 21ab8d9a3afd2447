"""How the emulated vendor puts an answer into choices and chunks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random
from typing import Any, Final

from offramp.types._value import JsonObject
from offramp_providers.emulator.answers import Answer, Call, Thought
from offramp_providers.emulator.reading import Reading
from offramp_providers.emulator.rules import Rejection, ValidatorState
from offramp_providers.emulator.wire import WireEvent, Writing, dumped
from offramp_providers.emulator.words import pieces

from .reader import read
from .validator import error_body, validate

_FINISH: Final = {
    # This vendor has no word for a refusal or a filter: the first is an answer like any other.
    "end": "stop",
    "calls": "tool_calls",
    "max": "length",
    "stop": "stop",
    "refusal": "stop",
    "filter": "error",
}

_CREATED: Final = 1_795_000_000
"""One fixed moment of November 2026: an answer does not depend on the day of the test."""

_BUSY: Final = "Service tier capacity exceeded for this model."
FAULTS: Final = {
    "overloaded": Rejection("overloaded", 503, "service_tier_capacity_exceeded", _BUSY, code="3505"),
    "rate": Rejection("rate", 429, "rate_limited", "Rate limit exceeded", code="1300"),
    "rate_limited": Rejection("rate_limited", 429, "rate_limited", "Rate limit exceeded", code="1300"),
    "server-error": Rejection("server-error", 500, "internal_server_error", "Internal server error", code="3000"),
    "server_error": Rejection("server_error", 500, "internal_server_error", "Internal server error", code="3000"),
    "suspended": Rejection("suspended", 403, "invalid_request_error", "This workspace has no access"),
    "retired": Rejection("retired", 404, "invalid_model", "The model was retired", code="1500"),
    "quota": Rejection("quota", 402, "invalid_request_error", "The credit is used up"),
}
"""Statuses by the error glossary; types and codes recalled."""


class MistralSide:
    """The emulated vendor's side of Mistral chat completions."""

    path = "/v1/chat/completions"
    faults = FAULTS
    media_type = "text/event-stream; charset=utf-8"

    def validate(self, body: Any, headers: Mapping[str, str], state: ValidatorState) -> Rejection | None:
        return validate(body, headers, state)

    def error_body(self, rejection: Rejection, request_id: str) -> JsonObject:  # noqa: ARG002  # it stands in a header
        return error_body(rejection)

    def read(self, body: JsonObject) -> Reading:
        return read(body)

    def streams(self, body: JsonObject) -> bool:
        return bool(body.get("stream"))

    def headers(self, request_id: str, rng: Random) -> dict[str, str]:
        return {"mistral-correlation-id": request_id, "x-ratelimit-remaining-req-minute": str(rng.randint(1, 50))}

    def response(self, writing: Writing) -> JsonObject:
        novel = {"hologram": {"frames": [1, 2, 3]}} if writing.fate.is_novel else {}
        choices = [
            {
                "index": index,
                "finish_reason": _FINISH[answer.ending],
                "message": {**_message(writing, index, answer), **novel},
            }
            for index, answer in enumerate(writing.answers)
        ]
        return {**_envelope(writing, "chat.completion"), "choices": choices, "usage": _usage(writing)}

    def stream(self, writing: Writing) -> Iterator[WireEvent]:
        rng = writing.chance("framing")
        for index, answer in enumerate(writing.answers):
            deltas = [{"role": "assistant", "content": ""}, *_deltas(writing, index, answer, rng)]
            if writing.fate.is_novel:
                deltas.append({"hologram": {"frames": [1, 2, 3]}})
            for delta in deltas:
                yield _chunk(writing, index, delta, rng)
            # The counts stand beside the last choice's reason.
            last = index == len(writing.answers) - 1
            yield _chunk(writing, index, {"content": ""}, rng, finish=_FINISH[answer.ending], counted=last)
        if writing.fate.is_novel:
            yield WireEvent(b'event: weather_report\ndata: {"object":"weather.report"}\n\n', "content")
        yield WireEvent(b"data: [DONE]\n\n", "terminator")

    def stream_error(self, rejection: Rejection) -> WireEvent:
        return WireEvent(f"data: {dumped(error_body(rejection))}\n\n".encode(), "content")

    def models(self, names: tuple[str, ...]) -> JsonObject:
        listed = [{"id": name, "object": "model", "created": _CREATED, "owned_by": "mistralai"} for name in names]
        return {"object": "list", "data": listed}

    def count(self, tokens: int) -> JsonObject | None:  # noqa: ARG002  # this vendor has no such call
        return None


def _envelope(writing: Writing, kind: str) -> JsonObject:
    return {
        "id": writing.id("", "answer", size=32).lower(),
        "object": kind,
        "created": _CREATED,
        "model": writing.model,
    }


def _message(writing: Writing, index: int, answer: Answer) -> JsonObject:
    said = "".join(part.text for part in answer.parts if not isinstance(part, Call | Thought))
    thought = "".join(part.text for part in answer.parts if isinstance(part, Thought))
    content: Any = [{**_thinking(thought), "closed": True}, {"type": "text", "text": said}] if thought else said
    return {"role": "assistant", "tool_calls": _calls(writing, index, answer) or None, "content": content}


def _thinking(text: str) -> JsonObject:
    return {"type": "thinking", "thinking": [{"type": "text", "text": text}]}


def _calls(writing: Writing, index: int, answer: Answer) -> list[JsonObject]:
    calls = [part for part in answer.parts if isinstance(part, Call)]
    return [
        {
            "id": writing.id("", f"call {index}.{place}", size=9),
            "type": "function",
            "function": {"name": call.name, "arguments": call.arguments_json},
            "index": place,
        }
        for place, call in enumerate(calls)
    ]


def _deltas(writing: Writing, index: int, answer: Answer, rng: Random) -> Iterator[JsonObject]:
    """Thoughts and words piece by piece; the calls whole, in one delta."""
    for part in answer.parts:
        if isinstance(part, Thought):
            yield from ({"content": [_thinking(piece)]} for piece in pieces(part.text, rng) if piece)
        elif not isinstance(part, Call):
            yield from ({"content": piece} for piece in pieces(part.text, rng, most=2))
    calls = _calls(writing, index, answer)
    if calls:
        yield {"tool_calls": calls}


def _chunk(
    writing: Writing, index: int, delta: JsonObject, rng: Random, *, finish: str | None = None, counted: bool = False
) -> WireEvent:
    choice = {"index": index, "delta": delta, "finish_reason": finish}
    data = {**_envelope(writing, "chat.completion.chunk"), "choices": [choice]}
    data |= {"usage": _usage(writing)} if counted else {}
    data["p"] = "abcdefghijklmnopqrstuvwxyz0123456789"[: rng.randint(1, 36)]
    return WireEvent(f"data: {dumped(data)}\n\n".encode(), "outcome" if finish else "content")


def _usage(writing: Writing) -> JsonObject:
    written = sum(answer.tokens for answer in writing.answers)
    return {
        "prompt_tokens": writing.input_tokens,
        "total_tokens": writing.input_tokens + written,
        "completion_tokens": written,
        "prompt_tokens_details": {"cached_tokens": writing.cached_tokens},
    }
