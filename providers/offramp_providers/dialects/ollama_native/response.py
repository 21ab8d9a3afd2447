"""Responses, each way."""

import hashlib
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from offramp.contracts.dialect import EncodedResponse, Target
from offramp.types import AnyResponse, JsonMapping, JsonObject, Message, Origin, Response, Usage, status_of
from offramp_providers.dialects import origins
from offramp_providers.dialects.accounting import take_object, under
from offramp_providers.dialects.arguments import dump_compact
from offramp_providers.dialects.call_ids import CallIds
from offramp_providers.dialects.encoding import residue_of
from offramp_providers.dialects.ollama_native.encoding import Encoding
from offramp_providers.dialects.ollama_native.messages import decode_assistant, encode_message
from offramp_providers.dialects.ollama_native.options import NAME
from offramp_providers.dialects.ollama_native.outcomes import decode_outcome, take_word, untold, word_of
from offramp_providers.dialects.ollama_native.usage import encode_usage, lose_unsaid, take_usage
from offramp_providers.dialects.part_kinds import is_call
from offramp_providers.dialects.shapes import is_text

NOBODY: Final = Origin(developer="", host="", dialect=NAME)
NO_MESSAGE: Final = "message=residue"
UNDONE: Final = "done=residue"
"""Marks an answer that does not say that it is at its end."""
ANY_TIME: Final = "1970-01-01T00:00:00Z"
"""The wire requires a time, and an answer of another dialect has none."""


def served_origin(issuer: Origin, model: str | None, told: JsonMapping) -> Origin:
    """The issuer, with the model that says to have answered; and where the server passed the request on, that host."""
    remote: Any = told.get("remote_host")
    host = urlsplit(remote).hostname if type(remote) is str and "//" in remote else None
    return origins.served_origin(issuer, model, host=host or "")


def seed_of(body: JsonMapping) -> str:
    """What derived call ids of an answer begin with: another for each answer, and the same each time."""
    return hashlib.sha256(dump_compact(dict(body)).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def take_role(left: JsonObject, marks: list[str]) -> None:
    """Take the one role that an answer has."""
    if left.get("role") == "assistant":
        del left["role"]
    else:
        marks.append("role=residue")


def decode_response(body: JsonMapping, headers: Mapping[str, str], issuer: Origin) -> AnyResponse:
    """The answer as this server gives it. What has no name here stays in `wire`."""
    del headers  # None of them says anything about the answer itself.
    left, marks = dict(body), list[str]()
    model: Any = left.pop("model") if is_text(left.get("model")) else None
    origin = served_origin(issuer, model, left)
    usage = take_usage(left) or Usage()
    message = _take_message(left, body, origin, marks)
    word = take_word(left)
    if left.get("done") is True:
        del left["done"]
    else:
        marks.append(UNDONE)
    outcome = decode_outcome(word, empty=not message.parts, called=any(map(is_call, message.parts)))
    return Response(
        Message("assistant", message.parts, origin=origin, status=status_of(outcome), wire=message.wire),
        outcome,
        usage=usage,
        origin=origin,
        raw=dict(body),
        wire=residue_of(NAME, left, tuple(marks)),
    )


def _take_message(left: JsonObject, body: JsonMapping, origin: Origin, marks: list[str]) -> Message:
    raw = take_object(left, "message")
    if raw is None:
        marks.append(NO_MESSAGE)
        return Message("assistant", (), origin=origin)
    own: list[str] = []
    take_role(raw, own)
    # Only calls take an id, and only for them is the whole answer hashed.
    ids = CallIds(seed_of(body) if raw.get("tool_calls") else "")
    return decode_assistant(raw, own, ids, origin)


def encode_response(response: AnyResponse) -> EncodedResponse:
    """The answer as a server of this dialect gives it, and what it cannot say."""
    encoding = answering(response.origin or response.message.origin)
    residue, form = encoding.own(response, response.wire, response.origin or response.message.origin)
    body = _envelope(encoding, response)
    message = encode_message(encoding, response.message) or {}
    if NO_MESSAGE not in form or response.message.parts:
        body["message"] = message
    if response.alternatives:
        encoding.log.lose("alternatives", response, "alternatives")
    lose_unsaid(encoding.log, response.usage)
    body.update(encode_usage(response.usage, own=encoding.native))
    if UNDONE not in form:
        body["done"] = True
    word = word_of(response.outcome, own=encoding.native)
    if word is not None:
        body["done_reason"] = word
    # What stands in an answer of its own beside the parts comes back with its residue, and is read as it was.
    is_whole = encoding.native and (response.wire or response.message.wire) is not None
    for field in () if is_whole else untold(response.outcome, word, message):
        encoding.log.lose("outcome.rewritten", response.outcome, field)
    return EncodedResponse(body=under(residue, body), losses=encoding.log.resolve(response))


def answering(origin: Origin | None) -> Encoding:
    """An encoding whose target is the issuer itself, or nobody where the answer is of another dialect."""
    if origin is not None and origin.dialect == NAME:
        return Encoding(Target(origin=origin), native=True, answering=True)
    return Encoding(Target(origin=NOBODY), native=False, answering=True)


def _envelope(encoding: Encoding, response: AnyResponse) -> JsonObject:
    origin, body = response.origin, JsonObject()
    if origin is not None and origin.model is not None:
        body["model"] = origin.model
    if origin is not None and origin.response_id is not None:
        encoding.log.lose("response_id", response, "origin.response_id")
    if encoding.native:
        return body
    if "model" not in body:
        encoding.log.lose("envelope.injected", response, "origin.model")
        body["model"] = ""
    encoding.log.lose("envelope.injected", response, "wire.fields.created_at")
    body["created_at"] = ANY_TIME
    return body
