"""Results of tools: one `tool` message each on the wire, one canonical message for all of a turn's."""

from typing import Any

from offramp.types import JsonObject, Media, Message, Origin, TextSource, ToolResult
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.cohere_v2.calls import CallIds
from offramp_providers.dialects.cohere_v2.documents import encode_document_block
from offramp_providers.dialects.cohere_v2.encoding import Encoding, residue_wire
from offramp_providers.dialects.cohere_v2.parts import decode_block, encode_block
from offramp_providers.dialects.message_content import put_content, take_content
from offramp_providers.dialects.shapes import take_text


def decode_result(raw: JsonObject) -> ToolResult | None:
    """A `tool` message; None where it says of no call that it answers it."""
    left = dict(raw)
    del left["role"]
    call_id = take_text(left, "tool_call_id")
    if call_id is None:
        return None
    parts, mark = take_content(left, decode_block)
    return ToolResult(call_id, tuple(parts), wire=residue_wire(left, (mark,) if mark else ()))


def encode_results(encoding: Encoding, ids: CallIds, message: Message, written: list[Any]) -> None:
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
            written += _encode_result(encoding, ids, message, part, moved)
    if message.name is not None:
        encoding.log.lose("name", message, "name")
    encoding.log.lose_wire(message, message.wire)
    if moved or strays:
        written.append({"role": "user", "content": moved + strays})
    if len(written) == before:
        encoding.log.lose("message.empty", message)


def _encode_result(
    encoding: Encoding, ids: CallIds, message: Message, result: ToolResult, moved: list[Any]
) -> list[JsonObject]:
    call_id = ids.of_result(result)
    if call_id is None:
        return []
    residue, form = encoding.own(result, result.wire, result.origin or message.origin)
    encoding.lose_marks(result)
    body: JsonObject = {"role": "tool", "tool_call_id": call_id}
    put_content(body, _blocks(encoding, result, result.origin or message.origin, moved), form)
    return [under(residue, body)]


def _blocks(encoding: Encoding, result: ToolResult, author: Origin | None, moved: list[Any]) -> list[Any]:
    blocks: list[Any] = []
    images: list[Any] = []
    if result.status != "ok":
        encoding.log.lose("tool_result.status", result, "status")
        blocks.append({"type": "text", "text": f"[{result.status}]"})
    for part in result.parts:
        if isinstance(part, Media):
            _add_media(encoding, part, author, blocks, images)
        else:
            blocks += encode_block(encoding, part, author)
    if images:
        moved += [{"type": "text", "text": f"[media in the result of {result.call_id}]"}, *images]
    return blocks


def _add_media(encoding: Encoding, part: Media, author: Origin | None, blocks: list[Any], images: list[Any]) -> None:
    """A document of text stays; an image goes to a message of the user's, the only place that takes one."""
    if part.kind == "document" and isinstance(part.source, TextSource):
        blocks.append(encode_document_block(encoding, part, part.source.text, author))
        return
    elsewhere = encode_block(encoding, part, author)
    if elsewhere:
        encoding.log.lose("media.moved", part)
    images += elsewhere
