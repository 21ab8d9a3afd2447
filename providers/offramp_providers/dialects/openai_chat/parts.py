"""Content blocks: text, images, files and recordings, each decoder beside its encoder."""

from collections.abc import Callable, Mapping
from typing import Any, Final, assert_never

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
    replays,
)
from offramp_providers.dialects.message_content import is_plain
from offramp_providers.dialects.openai_chat.encoding import Encoding
from offramp_providers.dialects.openai_chat.marks import block_wire, take_cache, with_marks
from offramp_providers.dialects.openai_chat.media import decode_audio, decode_file, decode_image, encode_media
from offramp_providers.dialects.openai_chat.options import NAME
from offramp_providers.dialects.part_kinds import unknown_part
from offramp_providers.dialects.shapes import is_object

REFUSAL_BLOCK: Final = "refusal=block"
"""Marks a refusal that stood among the content."""


def unknown(raw: Any, *marks: str) -> Unknown:
    """A value that fits nothing we know, kept whole."""
    return unknown_part(NAME, raw, *marks)


def decode_block(block: Any, issuer: Origin) -> Part:
    """One element of a content list."""
    kind: Any = block.get("type") if is_object(block) else None
    decode = _DECODERS.get(kind) if type(kind) is str else None
    return (decode(block, issuer) if decode else None) or unknown(block)


def block_reader(issuer: Origin) -> Callable[[Any], Part]:
    """Reads the elements of a content list; `issuer`: whose files are meant."""
    return lambda block: decode_block(block, issuer)


def _decode_text(block: JsonObject, _issuer: Origin) -> Part | None:
    left = dict(block)
    text = left.pop("text", None)
    if type(text) is not str:
        return None
    if len(left) == 1:
        return Text(text)
    cache, form = take_cache(left)
    return Text(text, cache=cache, wire=block_wire(left, form))


def _decode_refusal(block: JsonObject, _issuer: Origin) -> Part | None:
    left = dict(block)
    text = left.pop("refusal", None)
    if type(text) is not str:
        return None
    return Refusal(text, wire=block_wire(left, (REFUSAL_BLOCK,)))


_DECODERS: Final[Mapping[str, Callable[[JsonObject, Origin], Part | None]]] = {
    "text": _decode_text,
    "refusal": _decode_refusal,
    "image_url": decode_image,
    "file": decode_file,
    "input_audio": decode_audio,
}


def encode_block(encoding: Encoding, part: Part, author: Origin | None) -> list[Any]:
    """The part as elements of a content list: one, or none where the dialect has none for it, which is named as lost.

    Args:
        encoding: the encoding on its way.
        part: the part.
        author: who wrote the message; the part's own origin wins.
    """
    match part:
        case Text():
            return [_encode_text(encoding, part, author)]
        case Media():
            block = encode_media(encoding, part, author)
            return [] if block is None else [block]
        case Refusal():
            return [_encode_refusal(encoding, part, author)]
        case Unknown():
            return encode_unknown(encoding, part, author)
        case Compaction():
            encoding.log.lose("compaction", part)
        case Reasoning() | RedactedReasoning():
            encoding.log.lose("reasoning.foreign", part)
        case ToolCall() | ToolResult():
            encoding.log.lose("part.misplaced", part)
        case _:
            assert_never(part)
    return []


def encode_unknown(encoding: Encoding, part: Unknown, author: Origin | None) -> list[Any]:
    """A value of this dialect that we have no name for goes back to its own host; another's is lost."""
    origin = part.origin or author
    if part.dialect == NAME and (origin is None or encoding.mine(origin)):
        return [part.raw]
    encoding.log.lose("unknown_part", part)
    return []


def _encode_text(encoding: Encoding, part: Text, author: Origin | None) -> JsonObject:
    block: JsonObject = {"type": "text", "text": part.text}
    if is_plain(part):
        return block
    if part.citations:
        encoding.log.lose("citations", part, "citations")
    return with_marks(encoding, part, author, block)


def _encode_refusal(encoding: Encoding, part: Refusal, author: Origin | None) -> JsonObject:
    if part.category is not None:
        encoding.log.lose("refusal.category", part, "category")
    origin = part.origin or author
    form = part.wire.form if part.wire and replays(part.wire, origin, encoding.target.origin) else ()
    if REFUSAL_BLOCK in form:
        return with_marks(encoding, part, author, {"type": "refusal", "refusal": part.text})
    encoding.log.lose("refusal.rewritten", part)
    return with_marks(encoding, part, author, {"type": "text", "text": part.text})
