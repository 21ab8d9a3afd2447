"""Blocks of tool calls and tool results, the application's own and the vendor's."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from offramp.types import (
    JsonObject,
    Origin,
    Part,
    Text,
    ToolCall,
    ToolResult,
    ToolResultStatus,
    Unknown,
    replays,
)
from offramp_providers.dialects.anthropic_messages.arguments import dump_arguments, encode_arguments
from offramp_providers.dialects.anthropic_messages.cache_marks import take_cache
from offramp_providers.dialects.anthropic_messages.encoding import DROPPED, NAME, Encoding, form_of, marked, residual
from offramp_providers.dialects.shapes import is_list, is_object, take_flag, take_text

_ID: Final = re.compile(r"[a-zA-Z0-9_-]+")
"""What the vendor takes as the id of a call (anthropic-sdk-python 0.121.0, read 2026-11-23)."""

_SAID: Final[Mapping[ToolResultStatus, str]] = {
    "denied": "The tool call was denied; the tool did not run.",
    "interrupted": "The tool call was interrupted; whether the tool took effect is not known.",
}
"""What the text says where the dialect has no mark for the status."""

_EncodePart: TypeAlias = Callable[[Encoding, Part, Origin | None, Any], Any]


def decoder_of(kind: str) -> Callable[[JsonObject], Part | None] | None:
    """The decoder of the vendor's own tools, whose block types all end alike."""
    if kind.endswith("_tool_use"):
        return decode_call
    return _decode_vendor_result if kind.endswith("_tool_result") else None


def decode_call(raw: JsonObject) -> ToolCall | None:
    """A `tool_use` block, or a call that the vendor itself runs; None where it has another shape."""
    left = dict(raw)
    kind = left.pop("type")
    call_id, name, arguments = left.get("id"), left.get("name"), left.get("input")
    if not (isinstance(call_id, str) and isinstance(name, str) and is_object(arguments)):
        return None
    del left["id"], left["name"], left["input"]
    text = dump_arguments(arguments) if arguments else "{}"
    cache = take_cache(left)
    if kind == "tool_use":
        return ToolCall(call_id, name, text, cache=cache, wire=residual(left))
    wire = residual(left) if kind == "server_tool_use" else residual(left, f"type={kind}")
    return ToolCall(call_id, name, text, executor="vendor", cache=cache, wire=wire)


def decode_result(raw: JsonObject, decode_parts: Callable[[Sequence[Any]], tuple[Part, ...]]) -> ToolResult | None:
    """A `tool_result` block; None where it has another shape."""
    left = dict(raw)
    del left["type"]
    call_id = take_text(left, "tool_use_id")
    if call_id is None:
        return None
    content: Any = left.get("content")
    parts: tuple[Part, ...] = ()
    form: list[str] = []
    if isinstance(content, str):
        del left["content"]
        parts, form = (Text(content),), ["content=string"]
    elif is_list(content):
        del left["content"]
        parts = decode_parts(content)
        form = [] if parts else ["content=empty"]
    failed = take_flag(left, "is_error")
    if failed is False:
        form.append("is_error=false")
    status: ToolResultStatus = "error" if failed else "ok"
    return ToolResult(call_id, parts, status=status, cache=take_cache(left), wire=residual(left, *form))


def _decode_vendor_result(raw: JsonObject) -> ToolResult | None:
    """The result of a tool that the vendor ran. What it holds is the vendor's own, and kept whole."""
    left = dict(raw)
    kind: str = left.pop("type")
    call_id = take_text(left, "tool_use_id")
    if call_id is None or not isinstance(left.get("content"), (dict, list, str)):
        return None
    content: Any = left.pop("content")
    vendor_type: Any = content.get("type") if is_object(content) else None
    vendor_type = vendor_type if isinstance(vendor_type, str) else None
    failed = left.get("is_error") is True or (vendor_type or "").endswith("_error")
    part = Unknown(dialect=NAME, vendor_type=vendor_type, raw=content)
    return ToolResult(
        call_id,
        (part,),
        status="error" if failed else "ok",
        executor="vendor",
        cache=take_cache(left),
        wire=residual(left, f"type={kind}"),
    )


def encode_call(ctx: Encoding, call: ToolCall, origin: Origin | None) -> JsonObject | None:
    """The block of a call."""
    kind = "tool_use"
    if call.executor == "vendor":
        if not _is_own(ctx, call, origin):
            ctx.log.lose("vendor_tool", call)
            return None
        kind = marked(call.wire, "type=") or "server_tool_use"
    arguments = encode_arguments(ctx, call, origin)
    block: JsonObject = {"type": kind, "id": call_id(ctx, call), "name": call.name, "input": arguments}
    if call.cache is None and call.wire is None and not call.opaque:
        return block
    return ctx.dressed(block, call, origin)


def _is_own(ctx: Encoding, part: ToolCall | ToolResult, origin: Origin | None) -> bool:
    """Whether the target ran it, or its author took it from there."""
    return ctx.owns(origin) or (origin is None and (ctx.authored or replays(part.wire, origin, ctx.target)))


def call_id(ctx: Encoding, part: ToolCall | ToolResult) -> str:
    """The id as the vendor takes it: the same for a call and its result, and another for another."""
    if ctx.authored or _ID.fullmatch(part.call_id):
        return part.call_id
    ctx.log.lose("call_id.rewritten", part, "call_id")
    digest = hashlib.sha256(part.call_id.encode("utf-8", "surrogatepass")).hexdigest()
    return f"call_{digest[:24]}"


def encode_result(
    ctx: Encoding, result: ToolResult, origin: Origin | None, encode_part: _EncodePart
) -> JsonObject | None:
    """The block of a result."""
    if result.executor == "vendor":
        return _encode_vendor_result(ctx, result, origin)
    block: JsonObject = {"type": "tool_result", "tool_use_id": call_id(ctx, result)}
    form = form_of(result.wire)
    content = _encode_content(ctx, result, origin, encode_part)
    if "content=string" in form and len(content) == 1 and _is_plain(content[0]):
        block["content"] = content[0]["text"]
    elif content or "content=empty" in form:
        block["content"] = content
    if result.status != "ok":
        block["is_error"] = True
    elif "is_error=false" in form:
        block["is_error"] = False
    return ctx.dressed(block, result, origin)


def _encode_content(ctx: Encoding, result: ToolResult, origin: Origin | None, encode_part: _EncodePart) -> list[Any]:
    content = [encode_part(ctx, part, origin, "result") for part in result.parts]
    content = [block for block in content if block is not DROPPED]
    said = _SAID.get(result.status)
    if said is not None:
        ctx.log.lose("tool_result.status", result, "status")
        content.insert(0, {"type": "text", "text": said})
    return content


def _is_plain(block: Any) -> bool:
    return is_object(block) and block.keys() == {"type", "text"}


def _encode_vendor_result(ctx: Encoding, result: ToolResult, origin: Origin | None) -> JsonObject | None:
    kind = marked(result.wire, "type=")
    content = result.parts[0] if len(result.parts) == 1 else None
    if kind is None or not isinstance(content, Unknown) or not _is_own(ctx, result, origin):
        ctx.log.lose("vendor_tool", result)
        return None
    block: JsonObject = {"type": kind, "tool_use_id": result.call_id, "content": content.raw}
    return ctx.dressed(block, result, origin)
