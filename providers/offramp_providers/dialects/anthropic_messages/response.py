"""Responses, each way."""

from collections.abc import Mapping, Sequence
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
    status_of,
)
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.anthropic_messages.encoding import DROPPED, NAME, Encoding, form_of, residual
from offramp_providers.dialects.anthropic_messages.parts import decode_parts, encode_part
from offramp_providers.dialects.anthropic_messages.usage import decode_usage, encode_usage, loses_total
from offramp_providers.dialects.origins import served_origin
from offramp_providers.dialects.part_kinds import is_call
from offramp_providers.dialects.shapes import is_list, is_object, take_text

_KINDS: Final[Mapping[str, OutcomeKind]] = {
    "end_turn": OutcomeKind.COMPLETED,
    "tool_use": OutcomeKind.TOOL_CALLS,
    "max_tokens": OutcomeKind.MAX_OUTPUT,
    "model_context_window_exceeded": OutcomeKind.CONTEXT_EXCEEDED,
    "stop_sequence": OutcomeKind.STOP_SEQUENCE,
    "refusal": OutcomeKind.REFUSAL,
    "pause_turn": OutcomeKind.PAUSED,
}
"""The vendor's stop reasons (anthropic-sdk-python 0.121.0, read 2026-11-23)."""

_WORDS: Final[Mapping[OutcomeKind, str]] = {
    **{kind: word for word, kind in _KINDS.items()},
    OutcomeKind.EMPTY: "end_turn",
    OutcomeKind.CONTENT_FILTER: "refusal",
}

_KEYS: Final = frozenset({"id", "type", "role", "model", "content", "stop_reason", "stop_sequence", "usage"})
"""What every answer holds. An absent one is marked."""

_NOTHING: Final[JsonObject] = {}


def decode_outcome(
    raw: str | None, *, stop_sequence: str | None, category: str | None, empty: bool, calls: bool
) -> Outcome:
    """Keep the vendor's word beside ours; a word that we do not know is UNKNOWN, never `completed`."""
    kind = _KINDS.get(raw or "", OutcomeKind.UNKNOWN)
    if kind is OutcomeKind.COMPLETED and (empty or calls):
        kind = OutcomeKind.EMPTY if empty else OutcomeKind.TOOL_CALLS
    return Outcome(kind, raw=raw, stop_sequence=stop_sequence, category=category)


def encode_outcome(outcome: Outcome, *, own: bool) -> str | None:
    """The vendor's word; None where it has none for it."""
    return outcome.raw if own and outcome.raw is not None else _WORDS.get(outcome.kind)


def is_told(outcome: Outcome, word: str | None, *, empty: bool, calls: bool) -> bool:
    """Whether a reader of the word, and of what stands beside it, comes to the same outcome."""
    if word is None and outcome.raw is not None:
        return False
    read = decode_outcome(word, stop_sequence=None, category=None, empty=empty, calls=calls)
    return read.kind is outcome.kind


def take_stop(left: JsonObject) -> tuple[str | None, str | None, str | None]:
    """Take stop reason, stop sequence and refusal category."""
    category: str | None = None
    details: Any = left.get("stop_details")
    if is_object(details) and isinstance(details.get("category"), str):
        rest = dict(details)
        category = rest.pop("category")
        if rest:
            left["stop_details"] = rest
        else:
            del left["stop_details"]
    return _take_nullable(left, "stop_reason"), _take_nullable(left, "stop_sequence"), category


def _take_nullable(left: JsonObject, key: str) -> str | None:
    found: Any = left.get(key)
    if found is None:
        left.pop(key, None)
        return None
    return take_text(left, key)


def take_usage(left: JsonObject) -> Usage | None:
    """Take the counts, where there are any."""
    found: Any = left.get("usage")
    if not is_object(found):
        return None
    del left["usage"]
    return decode_usage(found)


def take_envelope(left: JsonObject) -> tuple[str | None, str | None]:
    """Take id and model, and the words that every answer's envelope holds."""
    if left.get("type") == "message":
        del left["type"]
    if left.get("role") == "assistant":
        del left["role"]
    return take_text(left, "id"), take_text(left, "model")


def absences(body: JsonMapping) -> tuple[str, ...]:
    """Form marks for what an answer usually holds, and this one does not."""
    return tuple(f"absent={key}" for key in sorted(_KEYS - body.keys())) if not body.keys() >= _KEYS else ()


