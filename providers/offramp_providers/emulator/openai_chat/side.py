"""How the emulated vendor puts an answer into choices and chunks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random
from typing import Any, Final

from offramp.types._value import JsonObject
from offramp_providers.emulator.answers import Answer, Call, Denial, Saying, Thought, words_of
from offramp_providers.emulator.json_values import object_of
from offramp_providers.emulator.reading import Reading
from offramp_providers.emulator.rules import Rejection, ValidatorState
from offramp_providers.emulator.wire import WireEvent, Writing, dumped
from offramp_providers.emulator.words import pieces, slices, tokens_in

from .reader import read
from .validator import error_body, validate

_FINISH: Final = {
    "end": "stop",
    "calls": "tool_calls",
    "max": "length",
    "stop": "stop",
    "refusal": "stop",
    "filter": "content_filter",
}

_CREATED: Final = 1_795_000_000
"""One fixed moment of November 2026: an answer does not depend on the day of the test."""

FAULTS: Final = {
    "overloaded": Rejection("overloaded", 503, "server_error", "the server is overloaded", code="server_is_overloaded"),
    "rate": Rejection("rate", 429, "requests", "too many requests", code="rate_limit_exceeded"),
    "rate_limited": Rejection("rate_limited", 429, "requests", "too many requests", code="rate_limit_exceeded"),
    "server-error": Rejection("server-error", 500, "server_error", "internal error"),
    "server_error": Rejection("server_error", 500, "server_error", "internal error"),
    "suspended": Rejection("suspended", 403, "invalid_request_error", "no access", code="account_deactivated"),
    "retired": Rejection("retired", 404, "invalid_request_error", "the model was retired", code="model_not_found"),
    "quota": Rejection("quota", 429, "insufficient_quota", "the credit is used up", code="insufficient_quota"),
}


class OpenaiSide:
    """The emulated vendor's side of OpenAI Chat Completions."""

    path = "/v1/chat/completions"
    faults = FAULTS
    media_type = "text/event-stream; charset=utf-8"

    def validate(self, body: Any, headers: Mapping[str, str], state: ValidatorState) -> Rejection | None:
        return validate(body, headers, state)

    def error_body(self, rejection: Rejection, request_id: str) -> JsonObject:
        return error_body(rejection, request_id)

    def read(self, body: JsonObject) -> Reading:
        return read(body)

    def streams(self, body: JsonObject) -> bool:
        return bool(body.get("stream"))

    def headers(self, request_id: str, rng: Random) -> dict[str, str]:
        left = rng.randint(1, 50)
        return {
            "x-request-id": request_id,
            "openai-processing-ms": str(rng.randint(120, 900)),
            "x-ratelimit-limit-requests": "5000",
            "x-ratelimit-limit-tokens": "800000",
            "x-ratelimit-remaining-requests": str(5000 - left),
            "x-ratelimit-remaining-tokens": str(800_000 - left * 400),
            "x-ratelimit-reset-requests": f"{left * 12}ms",
            "x-ratelimit-reset-tokens": f"{left}ms",
        }

    def response(self, writing: Writing) -> JsonObject:
        novel = {"hologram": {"frames": [1, 2, 3]}} if writing.fate.is_novel else {}
        choices = [
            {
                "index": index,
                "message": {**_message(writing, index, answer), **novel},
                "logprobs": _logprobs(writing, _spoken(_said(answer))),
                "finish_reason": _FINISH[answer.ending],
            }
            for index, answer in enumerate(writing.answers)
        ]
        return {**_envelope(writing, "chat.completion"), "choices": choices, "usage": _usage(writing)}

    def stream(self, writing: Writing) -> Iterator[WireEvent]:
        chunks = _Chunks(writing)
        for index, answer in enumerate(writing.answers):
            yield from chunks.of(index, answer)
        if writing.fate.is_novel:
            yield WireEvent(b'event: weather_report\ndata: {"object":"weather.report"}\n\n', "content")
        if chunks.has_usage:
            yield chunks.usage()
        yield WireEvent(b"data: [DONE]\n\n", "terminator")

    def stream_error(self, rejection: Rejection) -> WireEvent:
        return WireEvent(f"data: {dumped(error_body(rejection, ''))}\n\n".encode(), "content")

    def models(self, names: tuple[str, ...]) -> JsonObject:
        listed = [{"id": name, "object": "model", "created": _CREATED, "owned_by": "emulated"} for name in names]
        return {"object": "list", "data": listed}

    def count(self, tokens: int) -> JsonObject | None:  # noqa: ARG002  # this vendor has no such call
        return None


