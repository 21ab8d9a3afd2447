"""Content blocks: text, thinking, images and documents, each decoder beside its encoder."""

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
)
from offramp_providers.dialects.cohere_v2.documents import decode_document_block
from offramp_providers.dialects.cohere_v2.encoding import Encoding, residue_wire
from offramp_providers.dialects.cohere_v2.media import decode_image, encode_media
from offramp_providers.dialects.cohere_v2.options import NAME
from offramp_providers.dialects.part_kinds import unknown_part
from offramp_providers.dialects.shapes import is_object


def unknown(raw: Any, *marks: str) -> Unknown:
    """A value that fits nothing we know, kept whole."""
    return unknown_part(NAME, raw, *marks)


def decode_block(block: Any) -> Part:
    """One element of a content list."""
    kind: Any = block.get("type") if is_object(block) else None
    decode = _DECODERS.get(kind) if type(kind) is str else None
    return (decode(block) if decode else None) or unknown(block)


def _decode_text(block: JsonObject) -> Part | None:
    text: Any = block.get("text")
    if type(text) is not str:
        return None
    return Text(text, wire=_beyond(block, "text"))


def _decode_thinking(block: JsonObject) -> Part | None:
    text: Any = block.get("thinking")
    if type(text) is not str:
        return None
    return Reasoning(text, wire=_beyond(block, "thinking"))


def _beyond(block: JsonObject, key: str) -> Any:
    """What a block holds beside its type and its text."""
    if len(block) == 2:
        return None
    return residue_wire({name: found for name, found in block.items() if name not in ("type", key)})


_DECODERS: Final[Mapping[str, Callable[[JsonObject], Part | None]]] = {
    "text": _decode_text,
    "thinking": _decode_thinking,
    "image_url": decode_image,
    "document": decode_document_block,
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
            return _encode_text(encoding, part, author)
        case Media():
            block = encode_media(encoding, part, author)
            return [] if block is None else [block]
        case Refusal():
            return _encode_refusal(encoding, part, author)
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
        encoding.lose_marks(part)
        return [part.raw]
    encoding.log.lose("unknown_part", part)
    return []


def _encode_text(encoding: Encoding, part: Text, author: Origin | None) -> list[Any]:
    if part.citations:
        encoding.log.lose("citations", part, "citations")
    return text_block(encoding, part, author)


def text_block(encoding: Encoding, part: Text, author: Origin | None) -> list[Any]:
    """The text without its citations; an empty one is refused by the vendor, so none is made up for it."""
    if not part.text and not encoding.native:
        # "message must not be empty in a turn" (docs.cohere.com errors, read 2026-11-26).
        encoding.log.lose("text.empty", part)
        return []
    return [encoding.dressed(part, author, {"type": "text", "text": part.text})]


def _encode_refusal(encoding: Encoding, part: Refusal, author: Origin | None) -> list[Any]:
    if not part.text:
        encoding.log.lose("text.empty", part)
        return []
    encoding.log.lose("refusal.rewritten", part)
    if part.category is not None:
        encoding.log.lose("refusal.category", part, "category")
    return [encoding.dressed(part, author, {"type": "text", "text": part.text})]


def encode_thinking(encoding: Encoding, part: Reasoning, author: Origin | None) -> list[Any]:
    """Reasoning, which bears no signature here: the host's own, or any in an answer."""
    welcome = encoding.answering or encoding.mine(part.origin or author)
    if not welcome or part.text is None or not (part.text or encoding.native):
        encoding.log.lose("reasoning.foreign", part)
        return []
    if part.summary is not None:
        encoding.log.lose("reasoning.foreign", part, "summary")
    return [encoding.dressed(part, author, {"type": "thinking", "thinking": part.text})]
