"""Results of tools: one `tool` message each on the wire, one canonical message for all of a turn's."""

from typing import Any

from offramp.types import JsonObject, Message, Origin, ToolResult
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
    for part in message.parts:
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
