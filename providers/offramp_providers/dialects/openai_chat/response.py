"""Responses: the `chat.completion` object.

Residue stands at three places, each where it was found: of the message in `Message.wire`, of a further choice in
`Alternative.wire`, and of the object itself in `Response.wire`, which holds that of the first choice under `choices`.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from offramp.contracts.provider import EncodedResponse, Target
from offramp.types import (
    Alternative,
    AnyResponse,
    JsonMapping,
    JsonObject,
    Message,
    Origin,
    Outcome,
    OutcomeKind,
    Response,
    Usage,
    Wire,
    status_of,
)
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.encoding import NOTHING
from offramp_providers.dialects.openai_chat.assistant import decode_assistant, encode_assistant
from offramp_providers.dialects.openai_chat.encoding import Encoding
from offramp_providers.dialects.openai_chat.options import NAME
from offramp_providers.dialects.openai_chat.outcomes import decode_usage, encode_outcome, encode_usage, outcome_of
from offramp_providers.dialects.shapes import is_list, is_object, take_text

_RAW_CHOICES: Final = "choices=raw"
"""Marks choices that fit nothing we know, kept as residue."""
_NO_MESSAGE: Final = "message=absent"
_NO_INDEX: Final = "index=absent"
_NOBODY: Final = Origin(developer="", host="", dialect=NAME)


def decode_response(body: JsonMapping, _headers: Mapping[str, str], origin: Origin) -> AnyResponse:
    """Read an answer. Its own model and id replace those of the asked origin."""
    left = dict(body)
    served = served_origin(left, origin)
    usage: Any = left.get("usage")
    if is_object(usage):
        del left["usage"]
    choices: Any = left.get("choices")
    if not is_list(choices) or not choices or not all(map(is_object, choices)):
        answers = [_nothing(served, left)]
        form: tuple[str, ...] = (_RAW_CHOICES,)
    else:
        del left["choices"]
        answers = [_decode_choice(choice, place, served) for place, choice in enumerate(choices)]
        first = answers[0].wire
        form = first.form if first else ()
        if first and first.fields:
            left["choices"] = [first.fields]
    return Response(
        answers[0].message,
        answers[0].outcome,
        usage=decode_usage(usage) if is_object(usage) else Usage(),
        origin=served,
        alternatives=tuple(answers[1:]),
        raw=dict(body),
        wire=Wire(dialect=NAME, fields=left, form=form),
    )


def served_origin(left: JsonObject, asked: Origin) -> Origin:
    """Take model and id out of an answer, and stamp them on the asked origin. Unknown stays unknown."""
    return Origin(
        developer=asked.developer,
        host=asked.host,
        dialect=asked.dialect,
        model=take_text(left, "model"),
        account=asked.account,
        region=asked.region,
        response_id=take_text(left, "id"),
    )


def _nothing(served: Origin, left: JsonObject) -> Alternative:
    kind = OutcomeKind.ERROR if left.get("error") is not None else OutcomeKind.UNKNOWN
    return Alternative(Message("assistant", (), origin=served), Outcome(kind))


def _decode_choice(choice: JsonObject, place: int, served: Origin) -> Alternative:
    left = dict(choice)
    form: list[str] = []
    if "index" not in left:
        form.append(_NO_INDEX)
    elif left["index"] == place and type(left["index"]) is int:
        del left["index"]
    found: Any = left.get("message")
    if is_object(found):
        del left["message"]
        message = decode_assistant(found, served, served, f"function_call_{served.response_id or place}")
    else:
        form.append(_NO_MESSAGE)
        message = Message("assistant", (), origin=served)
    outcome = outcome_of(take_text(left, "finish_reason"), message.parts)
    status = status_of(outcome)
    if status != "complete":
        message = replace(message, status=status)
    wire = Wire(dialect=NAME, fields=left, form=tuple(form)) if left or form else None
    return Alternative(message, outcome, wire=wire)


def encode_response(response: AnyResponse) -> EncodedResponse:
    """Write an answer as a server of this dialect would, and name what cannot be said."""
    native = response.wire is not None and response.wire.dialect == NAME
    origin = response.origin or response.message.origin
    encoding = Encoding(Target(origin=_as_ours(origin)), native=native, answering=True)
    residue, form = encoding.own(response, response.wire, None)
    left = dict(residue)
    if left.get("object") == "chat.completion.chunk":
        left["object"] = "chat.completion"  # a stream that was folded
    body: JsonObject = {} if native else {"object": "chat.completion"}
    _put_origin(encoding, response, origin, body)
    if _RAW_CHOICES not in form or response.message.parts:
        body["choices"] = _encode_choices(encoding, response, left.pop("choices", None), form)
    usage = encode_usage(response.usage, native=native)
    if usage is not None:
        body["usage"] = usage
    return EncodedResponse(body=under(left, body), losses=encoding.log.resolve(response))


def _as_ours(origin: Origin | None) -> Origin:
    """The answerer, as if it spoke this dialect: what it wrote in another one is then foreign."""
    if origin is None:
        return _NOBODY
    return replace(origin, dialect=NAME)


def _put_origin(encoding: Encoding, response: AnyResponse, origin: Origin | None, body: JsonObject) -> None:
    response_id, model = (origin.response_id, origin.model) if origin else (None, None)
    if not encoding.native:
        if response_id is None:
            encoding.log.lose("response_id.injected", response, "origin.response_id")
            response_id = "chatcmpl-unknown"
        if model is None:
            encoding.log.lose("envelope.injected", response, "origin.model")
            model = "unknown"
        # Every answer has a time of day, which this one does not: the epoch says so.
        encoding.log.lose("envelope.injected", response, "wire.fields.created")
        body["created"] = 0
    if response_id is not None:
        body["id"] = response_id
    if model is not None:
        body["model"] = model


def _encode_choices(encoding: Encoding, response: AnyResponse, residue: Any, form: tuple[str, ...]) -> list[Any]:
    first: JsonObject = residue[0] if is_list(residue) and residue and is_object(residue[0]) else {}
    choices = [_encode_choice(encoding, response.message, response.outcome, 0, (first, form))]
    for place, other in enumerate(response.alternatives, start=1):
        own = encoding.own(other, other.wire, None)
        choices.append(_encode_choice(encoding, other.message, other.outcome, place, own))
    return choices


def _encode_choice(
    encoding: Encoding, message: Message, outcome: Outcome, place: int, own: tuple[JsonMapping, tuple[str, ...]]
) -> JsonObject:
    residue, form = own
    choice: JsonObject = {} if encoding.native else {"logprobs": None, "finish_reason": None}
    if "index" not in residue and _NO_INDEX not in form:
        choice["index"] = place
    written: JsonObject = {}
    if _NO_MESSAGE not in form or message.parts:
        written = encode_assistant(encoding, message) or {}
        choice["message"] = written if encoding.native else {"content": None, "refusal": None, **written}
    said = () if encoding.native else decode_assistant(written, _NOBODY, _NOBODY, "").parts
    word = encode_outcome(encoding, outcome, said)
    if word is not None:
        choice["finish_reason"] = word
    return under(residue or NOTHING, choice)
