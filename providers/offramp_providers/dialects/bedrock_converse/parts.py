"""Content blocks, each way. A block is an object with one key, which is its kind."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final, Literal, TypeAlias, assert_never

from offramp.types import (
    Compaction,
    JsonObject,
    Media,
    Origin,
    Part,
    Reasoning,
    RedactedReasoning,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
    Unknown,
)
from offramp_providers.dialects.bedrock_converse import reasoning, texts, tool_parts
from offramp_providers.dialects.bedrock_converse.encoding import DROPPED, NAME, Encoding, decode_cache
from offramp_providers.dialects.bedrock_converse.media import decode_media, encode_media
from offramp_providers.dialects.shapes import is_object

Place: TypeAlias = Literal["system", "user", "assistant", "result"]
"""Where a part is to stand on the wire; `result` is within a tool result."""

_PLACES: Final[Mapping[Place, frozenset[type[Part]]]] = {
    "system": frozenset({Text, Refusal, Unknown}),
    "user": frozenset({Text, Refusal, Media, ToolResult, Unknown}),
    "assistant": frozenset({Text, Refusal, Reasoning, RedactedReasoning, ToolCall, ToolResult, Compaction, Unknown}),
    "result": frozenset({Text, Refusal, Media, Unknown}),
}
"""What the vendor takes where (botocore bedrock-runtime of 2026-08-07, read 2026-11-26)."""

_Decode: TypeAlias = Callable[[JsonObject], Part | None]

_DECODERS: Final[Mapping[str, _Decode]] = {
    "text": texts.decode_text,
    "guardContent": texts.decode_guarded,
    "citationsContent": texts.decode_cited,
    "reasoningContent": reasoning.decode_reasoning,
    "toolUse": tool_parts.decode_call,
    "image": partial(decode_media, kind="image"),
    "document": partial(decode_media, kind="document"),
    "video": partial(decode_media, kind="video"),
    "audio": partial(decode_media, kind="audio"),
}


def decode_block(raw: Any, place: Place) -> Part:
    """The part that a block means; what has no name or another shape is kept whole."""
    if not is_object(raw):
        return Unknown(dialect=NAME, vendor_type=None, raw=raw)
    if len(raw) == 1 and type(raw.get("text")) is str:
        return Text(raw["text"])
    kinds = [key for key in raw if key in _DECODERS or key in ("toolResult", "json")]
    part = _decode(dict(raw), kinds[0], place) if len(kinds) == 1 else None
    return part or Unknown(dialect=NAME, vendor_type=next(iter(raw), None), raw=raw)


def _decode(left: JsonObject, kind: str, place: Place) -> Part | None:
    if kind == "toolResult":
        by_vendor = place == "assistant"
        return tool_parts.decode_result(left, lambda found: decode_blocks(found, "result"), by_vendor=by_vendor)
    if kind == "json":
        return texts.decode_json(left) if place == "result" else None
    return _DECODERS[kind](left)


def decode_blocks(found: Sequence[Any], place: Place) -> tuple[Part, ...]:
    """Blocks in order. A cache point is a mark on the part before it."""
    parts: list[Part] = []
    for raw in found:
        cache = decode_cache(raw) if is_object(raw) and "cachePoint" in raw else None
        if cache is None or place == "result" or not parts or parts[-1].cache is not None:
            parts.append(decode_block(raw, place))
        else:
            parts[-1] = replace(parts[-1], cache=cache)
    return tuple(parts)


def encode_blocks(ctx: Encoding, parts: Sequence[Part], origin: Origin | None, place: Place) -> list[tuple[Any, Part]]:
    """Blocks in order, each with its part; a cache point stands behind what it marks."""
    blocks: list[tuple[Any, Part]] = []
    for part in parts:
        block = encode_part(ctx, part, origin, place)
        if block is DROPPED:
            continue
        blocks.append((block, part))
        if part.cache is not None and place == "result":
            ctx.lose_cache(part)
        elif part.cache is not None:
            point = ctx.cache_point(part, part.cache)
            blocks += [] if point is None else [(point, part)]
    return blocks


def encode_part(ctx: Encoding, part: Part, origin: Origin | None, place: Place) -> Any:
    """The block on the wire, or `DROPPED` and the loss.

    Args:
        ctx: the encoding.
        part: what to say.
        origin: who produced the message that holds it; the part's own origin wins.
        place: where it is to stand.
    """
    origin = part.origin or origin
    if _is_misplaced(part, place) or not (ctx.native or type(part) in _PLACES[place]):
        ctx.log.lose("media.unsupported" if isinstance(part, Media) else "part.misplaced", part)
        return DROPPED
    match part:
        case Text():
            block = texts.encode_text(ctx, part, origin)
        case ToolCall():
            block = tool_parts.encode_call(ctx, part, origin)
        case ToolResult():
            block = tool_parts.encode_result(ctx, part, origin, encode_blocks)
        case Reasoning() | RedactedReasoning():
            block = reasoning.encode_reasoning(ctx, part, origin)
        case Media():
            block = _encode_media(ctx, part, origin, place)
        case Refusal():
            block = texts.encode_refusal(ctx, part, origin)
        case Compaction():
            ctx.log.lose("compaction", part)
            return DROPPED
        case Unknown():
            return _encode_unknown(ctx, part, origin)
        case _:
            assert_never(part)
    return DROPPED if block is None else block


def _is_misplaced(part: Part, place: Place) -> bool:
    """A reader tells by the place alone who has run the tool: in the assistant's turn, the vendor."""
    return isinstance(part, ToolResult) and (part.executor == "vendor") != (place == "assistant")


def _encode_media(ctx: Encoding, part: Media, origin: Origin | None, place: Place) -> JsonObject | None:
    if place == "result" and (part.kind == "audio" or not ctx.allows("tool_result_media")):
        ctx.log.lose("media.unsupported", part)
        return None
    return encode_media(ctx, part, origin)


def _encode_unknown(ctx: Encoding, part: Unknown, origin: Origin | None) -> Any:
    raw: Any = part.raw
    welcome = part.dialect == NAME and ctx.is_own(origin, part.wire)
    if not welcome or not (is_object(raw) or ctx.native):
        ctx.log.lose("unknown_part", part)
        return DROPPED
    # It is whole already: what else stands on it is not of the wire.
    ctx.lose_opaque(part)
    ctx.log.lose_wire(part, part.wire)
    return raw
