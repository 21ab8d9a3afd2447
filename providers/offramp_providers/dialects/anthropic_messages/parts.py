"""Content blocks, each way: what stands in a message, in order."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias, assert_never

from offramp.types import (
    Citation,
    Compaction,
    JsonObject,
    Media,
    Opaque,
    Origin,
    Part,
    Reasoning,
    RedactedReasoning,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
    Unknown,
    within_scope,
)
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.anthropic_messages import tool_parts
from offramp_providers.dialects.anthropic_messages.cache_marks import take_cache
from offramp_providers.dialects.anthropic_messages.encoding import DROPPED, NAME, Encoding, form_of, residual
from offramp_providers.dialects.anthropic_messages.media import decode_media, encode_media
from offramp_providers.dialects.shapes import are_objects, is_object, take_text

Place: TypeAlias = Literal["system", "user", "assistant", "result"]
"""Where a part is to stand on the wire; `result` is within a tool result."""

_PLACES: Final[Mapping[Place, frozenset[type[Part]]]] = {
    "system": frozenset({Text, Unknown}),
    "user": frozenset({Text, Refusal, Media, ToolResult, Unknown}),
    "assistant": frozenset({Text, Refusal, Reasoning, RedactedReasoning, ToolCall, ToolResult, Compaction, Unknown}),
    "result": frozenset({Text, Refusal, Media, Unknown}),
}
"""What the vendor takes where (anthropic-sdk-python 0.121.0, read 2026-11-23)."""


def decode_part(raw: Any) -> Part:
    """The part that a content block means; what has no name or another shape is kept whole."""
    kind: Any = raw.get("type") if is_object(raw) else None
    if not isinstance(kind, str):
        return Unknown(dialect=NAME, vendor_type=None, raw=raw)
    if kind == "text" and len(raw) == 2 and type(raw.get("text")) is str:
        return Text(raw["text"])
    decode = _DECODERS.get(kind) or tool_parts.decoder_of(kind)
    part = decode(raw) if decode is not None else None
    return Unknown(dialect=NAME, vendor_type=kind, raw=raw) if part is None else part


def decode_parts(blocks: Sequence[Any]) -> tuple[Part, ...]:
    """Content blocks in order."""
    return tuple([decode_part(block) for block in blocks])


def _decode_text(raw: JsonObject) -> Text | None:
    left = dict(raw)
    del left["type"]
    text = take_text(left, "text")
    if text is None:
        return None
    cache = take_cache(left)
    found: Any = left.get("citations")
    if not are_objects(found):
        return Text(text, cache=cache, wire=residual(left))
    del left["citations"]
    citations = tuple([decode_citation(each) for each in found])
    wire = residual(left) if citations else residual(left, "citations=empty")
    return Text(text, citations=citations, cache=cache, wire=wire)


def decode_citation(raw: JsonObject) -> Citation:
    """A citation, kept whole, with what can be read from it."""
    read = dict(raw)
    title = take_text(read, "title") or take_text(read, "document_title")
    return Citation(
        dialect=NAME, raw=raw, quoted=take_text(read, "cited_text"), title=title, url=take_text(read, "url")
    )


def _decode_thinking(raw: JsonObject) -> Reasoning | None:
    left = dict(raw)
    del left["type"]
    text = take_text(left, "thinking")
    if text is None:
        return None
    signature = take_text(left, "signature")
    if signature is None:
        return Reasoning(text, wire=residual(left, "signature=absent"))
    return Reasoning(text, opaque=(Opaque("signature", signature),), wire=residual(left))


def _decode_redacted(raw: JsonObject) -> RedactedReasoning | None:
    left = dict(raw)
    del left["type"]
    data = take_text(left, "data")
    return None if data is None else RedactedReasoning(opaque=(Opaque("redacted_data", data),), wire=residual(left))


def _decode_compaction(raw: JsonObject) -> Compaction | None:
    left = dict(raw)
    del left["type"]
    text = take_text(left, "content")
    return None if text is None else Compaction(text, cache=take_cache(left), wire=residual(left))


_DECODERS: Final[Mapping[str, Callable[[JsonObject], Part | None]]] = {
    "text": _decode_text,
    "thinking": _decode_thinking,
    "redacted_thinking": _decode_redacted,
    "tool_use": tool_parts.decode_call,
    "tool_result": lambda raw: tool_parts.decode_result(raw, decode_parts),
    "image": decode_media,
    "document": decode_media,
    "compaction": _decode_compaction,
}


def encode_part(ctx: Encoding, part: Part, origin: Origin | None, place: Place) -> Any:
    """The block on the wire, or `DROPPED` and the loss.

    Args:
        ctx: the encoding.
        part: what to say.
        origin: who produced the message that holds it; the part's own origin wins.
        place: where it is to stand.
    """
    origin = part.origin or origin
    if not (ctx.authored or _belongs(part, place)):
        ctx.log.lose("media.unsupported" if isinstance(part, Media) else "part.misplaced", part)
        return DROPPED
    match part:
        case Text():
            block = _encode_text(ctx, part, origin)
        case ToolCall():
            block = tool_parts.encode_call(ctx, part, origin)
        case ToolResult():
            block = tool_parts.encode_result(ctx, part, origin, encode_part)
        case Reasoning() | RedactedReasoning():
            block = _encode_reasoning(ctx, part, origin)
        case Media():
            block = encode_media(ctx, part, origin)
        case Refusal():
            block = _encode_refusal(ctx, part, origin)
        case Compaction():
            block = _encode_compaction(ctx, part, origin)
        case Unknown():
            return _encode_unknown(ctx, part, origin)
        case _:
            assert_never(part)
    return DROPPED if block is None else block


def _belongs(part: Part, place: Place) -> bool:
    """Whether the vendor takes it there. In its own turn, the assistant has results of the vendor's tools only."""
    misplaced = place == "assistant" and isinstance(part, ToolResult) and part.executor == "client"
    return type(part) in _PLACES[place] and not misplaced


