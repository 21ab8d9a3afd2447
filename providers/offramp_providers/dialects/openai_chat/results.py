"""Results of tools: one `tool` message each on the wire, one canonical message for all of a turn's."""

from typing import Any, Final

from offramp.types import JsonObject, Media, Message, Origin, Part, Text, ToolResult
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.message_content import is_plain, put_content, take_content
from offramp_providers.dialects.openai_chat.encoding import Encoding, residue_wire
from offramp_providers.dialects.openai_chat.parts import block_reader, encode_block
from offramp_providers.dialects.shapes import is_text, take_text

_FUNCTION: Final = "role=function"
"""Marks a result in the deprecated role, which answers by name instead of by id."""
_MEDIA: Final = "media=kept"
"""Marks a result whose author put media into it."""


def decode_result(raw: JsonObject, issuer: Origin, function_call_id: str) -> ToolResult | None:
    """A `tool` or `function` message; None where it fits neither.

    Args:
        raw: the message on the wire.
        issuer: whose files are meant.
        function_call_id: our id of the last call in the deprecated field.
    """
    content: Any = raw.get("content")
    if len(raw) == 3 and raw["role"] == "tool" and is_text(content) and type(raw.get("tool_call_id")) is str:
        return ToolResult(raw["tool_call_id"], (Text(content),))
    left = dict(raw)
    if left.pop("role") == "function":
        call_id: str | None = function_call_id if type(left.get("name")) is str else None
        marks = [_FUNCTION]
    else:
        call_id, marks = take_text(left, "tool_call_id"), []
    if call_id is None:
        return None
    parts, mark = take_content(left, block_reader(issuer))
    if mark:
        marks.append(mark)
    if any(isinstance(part, Media) for part in parts):
        marks.append(_MEDIA)
    return ToolResult(call_id, tuple(parts), wire=residue_wire(left, tuple(marks)))


def encode_results(encoding: Encoding, message: Message, written: list[Any]) -> None:
    """A `tool` message of ours as one message for each result; then what they could not hold, as the user's."""
    before = len(written)
    moved: list[Any] = []
    strays: list[Any] = []
    for part in message.parts:
        if not isinstance(part, ToolResult):
            blocks = encode_block(encoding, part, message.origin)
            if blocks:
                encoding.log.lose("role.moved", part)
            strays += blocks
        elif part.executor == "vendor":
            encoding.log.lose("vendor_tool", part)
        else:
            written.append(_encode_result(encoding, message, part, moved))
    if message.name is not None:
        encoding.log.lose("name", message, "name")
    encoding.log.lose_wire(message, message.wire)
    if moved or strays:
        written.append({"role": "user", "content": moved + strays})
    if len(written) == before:
        encoding.log.lose("message.empty", message)


def _encode_result(encoding: Encoding, message: Message, result: ToolResult, moved: list[Any]) -> JsonObject:
    parts = result.parts
    if len(parts) == 1 and result.wire is None and result.status == "ok" and not encoding.functions:
        only = parts[0]
        if type(only) is Text and only.text and is_plain(only) and not result.cache and not result.opaque:
            return {"role": "tool", "tool_call_id": result.call_id, "content": only.text}
    residue, form = encoding.own(result, result.wire, result.origin or message.origin)
    if result.cache is not None:
        encoding.log.lose("cache", result, "cache")
    encoding.lose_opaque(result)
    body = _address(encoding, result, form)
    put_content(body, _blocks(encoding, message, result, form, moved), form)
    return under(residue, body)


def _address(encoding: Encoding, result: ToolResult, form: tuple[str, ...]) -> JsonObject:
    """Role and id, or role and name in the deprecated form."""
    if _FUNCTION in form:
        return {"role": "function"}
    name = encoding.functions.get(result.call_id)
    if name is not None:
        return {"role": "function", "name": name}
    return {"role": "tool", "tool_call_id": result.call_id}


def _blocks(
    encoding: Encoding, message: Message, result: ToolResult, form: tuple[str, ...], moved: list[Any]
) -> list[Any]:
    author = result.origin or message.origin
    blocks: list[Any] = []
    if result.status != "ok":
        encoding.log.lose("tool_result.status", result, "status")
        blocks.append({"type": "text", "text": f"[{result.status}]"})
    treatment = encoding.given("tool_result_media") or ("keep" if _MEDIA in form else "move")
    images: list[Any] = []
    for part in result.parts:
        if isinstance(part, Media) and part.source.type != "text" and treatment != "keep":
            images += _move(encoding, part, author, dropped=treatment == "drop")
        else:
            blocks += encode_block(encoding, part, author)
    if images:
        moved.append({"type": "text", "text": f"[media in the result of {result.call_id}]"})
        moved += images
    return blocks


def _move(encoding: Encoding, part: Part, author: Origin | None, *, dropped: bool) -> list[Any]:
    """The part's blocks for the user message that follows."""
    if dropped:
        encoding.log.lose("media.unsupported", part)
        return []
    blocks = encode_block(encoding, part, author)
    if blocks:
        encoding.log.lose("media.moved", part)
    return blocks
