"""Calls of the application's functions: arguments as an object, and an id that older servers do not give."""

from typing import Any

from offramp.types import JsonObject, Origin, Part, ToolCall, ToolResult
from offramp_providers.dialects.accounting import keep_rest, take_object, under
from offramp_providers.dialects.arguments import dump_compact, load_object
from offramp_providers.dialects.call_ids import CallIds, take_id
from offramp_providers.dialects.ollama_native.encoding import Encoding, residual
from offramp_providers.dialects.shapes import is_list, is_object, take_text


def take_calls(left: JsonObject, ids: CallIds, marks: list[str]) -> list[Part]:
    """The calls of a message; none, and left where they are, where one of them has another shape."""
    found: Any = left.get("tool_calls")
    if not is_list(found) or not all(map(_is_call, found)):
        return []
    del left["tool_calls"]
    marks += [] if found else ["tool_calls=empty"]
    return [_decode_call(each, ids) for each in found]


def _is_call(raw: Any) -> bool:
    function: Any = raw.get("function") if is_object(raw) else None
    return is_object(function) and type(function.get("name")) is str


def _decode_call(raw: JsonObject, ids: CallIds) -> ToolCall:
    left = dict(raw)
    function = take_object(left, "function") or {}
    name = take_text(function, "name") or ""
    given, marks = take_id(left)
    call_id = given or ids.derived()
    ids.called(call_id, name)
    arguments: str | None = None
    if is_object(function.get("arguments")):
        arguments = dump_compact(function.pop("arguments"))
    keep_rest(left, "function", function)
    return ToolCall(call_id, name, arguments, wire=residual(left, list(marks)))


def encode_call(encoding: Encoding, call: ToolCall, origin: Origin | None, position: int) -> JsonObject:
    """The call. Its id stays away where its issuer gave none.

    Args:
        encoding: the encoding on its way.
        call: the call.
        origin: who made it.
        position: its number among the calls of its message, which a server tells and an application does not.
    """
    residue, form = encoding.own(call, call.wire, origin)
    function: JsonObject = {"name": call.name}
    if encoding.answering and not encoding.native:
        function["index"] = position
    if call.arguments_json is not None:
        own = encoding.native if encoding.answering else encoding.mine(origin)
        function["arguments"] = load_object(encoding.log, call, own=own)
    body: JsonObject = {"function": function}
    encoding.calls[call.call_id] = (call.name, put_id(encoding, call, body, "id", form))
    return under(residue, body)


def put_id(encoding: Encoding, node: ToolCall | ToolResult, body: JsonObject, key: str, form: tuple[str, ...]) -> bool:
    """Write the id of a call, as its author had it; whether there is one on the wire now."""
    if "id=absent" in form:
        return False
    if "id=empty" in form:
        body[key] = ""
        return False
    if not node.call_id:
        encoding.log.lose("call_id.rewritten", node, "call_id")
        return False
    body[key] = node.call_id
    return True
