"""How the emulated vendor puts an answer into a message and into events."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any, Final, assert_never
from urllib.parse import unquote

from offramp.types._value import JsonObject
from offramp_providers.emulator.answers import Call, Denial, Part, Saying, Thought
from offramp_providers.emulator.reading import Reading
from offramp_providers.emulator.rules import Rejection, ValidatorState
from offramp_providers.emulator.wire import WireEvent, Writing

from .events import Events, framed
from .reader import read
from .validator import error_body, validate

_PATH: Final = re.compile(r"/model/([^/]+)/(converse|converse-stream)")
_STOPS: Final = {
    "end": "end_turn",
    "calls": "tool_use",
    "max": "max_tokens",
    "stop": "stop_sequence",
    "refusal": "end_turn",  # the vendor has no word for it
    "filter": "content_filtered",
}
_BUSY: Final = "Too many requests, please wait before trying again."

FAULTS: Final = {
    "overloaded": Rejection("overloaded", 503, "ServiceUnavailableException", "Service unavailable."),
    "rate": Rejection("rate", 429, "ThrottlingException", _BUSY),
    "rate_limited": Rejection("rate_limited", 429, "ThrottlingException", _BUSY),
    "server-error": Rejection("server-error", 500, "InternalServerException", "Internal server error."),
    "server_error": Rejection("server_error", 500, "InternalServerException", "Internal server error."),
    "suspended": Rejection("suspended", 403, "AccessDeniedException", "This account has no access."),
    "retired": Rejection("retired", 404, "ResourceNotFoundException", "This model version has reached its end."),
    "quota": Rejection("quota", 400, "ServiceQuotaExceededException", "A quota of your account is used up."),
}


class BedrockSide:
    """The emulated vendor's side of Amazon Bedrock's Converse."""

    path = "/model"
    faults = FAULTS
    media_type = "application/vnd.amazon.eventstream"

    def told_by(self, path: str) -> JsonObject | None:
        found = _PATH.fullmatch(path)
        if found is None:
            return None
        return {":model": unquote(found[1]), ":stream": found[2] == "converse-stream"}

    def error_headers(self, rejection: Rejection) -> dict[str, str]:
        return {"x-amzn-errortype": f"{rejection.type}:http://internal.amazon.com/coral/com.amazon.bedrock/"}

    def validate(self, body: Any, headers: Mapping[str, str], state: ValidatorState) -> Rejection | None:
        return validate(body, headers, state)

    def error_body(self, rejection: Rejection, request_id: str) -> JsonObject:  # noqa: ARG002  # the id stands in a header
        return error_body(rejection)

    def read(self, body: JsonObject) -> Reading:
        return read(body)

    def streams(self, body: JsonObject) -> bool:
        return body.get(":stream") is True

    def headers(self, request_id: str, rng: Random) -> dict[str, str]:  # noqa: ARG002  # no rate limits are told
        return {"x-amzn-requestid": request_id}

    def response(self, writing: Writing) -> JsonObject:
        message = {"role": "assistant", "content": _content(writing)}
        return {"output": {"message": message}, "stopReason": _stop(writing), **_metadata(writing)}

    def stream(self, writing: Writing) -> Iterator[WireEvent]:
        return Events(writing).of(_content(writing), _stop(writing), _metadata(writing))

    def stream_error(self, rejection: Rejection) -> WireEvent:
        name = rejection.type[:1].lower() + rejection.type[1:]
        return framed(name, error_body(rejection), "content", is_exception=True)

    def models(self, names: tuple[str, ...]) -> JsonObject:
        return {"modelSummaries": [{"modelId": name} for name in names]}

    def count(self, tokens: int) -> JsonObject | None:  # noqa: ARG002  # counted in a call of its own
        return None


def _stop(writing: Writing) -> str:
    return _STOPS[writing.answers[0].ending]


def _content(writing: Writing) -> list[JsonObject]:
    novel = [{"hologram": {"frames": [1, 2, 3]}}] if writing.fate.is_novel else []
    return [_block(writing, f"{place}", part) for place, part in enumerate(writing.answers[0].parts)] + novel


def _block(writing: Writing, purpose: str, part: Part) -> JsonObject:
    match part:
        case Saying() | Denial():
            return {"text": part.text}
        case Call():
            use = {"toolUseId": writing.id("tooluse_", purpose, size=22), "name": part.name, "input": part.arguments}
            return {"toolUse": use}
        case Thought():
            nonce = writing.chance(f"nonce {purpose}").randbytes(12)
            if part.is_redacted:
                return {"reasoningContent": {"redactedContent": writing.issuer.sign("redacted", "", nonce)}}
            signature = writing.issuer.sign("thinking", part.text, nonce)
            return {"reasoningContent": {"reasoningText": {"text": part.text, "signature": signature}}}
        case _:
            assert_never(part)


def _metadata(writing: Writing) -> JsonObject:
    """The counts: what was read from a cache stands beside the rest of the input, and in the total. A prompt router is
    the one case in which the vendor says which model has answered.
    """
    output, cached = writing.answers[0].tokens, writing.cached_tokens
    usage = {
        "inputTokens": writing.input_tokens - cached,
        "outputTokens": output,
        "totalTokens": writing.input_tokens + output,
        "cacheReadInputTokens": cached,
        "cacheWriteInputTokens": 0,
    }
    told: JsonObject = {"usage": usage, "metrics": {"latencyMs": 400}}
    if writing.fate.served_model is not None:
        told["trace"] = {"promptRouter": {"invokedModelId": writing.fate.served_model}}
    return told
