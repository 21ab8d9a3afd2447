"""Content chunks, each decoder beside its encoder."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, assert_never

from offramp.types import (
    Citation,
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
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.mistral.encoding import Encoding, residue_wire, unknown
from offramp_providers.dialects.mistral.media import (
    decode_audio,
    decode_document,
    decode_file,
    decode_image,
    encode_media,
)
from offramp_providers.dialects.mistral.options import NAME
from offramp_providers.dialects.mistral.thinking import decode_thinking, encode_thinking
from offramp_providers.dialects.shapes import is_object

REFERENCE: Final = "reference"
"""The type of a chunk that says where the text before it comes from."""


def chunk_reader(issuer: Origin) -> Callable[[Any], Part]:
    """Reads the elements of a content list; `issuer`: whose files are meant."""
    return lambda chunk: decode_chunk(chunk, issuer)


def decode_chunk(chunk: Any, issuer: Origin) -> Part:
    """One element of a content list."""
    kind: Any = chunk.get("type") if is_object(chunk) else None
    decode = _DECODERS.get(kind) if type(kind) is str else None
    return (decode(chunk, issuer) if decode else None) or unknown(chunk)


def _decode_text(chunk: JsonObject, _issuer: Origin) -> Part | None:
    left = dict(chunk)
    text = left.pop("text", None)
    if type(text) is not str:
        return None
    del left["type"]
    return Text(text, wire=residue_wire(left) if left else None)


_DECODERS: Final[Mapping[str, Callable[[JsonObject, Origin], Part | None]]] = {
    "text": _decode_text,
    "image_url": decode_image,
    "document_url": decode_document,
    "file": decode_file,
    "input_audio": decode_audio,
    "thinking": decode_thinking,
}


def with_references(parts: list[Part]) -> list[Part]:
    """The parts with each `reference` chunk as a citation of the text that it follows."""
    joined: list[Part] = []
    for part in parts:
        before = joined[-1] if joined else None
        if isinstance(part, Unknown) and part.vendor_type == REFERENCE and isinstance(before, Text):
            joined[-1] = replace(before, citations=(*before.citations, citation_of(part.raw)))
        else:
            joined.append(part)
    return joined


def citation_of(chunk: JsonObject) -> Citation:
    """A `reference` chunk, which tells its sources by number; the vendor's object is kept whole."""
    return Citation(dialect=NAME, raw=chunk)


def is_reference(citation: Citation) -> bool:
    """Whether the citation is a chunk that a reader takes for one."""
    return citation.dialect == NAME and citation.raw.get("type") == REFERENCE


def encode_chunks(encoding: Encoding, part: Part, author: Origin | None) -> list[Any]:
    """The part as elements of a content list; none where the dialect has none for it, which is named as lost.

    Args:
        encoding: the encoding on its way.
        part: the part.
        author: who wrote the message; the part's own origin wins.
    """
    match part:
        case Text():
            return _encode_text(encoding, part, author)
        case Media():
            return _one(encode_media(encoding, part, author))
        case Reasoning():
            return _one(encode_thinking(encoding, part, author))
        case Refusal():
            return [_encode_refusal(encoding, part, author)]
        case Unknown():
            return encode_unknown(encoding, part, author)
        case Compaction():
            encoding.log.lose("compaction", part)
        case RedactedReasoning():
            encoding.log.lose("reasoning.foreign", part)
        case ToolCall() | ToolResult():
            encoding.log.lose("part.misplaced", part)
        case _:
            assert_never(part)
    return []


def _one(chunk: JsonObject | None) -> list[Any]:
    return [] if chunk is None else [chunk]


def encode_unknown(encoding: Encoding, part: Unknown, author: Origin | None) -> list[Any]:
    """A value of this dialect that we have no name for goes back to its own host; another's is lost."""
    origin = part.origin or author
    if part.dialect == NAME and (origin is None or encoding.mine(origin)):
        encoding.lose_marks(part)
        return [part.raw]
    encoding.log.lose("unknown_part", part)
    return []


def _encode_text(encoding: Encoding, part: Text, author: Origin | None) -> list[Any]:
    chunks: list[Any] = [_text(encoding, part, author)]
    if part.citations:
        if all(map(is_reference, part.citations)) and encoding.mine(part.origin or author):
            chunks += [each.raw for each in part.citations]
        else:
            encoding.log.lose("citations", part, "citations")
    return chunks


def _text(encoding: Encoding, part: Text | Refusal, author: Origin | None) -> JsonObject:
    chunk: JsonObject = {"type": "text", "text": part.text}
    encoding.lose_marks(part)
    if part.wire is None:
        return chunk
    return under(encoding.own(part, part.wire, part.origin or author)[0], chunk)


def _encode_refusal(encoding: Encoding, part: Refusal, author: Origin | None) -> JsonObject:
    if part.category is not None:
        encoding.log.lose("refusal.category", part, "category")
    encoding.log.lose("refusal.rewritten", part)
    return _text(encoding, part, author)
