"""Calls of the application's functions."""

from typing import Final

from offramp.types import JsonObject, Origin, ToolCall
from offramp_providers.dialects.accounting import take_object
from offramp_providers.dialects.arguments import dump_compact, load_object
from offramp_providers.dialects.call_ids import CallIds, take_id
from offramp_providers.dialects.gemini.encoding import Encoding, residual
from offramp_providers.dialects.gemini.spellings import both_spellings, unsnake
from offramp_providers.dialects.shapes import is_object, take_text

_CALL_NAMES: Final = both_spellings("partialArgs", "willContinue")


def decode_call(left: JsonObject, form: list[str], ids: CallIds) -> ToolCall | None:
    """A `functionCall`; None where it has another shape."""
    inner = take_object(left, "functionCall")
    name = take_text(inner, "name") if inner is not None else None
    if inner is None or name is None:
        return None
    given, marks = take_id(inner)
    call_id = given or ids.derived()
    ids.called(call_id, name)
    unsnake(inner, _CALL_NAMES, form, "functionCall.")
    arguments: str | None = None
    if is_object(inner.get("args")):
        arguments = dump_compact(inner.pop("args"))
    if inner:
        left["functionCall"] = inner
    return ToolCall(call_id, name, arguments, wire=residual(left, [*form, *marks]))


def encode_call(ctx: Encoding, call: ToolCall, origin: Origin | None) -> JsonObject:
    """The call. Its id stays away where its issuer gave none."""
    form = ctx.own_form(call.wire, origin)
    inner: JsonObject = {"name": call.name}
    if call.arguments_json is not None:
        inner["args"] = load_object(ctx.log, call, own=ctx.owns(origin))
    identified = "id=absent" not in form and "id=empty" not in form and ctx.allows("call_ids")
    if identified:
        inner["id"] = sent_id(call.call_id)
    elif "id=empty" in form:
        inner["id"] = ""
    if "id=absent" not in form and "id=empty" not in form and inner.get("id") != call.call_id:
        ctx.log.lose("call_id.rewritten", call, "call_id")
    ctx.calls[call.call_id] = (call.name, identified)
    return ctx.dressed({"functionCall": inner}, call, origin)


def sent_id(call_id: str) -> str:
    """The id as the wire takes it. An empty one is none there."""
    return call_id or "call_0"
