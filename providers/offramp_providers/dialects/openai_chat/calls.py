"""Tool calls in an assistant message: functions, custom tools, and the deprecated `function_call`."""

from typing import Any, Final

from offramp.types import JsonObject, Origin, Part, ToolCall
from offramp_providers.dialects.accounting import keep_rest, take_object, under
from offramp_providers.dialects.openai_chat.encoding import Encoding, residue_wire
from offramp_providers.dialects.openai_chat.parts import unknown
from offramp_providers.dialects.shapes import is_object, take_text

CUSTOM: Final = "call=custom"
"""Marks a call of a custom tool, whose input is free text instead of JSON."""
FUNCTION_CALL: Final = "call=function_call"
"""Marks a call in the deprecated field, which has no id."""
UNTYPED: Final = "type=absent"
"""Marks a call without a type."""
AT_CALLS: Final = "at=tool_calls"
"""Marks a value among the calls that fits nothing we know."""


def decode_call(raw: Any) -> Part:
    """One element of `tool_calls`."""
    return _decode_call(raw) or unknown(raw, AT_CALLS)


def _decode_call(raw: Any) -> ToolCall | None:
    if not is_object(raw):
        return None
    left = dict(raw)
    call_id, kind = left.pop("id", None), left.pop("type", "")
    place, field = ("custom", "input") if kind == "custom" else ("function", "arguments")
    inner = take_object(left, place)
    if inner is None or type(call_id) is not str or kind not in ("", None, "function", "custom"):
        return None
    name, arguments = take_text(inner, "name"), take_text(inner, field)
    if name is None or field in inner:
        return None
    keep_rest(left, place, inner)
    form = (CUSTOM,) if place == "custom" else () if kind else (UNTYPED,)
    if form == (UNTYPED,) and "type" in raw:
        left["type"] = kind
    return ToolCall(call_id, name, arguments, wire=residue_wire(left, form) if left or form else None)


def decode_function_call(left: JsonObject, call_id: str) -> ToolCall | None:
    """Take the deprecated `function_call` out of a message, where it is filled in.

    Args:
        left: what is left of the message.
        call_id: an id of ours, since the wire has none.
    """
    inner = take_object(left, "function_call")
    if inner is None:
        return None
    before = dict(inner)
    name, arguments = take_text(inner, "name"), take_text(inner, "arguments")
    if not name or "arguments" in inner:
        left["function_call"] = before
        return None
    return ToolCall(call_id, name, arguments, wire=residue_wire(inner, (FUNCTION_CALL,)))


def encode_call(encoding: Encoding, call: ToolCall, author: Origin | None, body: JsonObject) -> bool:
    """Write the call into its message.

    Args:
        encoding: the encoding on its way.
        call: the call.
        author: who wrote the message.
        body: the message so far.

    Returns:
        Whether it was written; else its loss is named.
    """
    origin = call.origin or author
    if call.executor == "vendor":
        encoding.log.lose("vendor_tool", call)
        return False
    if call.cache is not None:
        encoding.log.lose("cache", call, "cache")
    encoding.lose_opaque(call)
    residue, form = encoding.own(call, call.wire, origin) if call.wire is not None else (None, ())
    arguments = call.arguments_json
    if arguments is None and not encoding.mine(origin):
        encoding.log.lose("arguments.injected", call, "arguments_json")
        arguments = "{}"
    if FUNCTION_CALL in form and "function_call" not in body:
        encoding.functions[call.call_id] = call.name
        body["function_call"] = under(residue or {}, _function(call.name, arguments))
        return True
    written = _written(call, arguments, form)
    body.setdefault("tool_calls", []).append(under(residue, written) if residue else written)
    return True


def _function(name: str, arguments: str | None) -> JsonObject:
    return {"name": name} if arguments is None else {"name": name, "arguments": arguments}


def _written(call: ToolCall, arguments: str | None, form: tuple[str, ...]) -> JsonObject:
    if CUSTOM in form:
        custom = {"name": call.name} if arguments is None else {"name": call.name, "input": arguments}
        return {"id": call.call_id, "type": "custom", "custom": custom}
    function = _function(call.name, arguments)
    if UNTYPED in form:
        return {"id": call.call_id, "function": function}
    return {"id": call.call_id, "type": "function", "function": function}
