"""Results of tools: one `tool` message each on the wire, one canonical message for all of a turn's."""

from typing import Any

from offramp.types import JsonObject, Message, Origin, Part, ToolResult
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.message_content import put_content, take_content
from offramp_providers.dialects.mistral.encoding import Encoding, residue_wire
from offramp_providers.dialects.mistral.parts import chunk_reader, encode_chunks
from offramp_providers.dialects.shapes import take_text


def decode_result(raw: JsonObject, issuer: Origin) -> ToolResult | None:
    """A `tool` message; None where it does not say which call it answers."""
    left = dict(raw)
    del left["role"]
    call_id = take_text(left, "tool_call_id")
    if call_id is None:
        return None
    parts, mark = take_content(left, chunk_reader(issuer))
    return ToolResult(call_id, tuple(parts), wire=residue_wire(left, (mark,) if mark else ()))


def encode_results(encoding: Encoding, message: Message, written: list[Any]) -> None:
    """A `tool` message of ours as one message for each result; then what else stands in it, as the user's."""
    before = len(written)
    strays: list[Any] = []
    for part in _in_order(encoding, message.parts):
        if not isinstance(part, ToolResult):
            chunks = encode_chunks(encoding, part, message.origin)
            if chunks:
                encoding.log.lose("role.moved", part)
            strays += chunks
        elif part.executor == "vendor":
            encoding.log.lose("vendor_tool", part)
        else:
            written.append(_encode_result(encoding, message, part))
    if message.name is not None:
        encoding.log.lose("name", message, "name")
    encoding.log.lose_wire(message, message.wire)
    if strays:
        written.append({"role": "user", "content": strays})
    if len(written) == before:
        encoding.log.lose("message.empty", message)


def _in_order(encoding: Encoding, parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """The results in the order of their calls, as required (platform-docs-public, function-calling, 2026-08-21)."""
    if encoding.native or len(parts) == 1:
        return parts
    places = {call_id: place for place, call_id in enumerate(encoding.called)}
    last = len(places)
    ordered = sorted(parts, key=lambda part: places.get(part.call_id, last) if isinstance(part, ToolResult) else last)
    for part, stood in zip(ordered, parts, strict=True):
        if part is not stood:
            encoding.log.lose("part_order", part)
    return tuple(ordered)


def _encode_result(encoding: Encoding, message: Message, result: ToolResult) -> JsonObject:
    author = result.origin or message.origin
    residue, form = encoding.own(result, result.wire, author)
    encoding.lose_marks(result)
    chunks: list[Any] = []
    if result.status != "ok":
        encoding.log.lose("tool_result.status", result, "status")
        chunks.append({"type": "text", "text": f"[{result.status}]"})
    for part in result.parts:
        chunks += encode_chunks(encoding, part, author)
    body: JsonObject = {"role": "tool", "tool_call_id": encoding.call_id(result)}
    put_content(body, chunks, form)
    return under(residue, body)
