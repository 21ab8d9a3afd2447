"""Calls that the vendor runs itself, and what they gave: kept as the vendor wrote them, under our names."""

from typing import Any

from offramp.types import JsonObject, Origin, ToolCall, ToolResult, Unknown
from offramp_providers.dialects.accounting import take_object
from offramp_providers.dialects.arguments import dump_compact, load_json
from offramp_providers.dialects.call_ids import CallIds, take_id
from offramp_providers.dialects.encoding import marked
from offramp_providers.dialects.gemini.encoding import NAME, Encoding, residual
from offramp_providers.dialects.shapes import is_object


def decode_call(left: JsonObject, form: list[str], ids: CallIds, kind: str) -> ToolCall | None:
    """A `toolCall` or `executableCode`: all but its id stands in the arguments. None where it has another shape."""
    inner = take_object(left, kind)
    if inner is None:
        return None
    given, marks = take_id(inner)
    call_id = given or ids.derived()
    ids.ran(call_id)
    word: Any = inner.get("toolType", inner.get("tool_type", kind))
    name = word if type(word) is str else kind
    wire = residual(left, [*form, *marks, f"kind={kind}"])
    return ToolCall(call_id, name, dump_compact(inner), executor="vendor", wire=wire)


def decode_result(left: JsonObject, form: list[str], ids: CallIds, kind: str) -> ToolResult | None:
    """A `toolResponse` or `codeExecutionResult`; None where it has another shape."""
    inner = take_object(left, kind)
    if inner is None:
        return None
    given, marks = take_id(inner)
    failed = kind == "codeExecutionResult" and inner.get("outcome") != "OUTCOME_OK"
    return ToolResult(
        given or ids.last_run(),
        (Unknown(dialect=NAME, vendor_type=kind, raw=inner),),
        status="error" if failed else "ok",
        executor="vendor",
        wire=residual(left, [*form, *marks, f"kind={kind}"]),
    )


def encode_call(ctx: Encoding, call: ToolCall, origin: Origin | None) -> JsonObject | None:
    """The call as its issuer wrote it; elsewhere it is lost."""
    form = ctx.own_form(call.wire, origin)
    kind = marked(form, "kind=")
    inner = _object_in(call.arguments_json)
    if kind is None or inner is None or not ctx.is_own(origin, call.wire):
        ctx.log.lose("vendor_tool", call)
        return None
    return ctx.dressed({kind: {**inner, **_id(call.call_id, form)}}, call, origin)


def encode_result(ctx: Encoding, result: ToolResult, origin: Origin | None) -> JsonObject | None:
    """The result as its issuer wrote it; elsewhere it is lost."""
    form = ctx.own_form(result.wire, origin)
    kind = marked(form, "kind=")
    inner = result.parts[0] if len(result.parts) == 1 else None
    whole = isinstance(inner, Unknown) and is_object(inner.raw)
    if kind is None or not whole or not ctx.is_own(origin, result.wire):
        ctx.log.lose("vendor_tool", result)
        return None
    raw: JsonObject = inner.raw if isinstance(inner, Unknown) else {}
    return ctx.dressed({kind: {**raw, **_id(result.call_id, form)}}, result, origin)


def _id(call_id: str, form: tuple[str, ...]) -> JsonObject:
    if "id=absent" in form:
        return {}
    return {"id": "" if "id=empty" in form else call_id}


def _object_in(text: str | None) -> JsonObject | None:
    try:
        found: object = load_json(text or "")
    except ValueError:
        return None
    return found if is_object(found) else None
