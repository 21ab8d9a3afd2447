"""Parts of a content, each way, in order."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, Literal, TypeAlias, assert_never

from offramp.types import (
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
)
from offramp_providers.dialects.call_ids import CallIds
from offramp_providers.dialects.gemini import results, tool_parts, vendor_parts
from offramp_providers.dialects.gemini.encoding import DROPPED, NAME, Encoding, residual
from offramp_providers.dialects.gemini.media import decode_media, encode_media
from offramp_providers.dialects.gemini.spellings import both_spellings, unsnake
from offramp_providers.dialects.shapes import is_object, take_text

Place: TypeAlias = Literal["system", "user", "model"]
"""Where a part is to stand on the wire."""

_PLACES: Final[Mapping[Place, frozenset[type[Part]]]] = {
    "system": frozenset({Text, Refusal, Unknown}),
    "user": frozenset({Text, Refusal, Media, ToolResult, Unknown}),
    "model": frozenset({Text, Refusal, Media, Reasoning, RedactedReasoning, ToolCall, ToolResult, Compaction, Unknown}),
}
"""What the vendor takes where (googleapis/python-genai of 2026-08-21, read 2026-11-23)."""

_NAMES: Final = both_spellings(
    "thoughtSignature",
    "inlineData",
    "fileData",
    "functionCall",
    "functionResponse",
    "executableCode",
    "codeExecutionResult",
    "toolCall",
    "toolResponse",
)

_Decode: TypeAlias = Callable[[JsonObject, list[str], CallIds], Part | None]


def decode_part(raw: Any, ids: CallIds) -> Part:
    """What a part on the wire means; what has no name or another shape is kept whole."""
    if not is_object(raw):
        return Unknown(dialect=NAME, vendor_type=None, raw=raw)
    if len(raw) == 1 and type(raw.get("text")) is str:
        return Text(raw["text"])
    part = _decode(raw, ids)
    if part is not None:
        return part
    kind = next((key for key in raw if key not in ("thought", "thoughtSignature", "thought_signature")), None)
    return Unknown(dialect=NAME, vendor_type=kind, raw=raw)


def decode_parts(found: Sequence[Any], ids: CallIds) -> tuple[Part, ...]:
    """Parts in order."""
    return tuple([decode_part(each, ids) for each in found])


def _decode(raw: JsonObject, ids: CallIds) -> Part | None:
    left, form = dict(raw), list[str]()
    unsnake(left, _NAMES, form)
    signature = take_text(left, "thoughtSignature")
    opaque = () if signature is None else (Opaque("signature", signature, scope="model"),)
    thought: Any = left.get("thought")
    if type(thought) is bool:
        del left["thought"]
        form += [] if thought else ["thought=false"]
    kinds = [key for key in left if key in _DECODERS or key == "text"]
    if not kinds and not left and (thought is True or opaque):
        form += [] if thought is True else ["thought=absent"]
        return Reasoning(opaque=opaque, wire=residual(left, form))
    if len(kinds) != 1:
        return None
    if kinds == ["text"]:
        return _decode_text(left, form, opaque, thought=thought is True)
    if thought is True:
        form.append("thought=true")
    return _with_opaque(_DECODERS[kinds[0]](left, form, ids), opaque)


def _decode_text(left: JsonObject, form: list[str], opaque: tuple[Opaque, ...], *, thought: bool) -> Part | None:
    text = take_text(left, "text")
    if text is None:
        return None
    wire = residual(left, form)
    return Reasoning(text, opaque=opaque, wire=wire) if thought else Text(text, opaque=opaque, wire=wire)


def _with_opaque(part: Part | None, opaque: tuple[Opaque, ...]) -> Part | None:
    return replace(part, opaque=opaque) if part is not None and opaque else part


_DECODERS: Final[Mapping[str, _Decode]] = {
    "inlineData": lambda left, form, _ids: decode_media(left, form, "inlineData"),
    "fileData": lambda left, form, _ids: decode_media(left, form, "fileData"),
    "functionCall": tool_parts.decode_call,
    "functionResponse": lambda left, form, ids: results.decode_result(left, form, ids, decode_part),
    "toolCall": lambda left, form, ids: vendor_parts.decode_call(left, form, ids, "toolCall"),
    "executableCode": lambda left, form, ids: vendor_parts.decode_call(left, form, ids, "executableCode"),
    "toolResponse": lambda left, form, ids: vendor_parts.decode_result(left, form, ids, "toolResponse"),
    "codeExecutionResult": lambda left, form, ids: vendor_parts.decode_result(left, form, ids, "codeExecutionResult"),
}


def encode_part(ctx: Encoding, part: Part, origin: Origin | None, place: Place) -> Any:  # noqa: C901  # an arm a part
    """The part on the wire, or `DROPPED` and the loss.

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
        case ToolCall(executor="vendor"):
            block = vendor_parts.encode_call(ctx, part, origin)
        case ToolCall():
            block = tool_parts.encode_call(ctx, part, origin)
        case ToolResult(executor="vendor"):
            block = vendor_parts.encode_result(ctx, part, origin)
        case ToolResult():
            block = results.encode_result(ctx, part, origin)
        case Reasoning():
            block = _encode_reasoning(ctx, part, origin)
        case Media():
            block = encode_media(ctx, part, origin)
        case Refusal():
            block = _encode_refusal(ctx, part, origin)
        case RedactedReasoning() | Compaction():
            ctx.log.lose("compaction" if isinstance(part, Compaction) else "reasoning.foreign", part)
            block = None
        case Unknown():
            return _encode_unknown(ctx, part, origin)
        case _:
            assert_never(part)
    return DROPPED if block is None else block


