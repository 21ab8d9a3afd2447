"""Responses: one message, why it ended, and what it cost. The wire does not say which model has answered."""

from collections.abc import Mapping
from typing import Any, Final

from offramp.contracts.dialect import EncodedResponse, Target
from offramp.types import (
    AnyResponse,
    JsonMapping,
    JsonObject,
    Message,
    Origin,
    Response,
    Usage,
    Wire,
    changed,
    status_of,
)
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.cohere_v2.assistant import decode_assistant, encode_assistant
from offramp_providers.dialects.cohere_v2.calls import CallIds
from offramp_providers.dialects.cohere_v2.encoding import NOBODY, Encoding
from offramp_providers.dialects.cohere_v2.options import NAME
from offramp_providers.dialects.cohere_v2.outcomes import decode_usage, encode_outcome, encode_usage, outcome_of
from offramp_providers.dialects.shapes import is_object, take_text

_NO_MESSAGE: Final = "message=absent"
UNKNOWN_ID: Final = "unknown"
"""Stands for the id that every answer must have."""


def decode_response(body: JsonMapping, _headers: Mapping[str, str], origin: Origin) -> AnyResponse:
    """Read an answer. Its own id replaces that of the asked origin, and its model is not known."""
    left = dict(body)
    served = served_origin(origin, take_text(left, "id"))
    usage: Any = left.get("usage")
    if is_object(usage):
        del left["usage"]
    found: Any = left.get("message")
    if is_object(found):
        del left["message"]
        message = decode_assistant(found, served, answering=True)
    else:
        message = Message("assistant", (), origin=served)
    outcome = outcome_of(take_text(left, "finish_reason"), message.parts)
    return Response(
        changed(message, status=status_of(outcome)),
        outcome,
        usage=decode_usage(usage) if is_object(usage) else Usage(),
        origin=served,
        raw=dict(body),
        wire=Wire(dialect=NAME, fields=left, form=() if is_object(found) else (_NO_MESSAGE,)),
    )


def served_origin(asked: Origin, response_id: str | None) -> Origin:
    """The asked origin with the answer's own id. Which model has served is not said, and so not known."""
    return changed(asked, model=None, response_id=response_id)


def encode_response(response: AnyResponse) -> EncodedResponse:
    """Write an answer as a server of this dialect would, and name what cannot be said."""
    native = response.wire is not None and response.wire.dialect == NAME
    origin = response.origin or response.message.origin
    encoding = answering(origin, native=native)
    residue, form = encoding.own(response, response.wire, None)
    body: JsonObject = {}
    _put_origin(encoding, response, origin, body)
    written: JsonObject = {}
    if _NO_MESSAGE not in form or response.message.parts:
        written = body["message"] = encode_assistant(encoding, CallIds(encoding), response.message) or {}
    said = () if native else decode_assistant(written, NOBODY, answering=True).parts
    word = encode_outcome(encoding, response.outcome, said)
    if word is not None:
        body["finish_reason"] = word
    _put_usage(encoding, response, body)
    if response.alternatives:
        encoding.log.lose("alternatives", response, "alternatives")
    return EncodedResponse(body=under(residue, body), losses=encoding.log.resolve(response))


def answering(origin: Origin | None, *, native: bool) -> Encoding:
    """An encoding of an answer, as if its author spoke this dialect: what it wrote in another one is then foreign."""
    author = NOBODY if origin is None else changed(origin, dialect=NAME)
    return Encoding(Target(origin=author), native=native, answering=True)


def _put_origin(encoding: Encoding, response: AnyResponse, origin: Origin | None, body: JsonObject) -> None:
    response_id, model = (origin.response_id, origin.model) if origin else (None, None)
    if response_id is None and not encoding.native:
        encoding.log.lose("response_id.injected", response, "origin.response_id")
        response_id = UNKNOWN_ID
    if response_id is not None:
        body["id"] = response_id
    if model is not None:
        encoding.log.lose("served_model", response, "origin.model")


def _put_usage(encoding: Encoding, response: AnyResponse, body: JsonObject) -> None:
    usage = encode_usage(response.usage, native=encoding.native)
    if usage is not None:
        body["usage"] = usage
    if response.usage.cache_write_tokens is not None and not encoding.native:
        encoding.log.lose("usage", response.usage, "cache_write_tokens")
