"""How the emulated vendor puts an answer into candidates and chunks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random
from typing import Any, Final

from offramp.types._value import JsonObject
from offramp_providers.emulator.answers import Answer, Call, Denial, Saying, Thought, words_of
from offramp_providers.emulator.reading import Reading
from offramp_providers.emulator.rules import Rejection, ValidatorState
from offramp_providers.emulator.wire import EventKind, Route, WireEvent, Writing, dumped
from offramp_providers.emulator.words import pieces, tokens_in

from .reader import read
from .sources import model_and_method, signs_calls
from .validator import error_body, validate

_FINISH: Final = {
    "end": "STOP",
    "calls": "STOP",
    "max": "MAX_TOKENS",
    "stop": "STOP",
    "refusal": "SAFETY",  # this vendor has no refusal in words
    "filter": "PROHIBITED_CONTENT",
}

FAULTS: Final = {
    "overloaded": Rejection("overloaded", 503, "UNAVAILABLE", "the model is overloaded"),
    "rate": Rejection("rate", 429, "RESOURCE_EXHAUSTED", "too many requests"),
    "rate_limited": Rejection("rate_limited", 429, "RESOURCE_EXHAUSTED", "too many requests"),
    "server-error": Rejection("server-error", 500, "INTERNAL", "internal error"),
    "server_error": Rejection("server_error", 500, "INTERNAL", "internal error"),
    "suspended": Rejection(
        "suspended", 403, "PERMISSION_DENIED", "the consumer is suspended", code="CONSUMER_SUSPENDED"
    ),
    "retired": Rejection("retired", 404, "NOT_FOUND", "the model is not found"),
    "quota": Rejection("quota", 429, "RESOURCE_EXHAUSTED", "the quota is used up", code="RATE_LIMIT_EXCEEDED"),
}


class GeminiSide:
    """The emulated vendor's side of `generateContent`."""

    path = "/v1beta/models"
    media_type = "text/event-stream"
    faults = FAULTS

    def route(self, path: str) -> Route | None:
        asked = model_and_method(path)
        if asked is None:
            return None
        model, method = asked
        return Route(counts=method == "countTokens", streams=method == "streamGenerateContent", model=model)

    def streams(self, body: JsonObject) -> bool:  # noqa: ARG002  # the path says it
        return False

    def validate(self, body: Any, headers: Mapping[str, str], state: ValidatorState) -> Rejection | None:
        return validate(body, headers, state)

    def error_body(self, rejection: Rejection, request_id: str) -> JsonObject:
        return error_body(rejection, request_id)

    def read(self, body: JsonObject) -> Reading:
        return read(body)

    def headers(self, request_id: str, rng: Random) -> dict[str, str]:  # noqa: ARG002  # this vendor sends neither
        return {"server-timing": f"gfet4t7; dur={rng.randint(120, 900)}"}

    def response(self, writing: Writing) -> JsonObject:
        candidates = [
            _candidate(index, _parts(writing, index, answer), _FINISH[answer.ending])
            for index, answer in enumerate(writing.answers)
        ]
        return {"candidates": candidates, **_rest(writing)}

    def stream(self, writing: Writing) -> Iterator[WireEvent]:
        rng, kind = writing.chance("framing"), "opening"
        for index, answer in enumerate(writing.answers):
            for part in _pieces(_parts(writing, index, answer), rng):
                yield _chunk(writing, _candidate(index, [part]), "opening" if kind == "opening" else "content")
                kind = "content"
        if writing.fate.is_novel:
            yield _framed({"weatherReport": {"outlook": "an event of tomorrow"}}, "content")
        endings = [(index, _FINISH[answer.ending]) for index, answer in enumerate(writing.answers)]
        closed = [_candidate(index, [{"text": ""}], finish) for index, finish in endings]
        yield _framed({"candidates": closed, **_rest(writing)}, "outcome")

    def stream_error(self, rejection: Rejection) -> WireEvent:
        return _framed(error_body(rejection, ""), "content")

    def models(self, names: tuple[str, ...]) -> JsonObject:
        methods = ["generateContent", "countTokens"]
        return {"models": [{"name": f"models/{name}", "supportedGenerationMethods": methods} for name in names]}

    def count(self, tokens: int) -> JsonObject | None:
        return {"totalTokens": tokens}


def _candidate(index: int, parts: list[JsonObject], finish: str | None = None) -> JsonObject:
    content = {"content": {"parts": parts, "role": "model"}} if parts else {}
    return {**content, **({"finishReason": finish} if finish else {}), "index": index}


def _parts(writing: Writing, index: int, answer: Answer) -> list[JsonObject]:
    """The parts; the first call, or else the last text, carries the signature of what was thought."""
    made: list[JsonObject] = []
    for place, part in enumerate(answer.parts):
        match part:
            case Thought(text=text):
                if writing.reading.thinking == "shown" and text:
                    made.append({"text": text, "thought": True})
            case Saying(text=text):
                made += [{"text": text}] if text else []
            case Denial():
                pass  # nothing is said; the finish reason tells it
            case Call():
                made.append(
                    _call(writing, part, f"{index}.{place}", first=not any("functionCall" in one for one in made))
                )
    novel: list[JsonObject] = [{"hologram": {"frames": [1, 2, 3]}}] if writing.fate.is_novel else []
    return [*made, *novel]


def _call(writing: Writing, call: Call, place: str, *, first: bool) -> JsonObject:
    made: JsonObject = {
        "functionCall": {"name": call.name, "args": call.arguments, "id": writing.id("", place, size=8)}
    }
    if first and signs_calls(writing.reading.model):
        made["thoughtSignature"] = writing.issuer.sign("thought", call.name, writing.chance(place).randbytes(12))
    return made


def _pieces(parts: list[JsonObject], rng: Random) -> Iterator[JsonObject]:
    """Texts in pieces; calls arrive whole."""
    for part in parts:
        if "text" in part:
            yield from ({**part, "text": piece} for piece in pieces(part["text"], rng))
        else:
            yield part


def _rest(writing: Writing) -> JsonObject:
    return {"usageMetadata": _usage(writing), **_envelope(writing)}


def _envelope(writing: Writing) -> JsonObject:
    return {"modelVersion": writing.model, "responseId": writing.id("", "response", size=22)}


def _usage(writing: Writing) -> JsonObject:
    thoughts = [part for answer in writing.answers for part in answer.parts if isinstance(part, Thought)]
    thought = sum(tokens_in(words_of(part)) for part in thoughts)
    said = max(1, sum(answer.tokens for answer in writing.answers) - thought)
    usage: JsonObject = {"promptTokenCount": writing.input_tokens, "candidatesTokenCount": said}
    if thought:
        usage["thoughtsTokenCount"] = thought
    if writing.cached_tokens:
        usage["cachedContentTokenCount"] = writing.cached_tokens
    return {**usage, "totalTokenCount": writing.input_tokens + said + thought}


def _chunk(writing: Writing, candidate: JsonObject, kind: EventKind) -> WireEvent:
    return _framed({"candidates": [candidate], **_envelope(writing)}, kind)


def _framed(found: JsonObject, kind: EventKind) -> WireEvent:
    return WireEvent(f"data: {dumped(found)}\n\n".encode(), kind)
