"""Tool calls in an assistant message."""

from typing import Any, Final

from offramp.types import JsonObject, Origin, Part, ToolCall
from offramp_providers.dialects.accounting import keep_rest, take_object, under
from offramp_providers.dialects.arguments import dump_compact, load_json
from offramp_providers.dialects.mistral.encoding import Encoding, residue_wire, unknown
from offramp_providers.dialects.shapes import is_object, take_text

UNTYPED: Final = "type=absent"
"""Marks a call without a type, which is a function's."""
INDEXED: Final = "index=place"
"""Marks a call whose place among the calls is said by number."""
ARGUMENTS_OBJECT: Final = "arguments=object"
"""Marks arguments that stood as an object instead of a text."""
AT_CALLS: Final = "at=tool_calls"
"""Marks a value among the calls that fits nothing we know."""


def decode_calls(calls: list[Any]) -> list[Part]:
    """The elements of `tool_calls`."""
    return [_decode_call(raw, place) or unknown(raw, AT_CALLS) for place, raw in enumerate(calls)]


def _decode_call(raw: Any, place: int) -> ToolCall | None:
    if not is_object(raw):
        return None
    left = dict(raw)
    form: list[str] = []
    if type(left.get("index")) is int and left["index"] == place:
        del left["index"]
        form.append(INDEXED)
    return call_of(left, form)


def call_of(left: JsonObject, form: list[str]) -> ToolCall | None:
    """The call that an object describes; None where it does not describe one.

    Args:
        left: the object, which is used up.
        form: marks of how it was spelled so far.
    """
    call_id = take_text(left, "id")
    inner = take_object(left, "function")
    name = take_text(inner, "name") if inner else None
    if call_id is None or inner is None or name is None or left.get("type", "function") != "function":
        return None
    form = [*form, *([] if "type" in left else [UNTYPED])]
    left.pop("type", None)
    arguments: Any = inner.get("arguments")
    if is_object(arguments):
        form.append(ARGUMENTS_OBJECT)
        arguments = dump_compact(inner.pop("arguments"))
    elif type(arguments) is str:
        del inner["arguments"]
    elif "arguments" in inner:
        return None
    keep_rest(left, "function", inner)
    return ToolCall(call_id, name, arguments, wire=residue_wire(left, tuple(form)))


def encode_call(encoding: Encoding, call: ToolCall, author: Origin | None, place: int) -> JsonObject | None:
    """The call at its place among the calls; None where it is no call of the application's, which is then named."""
    origin = call.origin or author
    if call.executor == "vendor":
        encoding.log.lose("vendor_tool", call)
        return None
    encoding.lose_marks(call)
    residue, form = encoding.own(call, call.wire, origin)
    function: JsonObject = {"name": call.name}
    arguments = call.arguments_json
    if arguments is None and not (encoding.native or encoding.mine(origin)):
        encoding.log.lose("arguments.injected", call, "arguments_json")
        arguments = "{}"
    if arguments is not None:
        function["arguments"] = spelled_arguments(arguments, form)
    written: JsonObject = {"id": encoding.call_id(call), "function": function}
    if UNTYPED not in form:
        written["type"] = "function"
    if INDEXED in form:
        written["index"] = place
    return under(residue, written)


def spelled_arguments(arguments: str, form: tuple[str, ...]) -> Any:
    """As a text, or as the object that they were."""
    if ARGUMENTS_OBJECT not in form:
        return arguments
    try:
        found: object = load_json(arguments)
    except ValueError:
        return arguments
    return found if is_object(found) else arguments
