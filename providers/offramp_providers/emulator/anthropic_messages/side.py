"""How the emulated vendor puts an answer into blocks and events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

from offramp.types._value import JsonObject
from offramp_providers.emulator.answers import Answer, Call, Denial, Saying, Thought
from offramp_providers.emulator.reading import Reading
from offramp_providers.emulator.rules import Rejection, ValidatorState
from offramp_providers.emulator.wire import EventKind, WireEvent, Writing, dumped
from offramp_providers.emulator.words import pieces, slices

from .families import names_callers
from .reader import read
from .validator import error_body, validate

_STOP_REASONS: Final = {
    "end": "end_turn",
    "calls": "tool_use",
    "max": "max_tokens",
    "stop": "stop_sequence",
    "refusal": "refusal",
    "filter": "refusal",  # this vendor has no filter apart from its refusals
}

FAULTS: Final = {
    "overloaded": Rejection("overloaded", 529, "overloaded_error", "Overloaded"),
    "rate": Rejection("rate", 429, "rate_limit_error", "this organisation sends too many requests"),
    "rate_limited": Rejection("rate_limited", 429, "rate_limit_error", "this organisation sends too many requests"),
    "server-error": Rejection("server-error", 500, "api_error", "internal error"),
    "server_error": Rejection("server_error", 500, "api_error", "internal error"),
    "suspended": Rejection("suspended", 403, "permission_error", "this organisation has no access"),
    "retired": Rejection("retired", 404, "not_found_error", "this model is no longer served"),
    "quota": Rejection("quota", 400, "invalid_request_error", "the spend limit is reached"),
}


class AnthropicSide:
    """The emulated vendor's side of Anthropic Messages."""

    path = "/v1/messages"
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
        reset = (datetime.now(UTC) + timedelta(seconds=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
        made = {"request-id": request_id}
        for kind, limit in (("requests", 4_000), ("input-tokens", 2_000_000), ("output-tokens", 400_000)):
            made[f"anthropic-ratelimit-{kind}-limit"] = str(limit)
            made[f"anthropic-ratelimit-{kind}-remaining"] = str(limit - rng.randint(1, limit // 100))
            made[f"anthropic-ratelimit-{kind}-reset"] = reset
        return made

    def response(self, writing: Writing) -> JsonObject:
        answer = writing.answers[0]
        novel: list[JsonObject] = [_NOVEL_BLOCK] if writing.fate.is_novel else []
        return {
            **_envelope(writing),
            "content": [*blocks(writing, answer), *novel],
            "stop_reason": _STOP_REASONS[answer.ending],
            "stop_sequence": answer.stop,
            "usage": {**_input_usage(writing), "output_tokens": answer.tokens, **_extra_usage(writing)},
            **_details(answer),
        }

    def stream(self, writing: Writing) -> Iterator[WireEvent]:
        answer, rng = writing.answers[0], writing.chance("framing")
        start: JsonObject = {**_envelope(writing), "stop_reason": None, "stop_sequence": None}
        usage = {**_input_usage(writing), "output_tokens": 1, **_extra_usage(writing)}
        yield _event({"type": "message_start", "message": {**start, "usage": usage}}, "opening")
        made = [*blocks(writing, answer), *([_NOVEL_BLOCK] if writing.fate.is_novel else [])]
        for index, block in enumerate(made):
            yield _event({"type": "content_block_start", "index": index, "content_block": _emptied(block)})
            if index == 0:
                yield _event({"type": "ping"})
            for delta in _deltas(block, rng):
                yield _event({"type": "content_block_delta", "index": index, "delta": delta})
            yield _event({"type": "content_block_stop", "index": index})
        if writing.fate.is_novel:
            yield _event({"type": "weather_report", "outlook": "an event of tomorrow"})
        ending = {"stop_reason": _STOP_REASONS[answer.ending], "stop_sequence": answer.stop, **_details(answer)}
        totals = {**_input_usage(writing), "output_tokens": answer.tokens}
        yield _event({"type": "message_delta", "delta": ending, "usage": totals}, "outcome")
        yield _event({"type": "message_stop"}, "terminator")

    def stream_error(self, rejection: Rejection) -> WireEvent:
        return _event({"type": "error", "error": {"type": rejection.type, "message": rejection.message}})

    def models(self, names: tuple[str, ...]) -> JsonObject:
        listed = [{"type": "model", "id": name, "display_name": name, "created_at": _EPOCH} for name in names]
        ends = {"first_id": names[0] if names else None, "last_id": names[-1] if names else None}
        return {"data": listed, "has_more": False, **ends}

    def count(self, tokens: int) -> JsonObject | None:
        return {"input_tokens": tokens}


_EPOCH: Final = "2026-01-01T00:00:00Z"
_NOVEL_BLOCK: Final[JsonObject] = {"type": "hologram", "frames": [1, 2, 3]}


def blocks(writing: Writing, answer: Answer) -> list[JsonObject]:
    """The parts of an answer as content blocks."""
    numbered = enumerate(answer.parts)
    return [made for index, part in numbered if (made := _block(part, f"block {index}", writing)) is not None]


def _block(part: Thought | Saying | Denial | Call, place: str, writing: Writing) -> JsonObject | None:
    nonce = writing.chance(place).randbytes(12)
    match part:
        case Thought(is_redacted=True):
            return {"type": "redacted_thinking", "data": writing.issuer.sign("redacted", "", nonce)}
        case Thought():
            shown = "" if writing.reading.thinking == "omitted" else part.text
            signature = writing.issuer.sign("thinking", shown, nonce)
            return {"type": "thinking", "thinking": shown, "signature": signature}
        case Saying():
            return {"type": "text", "text": part.text} if part.text else None
        case Denial():
            return None  # a refusal of this vendor is a stop reason, and its content may be empty
        case Call():
            made = {"type": "tool_use", "id": writing.id("toolu_01", place, size=22), "name": part.name}
            caller = {"caller": {"type": "direct"}} if names_callers(writing.reading.model) else {}
            return {**made, "input": part.arguments, **caller}


def _emptied(block: JsonObject) -> JsonObject:
    """A block as it starts in a stream."""
    match block["type"]:
        case "text":
            return {"type": "text", "text": ""}
        case "thinking":
            return {"type": "thinking", "thinking": "", "signature": ""}
        case "tool_use":
            return {**block, "input": {}}
        case _:
            return block


def _deltas(block: JsonObject, rng: Random) -> Iterator[JsonObject]:
    match block["type"]:
        case "text":
            for piece in pieces(block["text"], rng):
                yield {"type": "text_delta", "text": piece}
        case "thinking":
            for piece in pieces(block["thinking"], rng) if block["thinking"] else []:
                yield {"type": "thinking_delta", "thinking": piece}
            yield {"type": "signature_delta", "signature": block["signature"]}
        case "tool_use":
            for piece in ["", *slices(dumped(block["input"]), rng)]:
                yield {"type": "input_json_delta", "partial_json": piece}
        case _:
            return


def _envelope(writing: Writing) -> JsonObject:
    made = {"model": writing.model, "id": writing.id("msg_01", size=22), "type": "message", "role": "assistant"}
    return {**made, "content": []}


def _input_usage(writing: Writing) -> JsonObject:
    marked = "cache_control" in dumped(writing.body)
    written = writing.input_tokens - writing.cached_tokens if marked else 0
    return {
        "input_tokens": writing.input_tokens - writing.cached_tokens - written,
        "cache_creation_input_tokens": written,
        "cache_read_input_tokens": writing.cached_tokens,
    }


def _extra_usage(writing: Writing) -> JsonObject:
    written = _input_usage(writing)["cache_creation_input_tokens"]
    return {
        "cache_creation": {"ephemeral_5m_input_tokens": written, "ephemeral_1h_input_tokens": 0},
        "service_tier": "standard",
        "inference_geo": "not_available",
    }


def _details(answer: Answer) -> JsonObject:
    if answer.ending not in ("refusal", "filter"):
        return {}
    return {"stop_details": {"type": "refusal", "category": "general_harms", "explanation": None}}


def _event(found: JsonObject, kind: EventKind = "content") -> WireEvent:
    return WireEvent(f"event: {found['type']}\ndata: {dumped(found)}\n\n".encode(), kind)
