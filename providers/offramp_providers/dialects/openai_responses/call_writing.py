"""Tool calls as items for the wire: the application's, and those that the vendor ran itself."""

import hashlib
from typing import Final

from offramp.types import JsonObject, Origin, ToolCall, ToolResult
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.encoding import NOTHING, marked
from offramp_providers.dialects.openai_responses.encoding import Encoding
from offramp_providers.dialects.openai_responses.items import CUSTOM, HAD_CALL_ID, STATUS

_LONGEST_ID: Final = 64
"""Of a call (openai-openapi 2.3.0, read 2026-11-23)."""


def call_id(encoding: Encoding, part: ToolCall | ToolResult) -> str:
    """The id as the vendor takes it: the same for a call and its result, and another for another."""
    if encoding.native or 0 < len(part.call_id) <= _LONGEST_ID:
        return part.call_id
    encoding.log.lose("call_id.rewritten", part, "call_id")
    digest = hashlib.sha256(part.call_id.encode("utf-8", "surrogatepass")).hexdigest()
    return f"call_{digest[:24]}"


def encode_call(encoding: Encoding, call: ToolCall, origin: Origin | None) -> JsonObject | None:
    """The item of a call."""
    if call.executor == "vendor":
        return _encode_vendor_call(encoding, call, origin)
    residue, form = encoding.own(call, call.wire, origin) if call.wire is not None else (NOTHING, ())
    state = encoding.state(call, origin, "item_id") if call.opaque else {}
    if call.cache is not None:
        encoding.log.lose("cache", call, "cache")
    arguments = call.arguments_json
    if arguments is None:
        encoding.log.lose("arguments.injected", call, "arguments_json")
        arguments = "{}"
    custom = CUSTOM in form
    item: JsonObject = {
        "type": "custom_tool_call" if custom else "function_call",
        "call_id": call_id(encoding, call),
        "name": call.name,
        "input" if custom else "arguments": arguments,
    }
    if custom:
        encoding.custom.add(call.call_id)
    return under(residue, dressed(item, state, form))


def dressed(item: JsonObject, state: dict[str, str], form: tuple[str, ...]) -> JsonObject:
    """The item with its id and status."""
    if "item_id" in state:
        item["id"] = state["item_id"]
    if STATUS in form:
        item["status"] = "completed"
    return item


def _encode_vendor_call(encoding: Encoding, call: ToolCall, origin: Origin | None) -> JsonObject | None:
    own = encoding.mine(origin) or (encoding.answering and encoding.native)
    state = encoding.state(call, origin, "item_id") if own else {}
    wire = call.wire
    kind = marked(wire.form, "type=") if wire is not None else None
    if wire is None or kind is None or "item_id" not in state:
        encoding.log.lose("vendor_tool", call)
        return None
    residue, form = encoding.own(call, wire, origin)
    item: JsonObject = {"type": kind, "id": state["item_id"]}
    if HAD_CALL_ID in form:
        item["call_id"] = call.call_id
    return under(residue, item)
