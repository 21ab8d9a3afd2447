"""Results of tools: one item each on the wire, one canonical message for all of a turn's."""

from typing import Any, Final

from offramp.types import JsonObject, Message, Origin, Part, Text, ToolResult, Unknown
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.openai_responses.call_writing import call_id
from offramp_providers.dialects.openai_responses.encoding import Encoding, residue_wire
from offramp_providers.dialects.openai_responses.items import STATUS, take_status
from offramp_providers.dialects.openai_responses.parts import decode_block, encode_input, encode_unknown
from offramp_providers.dialects.shapes import is_list, is_object, take_text

OUTPUTS: Final = frozenset({"function_call_output", "custom_tool_call_output"})
_CUSTOM: Final = "type=custom_tool_call_output"
_LIST: Final = "output=list"
"""Marks an output that is a list, where a string would do."""


def decode_result(raw: JsonObject, issuer: Origin) -> ToolResult | None:
    """The output of a call; None where it has another shape."""
    left = dict(raw)
    form = (_CUSTOM,) if left.pop("type") == "custom_tool_call_output" else ()
    found = take_text(left, "call_id")
    output: Any = left.get("output")
    if found is None:
        return None
    parts: tuple[Part, ...]
    if type(output) is str:
        parts = (Text(output),) if output else ()
    elif is_list(output):
        parts, form = tuple(decode_block(each, issuer, "input_text") for each in output), (*form, _LIST)
    else:
        return None
    del left["output"]
    return ToolResult(found, parts, wire=residue_wire(left, (*form, *take_status(left))))


def encode_results(encoding: Encoding, message: Message, items: list[Any]) -> None:
    """A `tool` message of ours as one item for each result; then what is no result, as the user's."""
    before = len(items)
    strays: list[Any] = []
    for part in message.parts:
        if isinstance(part, ToolResult):
            if part.executor == "vendor":
                encoding.log.lose("vendor_tool", part)
            else:
                items.append(_encode_result(encoding, part, part.origin or message.origin))
        elif isinstance(part, Unknown):
            written = encode_unknown(encoding, part, part.origin or message.origin)
            if written and message.wire is None and not encoding.native:
                encoding.log.lose("role.moved", part)  # an item stands by itself
            items += written
        else:
            blocks = encode_input(encoding, part, message.origin)
            if blocks:
                encoding.log.lose("role.moved", part)
            strays += blocks
    if message.name is not None:
        encoding.log.lose("name", message, "name")
    encoding.log.lose_wire(message, message.wire)
    if strays:
        items.append({"role": "user", "content": strays})
    if len(items) == before:
        encoding.log.lose("message.empty", message)


def _encode_result(encoding: Encoding, result: ToolResult, origin: Origin | None) -> JsonObject:
    residue, form = encoding.own(result, result.wire, origin)
    if result.cache is not None:
        encoding.log.lose("cache", result, "cache")
    encoding.state(result, origin)
    blocks: list[Any] = []
    if result.status != "ok":
        encoding.log.lose("tool_result.status", result, "status")
        blocks.append({"type": "input_text", "text": f"[{result.status}]"})
    for part in result.parts:
        blocks += encode_input(encoding, part, origin)
    custom = _CUSTOM in form or result.call_id in encoding.custom
    item: JsonObject = {
        "type": "custom_tool_call_output" if custom else "function_call_output",
        "call_id": call_id(encoding, result),
        "output": _output(blocks, form),
    }
    if STATUS in form:
        item["status"] = "completed"
    return under(residue, item)


def _output(blocks: list[Any], form: tuple[str, ...]) -> Any:
    if _LIST in form:
        return blocks
    if not blocks:
        return ""
    only = blocks[0]
    plain = len(blocks) == 1 and is_object(only) and only.keys() == {"type", "text"} and only["text"]
    return only["text"] if plain else blocks
