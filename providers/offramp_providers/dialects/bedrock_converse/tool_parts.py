"""Blocks of tool calls and tool results, the application's own and the vendor's."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from offramp.types import JsonObject, Origin, Part, ToolCall, ToolResult, ToolResultStatus
from offramp_providers.dialects.accounting import keep_rest, take_object
from offramp_providers.dialects.arguments import dump_compact, load_object
from offramp_providers.dialects.bedrock_converse.encoding import Encoding, form_of, residual
from offramp_providers.dialects.shapes import is_list, is_object, take_text

_ID: Final = re.compile(r"[a-zA-Z0-9_.:-]{1,64}")
"""What the vendor takes as the id of a call (botocore bedrock-runtime of 2026-08-07, read 2026-11-26)."""

_BY_VENDOR: Final = "server_tool_use"

_SAID: Final[Mapping[ToolResultStatus, str]] = {
    "error": "The tool call failed.",
    "denied": "The tool call was denied; the tool did not run.",
    "interrupted": "The tool call was interrupted; whether the tool took effect is not known.",
}
"""What the text says where the dialect, or the model, has no mark for the status."""

_DecodeBlocks: TypeAlias = Callable[[Sequence[Any]], tuple[Part, ...]]
_EncodeBlocks: TypeAlias = Callable[[Encoding, Sequence[Part], Origin | None, Any], list[tuple[Any, Part]]]


def decode_call(left: JsonObject) -> ToolCall | None:
    """A `toolUse` block; None where it has another shape."""
    inner = take_object(left, "toolUse")
    if inner is None or not is_object(inner.get("input")):
        return None
    call_id, name = take_text(inner, "toolUseId"), take_text(inner, "name")
    if call_id is None or name is None:
        return None
    arguments = dump_compact(inner.pop("input"))
    by_vendor = inner.get("type") == _BY_VENDOR
    if by_vendor:
        del inner["type"]
    keep_rest(left, "toolUse", inner)
    wire = residual(left)
    return ToolCall(call_id, name, arguments, executor="vendor" if by_vendor else "client", wire=wire)


def decode_result(left: JsonObject, decode_blocks: _DecodeBlocks, *, by_vendor: bool) -> ToolResult | None:
    """A `toolResult` block; None where it has another shape. In the assistant's turn the vendor ran the tool."""
    inner = take_object(left, "toolResult")
    if inner is None or not is_list(inner.get("content")):
        return None
    call_id = take_text(inner, "toolUseId")
    if call_id is None:
        return None
    parts = decode_blocks(inner.pop("content"))
    status: Any = inner.get("status")
    form = [f"status={status}"] if status == "success" else []
    if status in ("success", "error"):
        del inner["status"]
    keep_rest(left, "toolResult", inner)
    return ToolResult(
        call_id,
        parts,
        status="error" if status == "error" else "ok",
        executor="vendor" if by_vendor else "client",
        wire=residual(left, *form),
    )


def encode_call(ctx: Encoding, call: ToolCall, origin: Origin | None) -> JsonObject | None:
    """The block of a call; None, and the loss, where another vendor ran the tool."""
    if call.executor == "vendor" and not ctx.is_own(origin, call.wire):
        ctx.log.lose("vendor_tool", call)
        return None
    own = ctx.mine(origin) or (ctx.native and ctx.answering)
    inner: JsonObject = {
        "toolUseId": sent_id(ctx, call),
        "name": call.name,
        "input": load_object(ctx.log, call, own=own),
    }
    if call.executor == "vendor":
        inner["type"] = _BY_VENDOR
    return ctx.dressed({"toolUse": inner}, call, origin)


def sent_id(ctx: Encoding, part: ToolCall | ToolResult) -> str:
    """The id as the vendor takes it: the same for a call and its result, and another for another."""
    if ctx.native or _ID.fullmatch(part.call_id):
        return part.call_id
    ctx.log.lose("call_id.rewritten", part, "call_id")
    digest = hashlib.sha256(part.call_id.encode("utf-8", "surrogatepass")).hexdigest()
    return f"call_{digest[:24]}"


def encode_result(
    ctx: Encoding, result: ToolResult, origin: Origin | None, encode_blocks: _EncodeBlocks
) -> JsonObject | None:
    """The block of a result; None, and the loss, where another vendor ran the tool."""
    if result.executor == "vendor" and not ctx.is_own(origin, result.wire):
        ctx.log.lose("vendor_tool", result)
        return None
    content = [block for block, _ in encode_blocks(ctx, result.parts, origin, "result")]
    inner: JsonObject = {"toolUseId": sent_id(ctx, result), "content": content}
    _add_status(ctx, result, inner)
    return ctx.dressed({"toolResult": inner}, result, origin)


def _add_status(ctx: Encoding, result: ToolResult, inner: JsonObject) -> None:
    """The mark, and in words what it does not say."""
    marked = ctx.allows("tool_result_status")
    if result.status == "ok":
        if marked and "status=success" in form_of(result.wire):
            inner["status"] = "success"
        return
    if marked:
        inner["status"] = "error"
    if result.status != "error" or not marked:
        ctx.log.lose("tool_result.status", result, "status")
        inner["content"].insert(0, {"text": _SAID[result.status]})