class _Chunks:
    """The chunks of one stream; they share an envelope."""

    def __init__(self, writing: Writing) -> None:
        self._writing = writing
        self._envelope = _envelope(writing, "chat.completion.chunk")
        self._rng = writing.chance("framing")
        options = object_of(writing.body.get("stream_options"))
        self.has_usage = bool(options.get("include_usage"))
        self._pads = options.get("include_obfuscation") is not False

    def of(self, index: int, answer: Answer) -> Iterator[WireEvent]:
        """All chunks of one choice."""
        opening: JsonObject = {"role": "assistant", "content": "" if _said(answer) else None, "refusal": None}
        yield self._chunk(index, opening)
        for delta in self._deltas(index, answer):
            yield self._chunk(index, delta)
        if self._writing.fate.is_novel:
            yield self._chunk(index, {"hologram": {"frames": [1, 2, 3]}})
        finish = self._chunk(index, {}, finish=_FINISH[answer.ending])
        yield WireEvent(finish.payload, "outcome")

    def usage(self) -> WireEvent:
        """The extra chunk without choices."""
        return self._framed({"choices": [], "usage": _usage(self._writing)})

    def _deltas(self, index: int, answer: Answer) -> Iterator[JsonObject]:
        rng = self._rng
        for place, part in enumerate(answer.parts):
            match part:
                case Saying():
                    yield from ({"content": piece} for piece in _spoken(part.text))
                case Denial():
                    yield from ({"refusal": piece} for piece in pieces(part.text, rng, most=2))
                case Call():
                    number = sum(isinstance(earlier, Call) for earlier in answer.parts[:place])
                    yield from self._call_deltas(number, part, f"{index}.{place}")
                case Thought():
                    pass  # this vendor never shows reasoning; it only costs tokens

    def _call_deltas(self, number: int, call: Call, place: str) -> Iterator[JsonObject]:
        first = {"name": call.name, "arguments": ""}
        opening = {"index": number, "id": self._writing.id("call_", place), "type": "function", "function": first}
        yield {"tool_calls": [opening]}
        for piece in slices(call.arguments_json, self._rng):
            yield {"tool_calls": [{"index": number, "function": {"arguments": piece}}]}

    def _chunk(self, index: int, delta: JsonObject, *, finish: str | None = None) -> WireEvent:
        logprobs = _logprobs(self._writing, [delta["content"]] if delta.get("content") else [])
        choice = {"index": index, "delta": delta, "logprobs": logprobs, "finish_reason": finish}
        return self._framed({"choices": [choice], **({"usage": None} if self.has_usage else {})})

    def _framed(self, fields: JsonObject) -> WireEvent:
        padding = {"obfuscation": "x" * self._rng.randint(1, 15)} if self._pads else {}
        return WireEvent(f"data: {dumped({**self._envelope, **fields, **padding})}\n\n".encode(), "content")


def _envelope(writing: Writing, kind: str) -> JsonObject:
    return {
        "id": writing.id("chatcmpl-", size=29),
        "object": kind,
        "created": _CREATED,
        "model": writing.model,
        "service_tier": "default",
        "system_fingerprint": "fp_emulated",
    }


def _message(writing: Writing, index: int, answer: Answer) -> JsonObject:
    refusals = [part.text for part in answer.parts if isinstance(part, Denial)]
    calls = [
        {"id": writing.id("call_", f"{index}.{place}"), "type": "function", "function": _function(part)}
        for place, part in enumerate(answer.parts)
        if isinstance(part, Call)
    ]
    message: JsonObject = {"role": "assistant", "content": _said(answer) or None, "refusal": "".join(refusals) or None}
    return {**message, **({"tool_calls": calls} if calls else {}), "annotations": []}


def _function(call: Call) -> JsonObject:
    return {"name": call.name, "arguments": call.arguments_json}


def _spoken(text: str) -> list[str]:
    """The text token by token; the same cut in a stream and in a whole answer."""
    return pieces(text, Random(len(text)), most=2) if text else []  # noqa: S311  # made-up answers, no secret


def _said(answer: Answer) -> str:
    return "".join(part.text for part in answer.parts if isinstance(part, Saying))


def _logprobs(writing: Writing, tokens: list[str]) -> JsonObject | None:
    if not writing.body.get("logprobs"):
        return None
    most = writing.body.get("top_logprobs") or 0
    listed = [{**_likely(token, 0), "top_logprobs": _likeliest(token, most)} for token in tokens if token]
    return {"content": listed, "refusal": None}


def _likeliest(token: str, most: int) -> list[JsonObject]:
    """The token itself first, then made-up ones that were less likely."""
    return [_likely(token if place == 0 else f"{token}{place}", place) for place in range(most)]


def _likely(token: str, place: int) -> JsonObject:
    return {"token": token, "logprob": -0.25 - place, "bytes": list(token.encode())}


def _usage(writing: Writing) -> JsonObject:
    thoughts = [part for answer in writing.answers for part in answer.parts if isinstance(part, Thought)]
    completion = sum(answer.tokens for answer in writing.answers)
    return {
        "prompt_tokens": writing.input_tokens,
        "completion_tokens": completion,
        "total_tokens": writing.input_tokens + completion,
        "prompt_tokens_details": {"cached_tokens": writing.cached_tokens, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": sum(tokens_in(words_of(part)) for part in thoughts),
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }
