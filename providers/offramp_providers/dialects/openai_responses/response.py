"""Responses: the `response` object, whose `output` is a list of items."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from offramp.contracts.dialect import EncodedResponse, Target
from offramp.types import (
    AnyResponse,
    JsonMapping,
    JsonObject,
    Message,
    Origin,
    Outcome,
    OutcomeKind,
    Part,
    Response,
    Usage,
    Wire,
    status_of,
)
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.openai_responses.encoding import Encoding
from offramp_providers.dialects.openai_responses.item_writing import encode_items
from offramp_providers.dialects.openai_responses.items import decode_items
from offramp_providers.dialects.openai_responses.options import NAME
from offramp_providers.dialects.openai_responses.outcomes import (
    encode_outcome,
    encode_usage,
    take_outcome,
    take_usage,
)
from offramp_providers.dialects.origins import served_origin
from offramp_providers.dialects.shapes import is_list, take_text

_NO_OUTPUT: Final = "output=kept"
"""Marks an answer without output, or with one that fits nothing and stays among the residue."""
NOBODY: Final = Origin(developer="", host="", dialect=NAME)

ENVELOPE: Final[JsonMapping] = {
    "object": "response",
    "created_at": 0,
    "error": None,
    "incomplete_details": None,
    "instructions": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "temperature": None,
    "tool_choice": "auto",
    "tools": [],
    "top_p": None,
}
"""What every answer holds (openai-openapi 2.3.0, read 2026-11-23), where nothing is known of it."""


def decode_response(body: JsonMapping, _headers: Mapping[str, str], origin: Origin) -> AnyResponse:
    """Read an answer. Its own model and id replace those of the asked origin."""
    left = dict(body)
    served = served_origin(origin, take_text(left, "model"), take_text(left, "id"))
    output: Any = left.get("output")
    form: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    if is_list(output):
        del left["output"]
        parts = decode_items(output, served)
    else:
        form = (_NO_OUTPUT,)
    outcome, marks = take_outcome(left, parts)
    if outcome.raw is None and left.get("error") is not None:
        outcome = Outcome(OutcomeKind.ERROR)
    return Response(
        Message("assistant", parts, origin=served, status=status_of(outcome)),
        outcome,
        usage=take_usage(left) or Usage(),
        origin=served,
        raw=dict(body),
        wire=Wire(dialect=NAME, fields=left, form=(*form, *marks)),
    )


def encode_response(response: AnyResponse) -> EncodedResponse:
    """Write an answer as a server of this dialect would, and name what cannot be said."""
    native = response.wire is not None and response.wire.dialect == NAME
    origin = response.origin or response.message.origin
    encoding = answering(origin, native=native)
    residue, form = encoding.own(response, response.wire, None)
    encoding.log.lose_wire(response.message, response.message.wire)
    if response.alternatives:
        encoding.log.lose("alternatives", response, "alternatives")
    body: JsonObject = {} if native else dict(ENVELOPE)
    _put_origin(encoding, response, origin, body)
    items = encode_items(encoding, response.message.parts, response.message.origin or origin)
    if items or _NO_OUTPUT not in form:
        body["output"] = items
    said = () if native else decode_items(items, NOBODY)
    body |= encode_outcome(encoding, response.outcome, said, form)
    usage = encode_usage(response.usage, native=native)
    if usage is not None:
        body["usage"] = usage
    return EncodedResponse(body=under(residue, body), losses=encoding.log.resolve(response))


def answering(origin: Origin | None, *, native: bool) -> Encoding:
    """The encoding of an answer: what its issuer wrote in another dialect is foreign."""
    target = NOBODY if origin is None else replace(origin, dialect=NAME)
    return Encoding(Target(origin=target), native=native, answering=True)


def _put_origin(encoding: Encoding, response: AnyResponse, origin: Origin | None, body: JsonObject) -> None:
    response_id, model = (origin.response_id, origin.model) if origin else (None, None)
    if not encoding.native:
        if response_id is None:
            encoding.log.lose("response_id.injected", response, "origin.response_id")
            response_id = "resp_unknown"
        if model is None:
            encoding.log.lose("envelope.injected", response, "origin.model")
            model = "unknown"
        # Every answer has a time of day, which this one does not: the epoch says so.
        encoding.log.lose("envelope.injected", response, "wire.fields.created_at")
    if response_id is not None:
        body["id"] = response_id
    if model is not None:
        body["model"] = model
