"""Responses, each way."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from offramp.contracts.dialect import EncodedResponse, Target
from offramp.types import (
    Alternative,
    AnyResponse,
    JsonMapping,
    JsonObject,
    Message,
    Origin,
    Outcome,
    OutcomeKind,
    Part,
    Response,
    Text,
    Usage,
    status_of,
)
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.arguments import dump_compact
from offramp_providers.dialects.call_ids import CallIds
from offramp_providers.dialects.gemini.citations import SOURCES, with_citations
from offramp_providers.dialects.gemini.encoding import DROPPED, NAME, Encoding, residual
from offramp_providers.dialects.gemini.outcomes import NUMBER, blocked, outcome_of, take_word, untold, word_of
from offramp_providers.dialects.gemini.parts import decode_parts, encode_part
from offramp_providers.dialects.gemini.usage import decode_usage, encode_usage
from offramp_providers.dialects.origins import served_origin
from offramp_providers.dialects.shapes import are_objects, is_list, is_object, take_text

_CANDIDATES: Final = "candidates="
"""Marks that there was no list of candidates: `absent`, or `residue` of another shape."""
NOBODY: Final = Origin(developer="", host="", dialect=NAME)


def seed_of(response_id: str | None, body: JsonMapping, number: int = 0) -> str:
    """What derived call ids of an answer begin with: another for each answer, and the same each time."""
    seed = response_id or hashlib.sha256(dump_compact(dict(body)).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{seed}_{number}" if number else seed


def decode_response(body: JsonMapping, headers: Mapping[str, str], issuer: Origin) -> AnyResponse:
    """The answer as this vendor gives it. What has no name here stays in `wire`."""
    del headers  # None of them says anything about the answer itself.
    left, form = dict(body), list[str]()
    response_id = take_text(left, "responseId")
    origin = served_origin(issuer, take_text(left, "modelVersion"), response_id)
    usage = decode_usage(left.pop("usageMetadata")) if is_object(left.get("usageMetadata")) else Usage()
    found: Any = left.get("candidates")
    answers: list[tuple[Message, Outcome]] = []
    if are_objects(found) and found:
        del left["candidates"]
        rests: list[JsonObject] = []
        for number, raw in enumerate(found):
            seed = seed_of(response_id, body, number)
            answers.append(_decode_candidate(raw, number, origin, CallIds(seed), rests, form))
        if any(rests):
            left["candidates"] = rests
    else:
        form.append(f"{_CANDIDATES}{'residue' if 'candidates' in left else 'absent'}")
        outcome = blocked(left.get("promptFeedback")) or Outcome(OutcomeKind.UNKNOWN)
        answers.append((Message("assistant", (), origin=origin, status=status_of(outcome)), outcome))
    message, outcome = answers[0]
    return Response(
        message,
        outcome,
        usage=usage,
        origin=origin,
        alternatives=tuple([Alternative(*each) for each in answers[1:]]),
        raw=dict(body),
        wire=residual(left, form),
    )


def _decode_candidate(
    raw: JsonObject, number: int, origin: Origin, ids: CallIds, rests: list[JsonObject], form: list[str]
) -> tuple[Message, Outcome]:
    left, marks = dict(raw), list[str]()
    parts = _take_parts(left, ids, marks)
    word, is_number = take_word(left)
    marks += [NUMBER] if is_number else []
    if type(left.get("index")) is int and left["index"] == number:
        del left["index"]
    else:
        marks.append("index=absent")
    parts = with_citations(parts, left)
    outcome = outcome_of(word, parts)
    rests.append(left)
    form += [f"{_place(number)}{mark}" for mark in marks]
    return Message("assistant", parts, origin=origin, status=status_of(outcome)), outcome


def _take_parts(left: JsonObject, ids: CallIds, marks: list[str]) -> tuple[Part, ...]:
    content: Any = left.get("content")
    if not is_object(content):
        marks.append("content=residue")
        return ()
    inner = dict(content)
    parts: tuple[Part, ...] = ()
    if is_list(inner.get("parts")):
        parts = decode_parts(inner.pop("parts"), ids)
    else:
        marks.append("parts=residue")
    if inner.get("role") == "model":
        del inner["role"]
    else:
        marks.append("role=residue")
    if inner:
        left["content"] = inner
    else:
        del left["content"]
    return parts


def _place(number: int) -> str:
    return f"candidates[{number}]."


def encode_response(response: AnyResponse) -> EncodedResponse:
    """The answer as a server of this dialect gives it, and what it cannot say."""
    origin = response.origin or response.message.origin
    own = origin is not None and origin.dialect == NAME
    ctx = response_encoding(origin)
    residue = dict(ctx.residue(response, response.wire, origin))
    form = ctx.own_form(response.wire, origin)
    ctx.log.lose_wire(response.message, response.message.wire)
    body: JsonObject = {}
    if not any(mark.startswith(_CANDIDATES) for mark in form) or response.message.parts:
        found: Any = residue.pop("candidates", None)
        rests: list[JsonObject] = found if are_objects(found) else []
        answers = [(response.message, response.outcome), *((a.message, a.outcome) for a in response.alternatives)]
        body["candidates"] = [
            _encode_candidate(ctx, message, outcome, number, rests[number] if number < len(rests) else {}, form)
            for number, (message, outcome) in enumerate(answers)
        ]
    if response.usage.cache_write_tokens is not None:
        ctx.log.lose("usage", response.usage, "cache_write_tokens")
    usage = encode_usage(response.usage, own=own)
    if usage or response.usage.raw is not None:
        body["usageMetadata"] = usage
    if origin is not None and origin.model is not None:
        body["modelVersion"] = origin.model
    if origin is not None and origin.response_id is not None:
        body["responseId"] = origin.response_id
    return EncodedResponse(body=under(residue, body), losses=ctx.log.resolve(response))


def response_encoding(origin: Origin | None) -> Encoding:
    """An encoding whose target is the issuer itself, or nobody where the answer is of another dialect."""
    if origin is not None and origin.dialect == NAME:
        return Encoding(Target(origin=origin), authored=True, answering=True)
    return Encoding(Target(origin=NOBODY), authored=False, answering=True)


def _encode_candidate(
    ctx: Encoding, message: Message, outcome: Outcome, number: int, rest: JsonObject, form: tuple[str, ...]
) -> JsonObject:
    place = _place(number)
    marks = {mark[len(place) :] for mark in form if mark.startswith(place)}
    _lose_citations(ctx, message.parts, rest)
    blocks = [encode_part(ctx, part, message.origin, "model") for part in message.parts]
    said = [part for part, block in zip(message.parts, blocks, strict=True) if block is not DROPPED]
    blocks = [block for block in blocks if block is not DROPPED]
    candidate: JsonObject = {}
    if "content=residue" not in marks or blocks:
        content: JsonObject = {} if "role=residue" in marks else {"role": "model"}
        if blocks or "parts=residue" not in marks:
            content["parts"] = blocks
        candidate["content"] = content
    word = word_of(outcome, own=ctx.authored)
    if word is not None:
        candidate["finishReason"] = int(word) if NUMBER in marks else word
    if "index=absent" not in marks:
        candidate["index"] = number
    for field in untold(outcome, word, said):
        ctx.log.lose("outcome.rewritten", outcome, field)
    return under(rest, candidate)


def _lose_citations(ctx: Encoding, parts: Sequence[Part], rest: JsonMapping) -> None:
    """Name citations whose source does not stand beside them."""
    if ctx.authored and any(key in rest for key in SOURCES):
        return
    for part in parts:
        if isinstance(part, Text) and part.citations:
            ctx.log.lose("citations", part, "citations")
