"""How the emulated vendor puts an answer into a message and into events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random
from typing import Any, Final, TypeGuard

from offramp.types._value import JsonObject
from offramp_providers.emulator.answers import Answer, Call, Denial, Part, Saying, Thought, words_of
from offramp_providers.emulator.json_values import objects_of
from offramp_providers.emulator.reading import Reading
from offramp_providers.emulator.rules import Rejection, ValidatorState
from offramp_providers.emulator.wire import WireEvent, Writing
from offramp_providers.emulator.words import tokens_in

from .events import Events
from .reader import read, results_of, text_in
from .validator import error_body, validate

_FINISH: Final = {
    "end": "COMPLETE",
    "calls": "TOOL_CALL",
    "max": "MAX_TOKENS",
    "stop": "STOP_SEQUENCE",
    "refusal": "COMPLETE",  # the vendor has no word for it
    "filter": "ERROR",
}

FAULTS: Final = {
    "overloaded": Rejection("overloaded", 503, "", "the service is overloaded"),
    "rate": Rejection("rate", 429, "", "please wait and try again later"),
    "rate_limited": Rejection("rate_limited", 429, "", "please wait and try again later"),
    "server-error": Rejection("server-error", 500, "", "internal server error"),
    "server_error": Rejection("server_error", 500, "", "internal server error"),
    "suspended": Rejection("suspended", 403, "", "this account has no access"),
    "retired": Rejection("retired", 404, "", "this model was removed on an earlier day"),
    "quota": Rejection("quota", 402, "", "maximum billing reached for this key"),
}


class CohereSide:
    """The emulated vendor's side of Cohere's Chat API."""

    path = "/v2/chat"
    faults = FAULTS
    media_type = "text/event-stream"

    def validate(self, body: Any, headers: Mapping[str, str], state: ValidatorState) -> Rejection | None:
        return validate(body, headers, state)

    def error_body(self, rejection: Rejection, request_id: str) -> JsonObject:
        return error_body(rejection, request_id)

    def read(self, body: JsonObject) -> Reading:
        return read(body)

    def streams(self, body: JsonObject) -> bool:
        return body.get("stream") is True

    def headers(self, request_id: str, rng: Random) -> dict[str, str]:  # noqa: ARG002  # the id stands in the body
        return {}

    def response(self, writing: Writing) -> JsonObject:
        message = _message(writing)
        novel = {"hologram": {"frames": [1, 2, 3]}} if writing.fate.is_novel else {}
        return {"id": _id(writing), "message": {**message, **novel}, **_ending(writing)}

    def stream(self, writing: Writing) -> Iterator[WireEvent]:
        return Events(writing).of(_id(writing), _message(writing), _ending(writing))

    def stream_error(self, rejection: Rejection) -> WireEvent:
        return Events.framed(error_body(rejection, ""), "content")

    def models(self, names: tuple[str, ...]) -> JsonObject:
        return {"models": [{"name": name, "endpoints": ["chat"]} for name in names]}

    def count(self, tokens: int) -> JsonObject | None:  # noqa: ARG002  # this vendor counts plain texts only
        return None


def _id(writing: Writing) -> str:
    return writing.id("", "answer", size=36).lower()


def _message(writing: Writing) -> JsonObject:
    """The whole message; what is said ahead of calls is a plan."""
    answer = writing.answers[0]
    calls = [_call(writing, f"{place}", part) for place, part in enumerate(answer.parts) if isinstance(part, Call)]
    said = "".join(part.text for part in answer.parts if isinstance(part, Saying | Denial))
    blocks = [{"type": "thinking", "thinking": part.text} for part in answer.parts if _is_shown(part)]
    message: JsonObject = {"role": "assistant"}
    if calls:
        message |= {"tool_plan": said} if said else {}
        message["tool_calls"] = calls
    elif said or not blocks:
        blocks.append({"type": "text", "text": said})
    message |= {"content": blocks} if blocks else {}
    citations = [] if calls else _citations(writing, said, len(blocks) - 1)
    return {**message, "citations": citations} if citations else message


def _is_shown(part: Part) -> TypeGuard[Thought]:
    """Nothing that was thought is withheld here, so there is no place for what would be."""
    return isinstance(part, Thought) and not part.is_redacted


def _call(writing: Writing, purpose: str, call: Call) -> JsonObject:
    call_id = writing.id(f"{call.name}_", purpose, size=12).lower()
    return {"id": call_id, "type": "function", "function": {"name": call.name, "arguments": call.arguments_json}}


def _citations(writing: Writing, said: str, index: int) -> list[JsonObject]:
    """One for each result that the text quotes."""
    found: list[JsonObject] = []
    for result in results_of(objects_of(writing.body["messages"])):
        quoted = text_in(result)
        start = said.find(quoted)
        if quoted and start >= 0:
            source = {"type": "tool", "id": f"{result['tool_call_id']}:0", "tool_output": {"content": quoted}}
            span = {"start": start, "end": start + len(quoted), "text": quoted, "sources": [source]}
            found.append({**span, "type": "TEXT_CONTENT", "content_index": index})
    return found


def _ending(writing: Writing) -> JsonObject:
    answer = writing.answers[0]
    return {"finish_reason": _FINISH[answer.ending], "usage": _usage(writing, answer)}


def _usage(writing: Writing, answer: Answer) -> JsonObject:
    thoughts = sum(tokens_in(words_of(part)) for part in answer.parts if isinstance(part, Thought))
    tokens: JsonObject = {"input_tokens": writing.input_tokens, "output_tokens": answer.tokens}
    return {
        "billed_units": {"input_tokens": writing.input_tokens, "output_tokens": answer.tokens},
        "tokens": {**tokens, "reasoning_tokens": thoughts} if thoughts else tokens,
        "cached_tokens": writing.cached_tokens,
    }