def _encode_text(ctx: Encoding, part: Text, origin: Origin | None) -> JsonObject | None:
    if not part.text and not ctx.authored:
        ctx.log.lose("text.empty", part)
        return None
    block: JsonObject = {"type": "text", "text": part.text}
    if part.citations:
        sent = [each.raw for each in part.citations if _is_citable(ctx, each, origin)]
        if len(sent) < len(part.citations):
            ctx.log.lose("citations", part, "citations")
        if sent:
            block["citations"] = sent
    elif part.wire is None and part.cache is None and not part.opaque:
        return block
    elif "citations=empty" in form_of(part.wire):
        block["citations"] = []
    return ctx.dressed(block, part, origin)


def _is_citable(ctx: Encoding, citation: Citation, origin: Origin | None) -> bool:
    return citation.dialect == NAME and (origin is None or ctx.owns(origin))


def _encode_refusal(ctx: Encoding, part: Refusal, origin: Origin | None) -> JsonObject | None:
    if not part.text:
        ctx.log.lose("text.empty", part)
        return None
    ctx.log.lose("refusal.rewritten", part)
    if part.category is not None:
        ctx.log.lose("refusal.category", part, "category")
    return ctx.dressed({"type": "text", "text": part.text}, part, origin)


def _encode_reasoning(ctx: Encoding, part: Reasoning | RedactedReasoning, origin: Origin | None) -> JsonObject | None:
    if origin is not None and not ctx.owns(origin):
        ctx.log.lose("reasoning.foreign", part)
        return None
    kind = "signature" if isinstance(part, Reasoning) else "redacted_data"
    state = _own_state(ctx, part, origin, kind)
    if not _is_accepted(ctx, part, origin, state):
        ctx.log.lose("reasoning.unsigned", part)
        return None
    if part.cache is not None:
        ctx.log.lose("cache", part, "cache")
    block: JsonObject
    if isinstance(part, RedactedReasoning):
        block = {"type": "redacted_thinking", "data": state}
    else:
        block = {"type": "thinking", "thinking": part.text or ""}
        if part.summary is not None:
            ctx.log.lose("reasoning.foreign", part, "summary")
        if state is not None:
            block["signature"] = state
    return under(ctx.residue(part, part.wire, origin), block)


def _own_state(ctx: Encoding, part: Part, origin: Origin | None, kind: str) -> str | None:
    """The opaque state that the block holds, if it may go to the target. Any other is named."""
    found: str | None = None
    for position, each in enumerate(part.opaque):
        mine = within_scope(each, origin, ctx.target) or (origin is None and ctx.authored)
        if found is None and each.kind == kind and mine:
            found = each.data
        else:
            ctx.log.lose("opaque.foreign", part, f"opaque[{position}]")
    return found


def _is_accepted(ctx: Encoding, part: Reasoning | RedactedReasoning, origin: Origin | None, state: str | None) -> bool:
    """Whether the target takes it back with this state."""
    if state or ctx.authored:
        return state is not None or "signature=absent" in form_of(part.wire)
    if isinstance(part, RedactedReasoning) or not ctx.owns(origin):
        return False
    return "signature=absent" in form_of(part.wire) or ctx.allows("unsigned_reasoning")


def _encode_compaction(ctx: Encoding, part: Compaction, origin: Origin | None) -> JsonObject | None:
    if part.text is None or not (ctx.owns(origin) or ctx.authored):
        ctx.log.lose("compaction", part)
        return None
    return ctx.dressed({"type": "compaction", "content": part.text}, part, origin)


def _encode_unknown(ctx: Encoding, part: Unknown, origin: Origin | None) -> Any:
    raw: Any = part.raw
    plain = part.cache is None and part.wire is None and not part.opaque
    if (
        part.dialect != NAME
        or not (origin is None or ctx.owns(origin))
        or not (is_object(raw) or (plain and ctx.authored))
    ):
        ctx.log.lose("unknown_part", part)
        return DROPPED
    return raw if plain else ctx.dressed(dict(raw), part, origin)