def _belongs(part: Part, place: Place) -> bool:
    """Whether the vendor takes it there. In its own turn, the model has results of the vendor's tools only."""
    misplaced = place == "model" and isinstance(part, ToolResult) and part.executor == "client"
    return type(part) in _PLACES[place] and not misplaced


def is_plain(text: Text) -> bool:
    """Whether there is nothing to the part but a text."""
    return text.text != "" and text.wire is None and text.cache is None and not text.opaque and not text.citations


def _encode_text(ctx: Encoding, part: Text, origin: Origin | None) -> JsonObject | None:
    if part.citations and not ctx.answering:
        ctx.log.lose("citations", part, "citations")
    if part.wire is None and part.cache is None and not part.opaque:
        if part.text or ctx.authored:
            return {"text": part.text}
        ctx.log.lose("text.empty", part)
        return None
    block = ctx.dressed({"text": part.text}, part, origin)
    # An empty text may be there for its signature alone.
    if part.text or ctx.authored or "thoughtSignature" in block:
        return block
    ctx.log.lose("text.empty", part)
    return None


def _encode_refusal(ctx: Encoding, part: Refusal, origin: Origin | None) -> JsonObject | None:
    if not part.text:
        ctx.log.lose("text.empty", part)
        return None
    ctx.log.lose("refusal.rewritten", part)
    if part.category is not None:
        ctx.log.lose("refusal.category", part, "category")
    return ctx.dressed({"text": part.text}, part, origin)


def _encode_reasoning(ctx: Encoding, part: Reasoning, origin: Origin | None) -> JsonObject | None:
    if not (ctx.owns(origin) or ctx.answering or (origin is None and ctx.authored)):
        ctx.log.lose("reasoning.foreign" if origin is not None else "reasoning.unsigned", part)
        return None
    if part.summary is not None:
        ctx.log.lose("reasoning.foreign", part, "summary")
    if part.text is not None:
        return ctx.dressed({"text": part.text, "thought": True}, part, origin)
    block = ctx.dressed({"thought": True}, part, origin)
    if "thoughtSignature" not in block and "thought_signature" not in block and not ctx.authored:
        ctx.log.lose("reasoning.unsigned", part)
        return None
    if "thought=absent" in ctx.own_form(part.wire, origin):
        del block["thought"]
    return block


def _encode_unknown(ctx: Encoding, part: Unknown, origin: Origin | None) -> Any:
    raw: Any = part.raw
    plain = part.cache is None and part.wire is None and not part.opaque
    welcome = part.dialect == NAME and (origin is None or ctx.owns(origin))
    if not welcome or not (is_object(raw) or (plain and ctx.authored)):
        ctx.log.lose("unknown_part", part)
        return DROPPED
    if not plain:
        # It is whole already: what else stands on it is not of the wire.
        ctx.lose_marks(part)
    return raw
