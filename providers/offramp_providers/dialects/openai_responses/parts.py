"""Content blocks: what stands inside of a message or of a tool's output, each decoder beside its encoder."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, TypeAlias, assert_never

from offramp.types import (
    Citation,
    Compaction,
    JsonMapping,
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
from offramp_providers.dialects.encoding import NOTHING, marked
from offramp_providers.dialects.openai_responses.encoding import Encoding, residue_wire
from offramp_providers.dialects.openai_responses.marks import put_cache, take_cache
from offramp_providers.dialects.openai_responses.media import decode_audio, decode_file, decode_image, encode_media
from offramp_providers.dialects.openai_responses.options import NAME
from offramp_providers.dialects.shapes import is_list, is_object, take_text

TextType: TypeAlias = Literal["input_text", "output_text"]
"""How text is called: what is read by the model, or what it has written."""

ANNOTATIONS: Final = "annotations"
"""Marks a text that had a list of annotations, be it empty."""
NO_LOGPROBS: Final = "logprobs"
"""Marks a text whose list of log probabilities was empty."""
_TYPE: Final = "type="


def unknown(raw: Any, form: tuple[str, ...] = ()) -> Unknown:
    """A value that fits nothing we know, kept whole."""
    kind: Any = raw.get("type") if is_object(raw) else None
    return Unknown(dialect=NAME, vendor_type=kind if type(kind) is str else None, raw=raw, wire=residue_wire({}, form))


def decode_block(raw: Any, issuer: Origin, usual: TextType) -> Part:
    """One element of a content list."""
    kind: Any = raw.get("type") if is_object(raw) else None
    if type(kind) is not str:
        return unknown(raw)
    if kind in ("input_text", "output_text"):
        return _decode_text(raw, () if kind == usual else (_TYPE + kind,)) or unknown(raw)
    decode = _DECODERS.get(kind)
    return (decode(raw, issuer) if decode else None) or unknown(raw)


def _decode_text(raw: JsonObject, form: tuple[str, ...]) -> Part | None:
    left = dict(raw)
    del left["type"]
    text = take_text(left, "text")
    if text is None:
        return None
    if not left and not form:
        return Text(text)
    cache, cached = take_cache(left)
    citations: tuple[Citation, ...] = ()
    notes: Any = left.get("annotations")
    if is_list(notes) and all(is_object(note) for note in notes):
        del left["annotations"]
        citations, form = tuple(decode_citation(note) for note in notes), (*form, ANNOTATIONS)
    if left.get("logprobs") == []:
        del left["logprobs"]
        form = (*form, NO_LOGPROBS)
    return Text(text, citations=citations, cache=cache, wire=residue_wire(left, (*form, *cached)))


def decode_citation(note: JsonObject) -> Citation:
    """An annotation; the vendor's object is kept whole."""
    title: Any = note.get("title") or note.get("filename")
    url: Any = note.get("url")
    return Citation(
        dialect=NAME,
        raw=note,
        title=title if type(title) is str else None,
        url=url if type(url) is str else None,
    )


def _decode_refusal(raw: JsonObject, _issuer: Origin) -> Part | None:
    left = dict(raw)
    del left["type"]
    text = take_text(left, "refusal")
    return None if text is None else Refusal(text, wire=residue_wire(left))


_DECODERS: Final[Mapping[str, Callable[[JsonObject, Origin], Part | None]]] = {
    "refusal": _decode_refusal,
    "input_image": decode_image,
    "input_file": decode_file,
    "input_audio": decode_audio,
}


def is_plain(part: Text) -> bool:
    """Whether there is nothing to the part but its text."""
    return part.wire is None and not (part.cache or part.opaque or part.citations)


def encode_input(encoding: Encoding, part: Part, author: Origin | None) -> list[Any]:
    """The part as elements of a list that the model reads: one, or none, which is then named as lost."""
    origin = part.origin or author
    residue, form = encoding.own(part, part.wire, origin) if _is_sayable(part) else (NOTHING, ())
    if part.opaque and _is_sayable(part):
        encoding.state(part, origin)
    return encode_block(encoding, part, origin, (residue, form), "input_text")


def _is_sayable(part: Part) -> bool:
    return isinstance(part, (Text, Media, Refusal))


def encode_block(
    encoding: Encoding,
    part: Part,
    origin: Origin | None,
    own: tuple[JsonMapping, tuple[str, ...]],
    usual: TextType,
) -> list[Any]:
    """The part as elements of a content list: one, or none, and the loss, where it has no place there.

    Args:
        encoding: the encoding on its way.
        part: the part.
        origin: who has produced it.
        own: residue and spelling to write back.
        usual: how text is called in this place.
    """
    residue, form = own
    match part:
        case Text():
            block = _encode_text(encoding, part, origin, form, usual)
        case Refusal():
            block = _encode_refusal(encoding, part, usual)
        case Media():
            media = encode_media(encoding, part, origin, replayed=bool(residue))
            if media is None:
                return []
            block = media
        case Unknown():
            return encode_unknown(encoding, part, origin)
        case _:
            _lose(encoding, part)
            return []
    put_cache(encoding, part, block, form)
    return [under(residue, block) if residue else block]


def _lose(encoding: Encoding, part: Compaction | Reasoning | RedactedReasoning | ToolCall | ToolResult) -> None:
    match part:
        case Compaction():
            encoding.log.lose("compaction", part)
        case Reasoning() | RedactedReasoning():
            encoding.log.lose("reasoning.foreign", part)
        case ToolCall() | ToolResult():
            encoding.log.lose("part.misplaced", part)
        case _:
            assert_never(part)


def _encode_text(
    encoding: Encoding, part: Text, origin: Origin | None, form: tuple[str, ...], usual: TextType
) -> JsonObject:
    block: JsonObject = {"type": marked(form, _TYPE) or usual, "text": part.text}
    if part.citations or ANNOTATIONS in form:
        put_citations(encoding, part, origin, block, marked_so=ANNOTATIONS in form)
    if NO_LOGPROBS in form:
        block["logprobs"] = []
    return block


def put_citations(encoding: Encoding, part: Text, origin: Origin | None, block: JsonObject, *, marked_so: bool) -> None:
    """Write the citations that are of this dialect and of this host; the others are named."""
    mine = encoding.answering or origin is None or encoding.mine(origin)
    sent = [each.raw for each in part.citations if each.dialect == NAME and mine and marked_so]
    if len(sent) < len(part.citations):
        encoding.log.lose("citations", part, "citations")
    if marked_so:
        block["annotations"] = sent


def _encode_refusal(encoding: Encoding, part: Refusal, usual: TextType) -> JsonObject:
    if part.category is not None:
        encoding.log.lose("refusal.category", part, "category")
    if usual == "output_text":
        return {"type": "refusal", "refusal": part.text}
    encoding.log.lose("refusal.rewritten", part)
    return {"type": usual, "text": part.text}


def encode_unknown(encoding: Encoding, part: Unknown, origin: Origin | None) -> list[Any]:
    """A value of this dialect that we have no name for goes back to its own host; another's is lost."""
    if part.dialect == NAME and (origin is None or encoding.mine(origin) or (encoding.native and encoding.answering)):
        return [part.raw]
    encoding.log.lose("unknown_part", part)
    return []
