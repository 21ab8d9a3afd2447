"""Tool calls, and the ids by which results answer them: each stands for one call in the whole conversation."""

from typing import Any, Final

from offramp.types import JsonObject, Origin, Part, ToolCall, ToolResult
from offramp_providers.dialects.accounting import keep_rest, take_object, under
from offramp_providers.dialects.cohere_v2.encoding import Encoding, residue_wire
from offramp_providers.dialects.cohere_v2.parts import unknown
from offramp_providers.dialects.shapes import is_object, take_text

AT_CALLS: Final = "at=tool_calls"
"""Marks a value among the calls that fits nothing we know."""
_UNTYPED: Final = "type=absent"


def decode_call(raw: Any) -> Part:
    """One element of `tool_calls`."""
    return _decode(raw) or unknown(raw, AT_CALLS)


def _decode(raw: Any) -> ToolCall | None:
    left = dict(raw) if is_object(raw) else {}
    call_id, kind = take_text(left, "id"), left.pop("type", None)
    function = take_object(left, "function")
    name, arguments = (take_text(function, "name"), take_text(function, "arguments")) if function else (None, None)
    if call_id is None or function is None or name is None or "arguments" in function or kind not in ("function", None):
        return None
    keep_rest(left, "function", function)
    if "type" in raw and kind is None:
        left["type"] = None
    return ToolCall(call_id, name, arguments, wire=residue_wire(left, () if kind else (_UNTYPED,)))


class CallIds:
    """Which ids have been given to calls, and which of them wait for a result.

    The vendor refuses a result without its call, and an id that stands for two calls: "tool call id not found in
    previous tool calls", "cannot have duplicate tool ids" (docs.cohere.com errors, read 2026-11-26).
    """

    __slots__ = ("_encoding", "_given", "_open")

    def __init__(self, encoding: Encoding) -> None:
        self._encoding = encoding
        self._given: set[str] = set()
        self._open: dict[str, list[str]] = {}

    def of_call(self, call: ToolCall) -> str:
        """The id to write for the call."""
        said = call.call_id
        if not self._encoding.native:
            number = 1
            while not said or said in self._given:
                number += 1
                said = f"{call.call_id or 'call'}_{number}"
        if said != call.call_id:
            self._encoding.log.lose("call_id.rewritten", call, "call_id")
        self._given.add(said)
        self._open.setdefault(call.call_id, []).append(said)
        return said

    def of_result(self, result: ToolResult) -> str | None:
        """The id to write for the result; None where no call waits for it, which is named."""
        if self._encoding.native:
            return result.call_id
        waiting = self._open.get(result.call_id)
        if not waiting:
            self._encoding.log.lose("tool_result.orphan", result)
            return None
        said = waiting.pop(0)
        if said != result.call_id:
            self._encoding.log.lose("call_id.rewritten", result, "call_id")
        return said


def encode_call(encoding: Encoding, ids: CallIds, call: ToolCall, author: Origin | None) -> JsonObject:
    """The call as an element of `tool_calls`."""
    encoding.lose_marks(call)
    residue, form = encoding.own(call, call.wire, call.origin or author)
    arguments = call.arguments_json
    if not arguments and not encoding.native:
        # A call without arguments streams none at all, and has the empty object in a whole answer (as recorded).
        encoding.log.lose("arguments.injected", call, "arguments_json")
        arguments = "{}"
    function: JsonObject = {"name": call.name} if arguments is None else {"name": call.name, "arguments": arguments}
    written: JsonObject = {"id": ids.of_call(call), "type": "function", "function": function}
    if _UNTYPED in form:
        del written["type"]
    return under(residue, written)