def decode_response(body: JsonMapping, headers: Mapping[str, str], issuer: Origin) -> AnyResponse:
    """The answer as this vendor gives it. What has no name here stays in `wire`."""
    del headers  # None of them says anything about the answer itself.
    left = dict(body)
    form = absences(body)
    response_id, model = take_envelope(left)
    content: Any = left.get("content")
    parts: tuple[Part, ...] = ()
    if is_list(content):
        del left["content"]
        parts = decode_parts(content)
    raw, stop_sequence, category = take_stop(left)
    calls = any(map(is_call, parts))
    outcome = decode_outcome(raw, stop_sequence=stop_sequence, category=category, empty=not parts, calls=calls)
    origin = served_origin(issuer, model, response_id)
    return Response(
        Message("assistant", parts, origin=origin, status=status_of(outcome)),
        outcome,
        usage=take_usage(left) or Usage(),
        origin=origin,
        raw=dict(body),
        wire=residual(left, *form),
    )


def encode_response(response: AnyResponse) -> EncodedResponse:
    """The answer as a server of this dialect gives it, and what it cannot say."""
    origin = response.origin or response.message.origin
    own = origin is not None and origin.dialect == NAME
    ctx = response_encoding(origin)
    residue = _NOTHING if response.wire is None else ctx.residue(response, response.wire, origin)
    ctx.log.lose_wire(response.message, response.message.wire)
    if response.alternatives:
        ctx.log.lose("alternatives", response, "alternatives")
    outcome = response.outcome
    stop_reason = encode_outcome(outcome, own=own)
    content = _encode_content(ctx, response.message.parts, response.message.origin or origin)
    called = any(is_object(block) and block.get("type") == "tool_use" for block in content)
    if not is_told(outcome, stop_reason, empty=not content, calls=called):
        ctx.log.lose("outcome.rewritten", outcome, "kind")
    if loses_total(response.usage, own=own):
        ctx.log.lose("usage", response.usage, "input_tokens")
    body: JsonObject = {
        "id": _response_id(ctx, response, origin),
        "type": "message",
        "role": "assistant",
        "model": _model(ctx, response, origin),
        "content": content,
        "stop_reason": stop_reason,
        "stop_sequence": outcome.stop_sequence,
        "usage": encode_usage(response.usage, own=own),
    }
    _encode_category(ctx, outcome, body, own=own)
    _drop_malformed(body, residue, form_of(response.wire))
    return EncodedResponse(body=under(residue, body), losses=ctx.log.resolve(response))


def response_encoding(origin: Origin | None) -> Encoding:
    """An encoding whose target is the issuer itself, or nobody where the answer is of another dialect."""
    if origin is not None and origin.dialect == NAME:
        return Encoding(Target(origin=origin), authored=True)
    return Encoding(Target(origin=Origin(developer="", host="", dialect=NAME)), authored=False, takes_marks=False)


def _encode_content(ctx: Encoding, parts: Sequence[Part], origin: Origin | None) -> list[Any]:
    blocks = [encode_part(ctx, part, origin, "assistant") for part in parts]
    return [block for block in blocks if block is not DROPPED]


def _response_id(ctx: Encoding, response: AnyResponse, origin: Origin | None) -> str | None:
    if ctx.authored or (origin is not None and origin.response_id is not None):
        return origin.response_id if origin is not None else None
    ctx.log.lose("response_id.injected", response, "origin.response_id")
    return "msg_unknown"


def _model(ctx: Encoding, response: AnyResponse, origin: Origin | None) -> str | None:
    model = origin.model if origin is not None else None
    if ctx.authored or model is not None:
        return model
    ctx.log.lose("envelope.injected", response, "origin.model")
    return "unknown"


def _encode_category(ctx: Encoding, outcome: Outcome, body: JsonObject, *, own: bool) -> None:
    if outcome.category is None:
        return
    if own:
        body["stop_details"] = {"category": outcome.category}
    else:
        ctx.log.lose("refusal.category", outcome, "category")


def _drop_malformed(body: JsonObject, residue: JsonMapping, form: Sequence[str]) -> None:
    """Leave to the residue what the vendor wrote in another shape, and out what it did not write."""
    for key in _KEYS & residue.keys():
        if body[key] in (None, [], "message", "assistant") or key == "usage":
            del body[key]
    for mark in form:
        if mark.startswith("absent="):
            body.pop(mark.removeprefix("absent="), None)
