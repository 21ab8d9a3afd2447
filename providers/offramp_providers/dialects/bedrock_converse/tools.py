"""Tools that a request offers, and the choice among them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, assert_never

from offramp.types import (
    FunctionTool,
    GenerateRequest,
    JsonObject,
    Severity,
    Tool,
    ToolChoice,
    ToolChoiceAny,
    ToolChoiceAuto,
    ToolChoiceNamed,
    ToolChoiceNone,
    VendorTool,
)
from offramp_providers.dialects.accounting import keep_rest, take_object, under
from offramp_providers.dialects.bedrock_converse.encoding import NAME, Encoding, decode_cache, residual
from offramp_providers.dialects.shapes import are_objects, is_object, take_flag, take_text
from offramp_providers.dialects.tool_names import check_tool_name

_LONGEST_NAME: Final = 64  # botocore bedrock-runtime of 2026-08-07, read 2026-11-26
_NO_TOOLS: Final = "tools=empty"

_OPEN_SCHEMA: Final[Mapping[str, Any]] = {"type": "object", "properties": {}}


def decode_tools(config: JsonObject, form: list[str]) -> tuple[Tool, ...]:
    """Take the tools; what else stands there stays. The form mark tells an empty list from none."""
    found: Any = config.get("tools")
    if not are_objects(found):
        return ()
    del config["tools"]
    if not found:
        form.append(_NO_TOOLS)
    tools: list[Tool] = []
    for raw in found:
        cache, last = decode_cache(raw), tools[-1] if tools else None
        if cache is not None and isinstance(last, FunctionTool) and last.cache is None:
            tools[-1] = replace(last, cache=cache)
        else:
            tools.append(_decode_function(raw) or _vendor_tool(raw))
    return tuple(tools)


def _vendor_tool(raw: JsonObject) -> VendorTool:
    return VendorTool(dialect=NAME, vendor_type=next(iter(raw), None), raw=raw)


def _decode_function(raw: JsonObject) -> FunctionTool | None:
    left = dict(raw)
    inner = take_object(left, "toolSpec")
    name = None if inner is None else take_text(inner, "name")
    if inner is None or name is None:
        return None
    nested = take_object(inner, "inputSchema")
    schema: Any = nested.pop("json") if nested is not None and is_object(nested.get("json")) else None
    if nested is not None and (nested or schema is None):
        inner["inputSchema"] = nested
    description, strict = take_text(inner, "description"), take_flag(inner, "strict")
    keep_rest(left, "toolSpec", inner)
    return FunctionTool(name, description=description, schema=schema, strict=strict, wire=residual(left))


def encode_tools(ctx: Encoding, tools: Sequence[Tool]) -> list[Any]:
    """The tools that the vendor takes; the others are named. A cache point stands behind what it marks."""
    sent: list[Any] = []
    for tool in tools:
        match tool:
            case FunctionTool():
                sent.append(_encode_function(ctx, tool))
                point = None if tool.cache is None else ctx.cache_point(tool, tool.cache)
                sent += [] if point is None else [point]
            case VendorTool() if tool.dialect == NAME:
                sent.append(tool.raw)
            case VendorTool():
                ctx.log.lose("vendor_tool", tool)
            case _:
                assert_never(tool)
    return sent


def _encode_function(ctx: Encoding, tool: FunctionTool) -> JsonObject:
    if not ctx.native:
        check_tool_name(tool, longest=_LONGEST_NAME)
    inner: JsonObject = {"name": tool.name}
    if tool.description or (ctx.native and tool.description is not None):
        inner["description"] = tool.description
    elif tool.description is not None:
        ctx.log.lose("text.empty", tool, "description")
    schema = _input_schema(ctx, tool)
    if schema is not None:
        inner["inputSchema"] = {"json": schema}
    if tool.strict is not None:
        inner["strict"] = tool.strict
    residue, _ = ctx.own(tool, tool.wire, None)
    return under(residue, {"toolSpec": inner})


def _input_schema(ctx: Encoding, tool: FunctionTool) -> JsonObject | None:
    """The schema, whose root must be an object (recalled)."""
    if ctx.native:
        return tool.schema
    schema: JsonObject = {} if tool.schema is None else tool.schema
    if schema.get("type") == "object":
        return schema
    if tool.schema is None:
        ctx.log.lose("schema.injected", tool, "schema")
    else:
        for keyword in ("type", *(["properties"] if "properties" not in schema else [])):
            ctx.log.lose("schema.injected", tool, f"schema.{keyword}")
    return under({"properties": {}}, {**schema, "type": "object"})


def declared(names: Sequence[str]) -> list[JsonObject]:
    """Tools of these names, of which nothing else is known."""
    return [{"toolSpec": {"name": name, "inputSchema": {"json": dict(_OPEN_SCHEMA)}}} for name in names]


def decode_choice(config: JsonObject) -> ToolChoice | None:
    """Take the choice; None where it has another shape."""
    found: Any = config.get("toolChoice")
    if not is_object(found):
        return None
    left = dict(found)
    kinds = [key for key in ("auto", "any", "tool") if key in left]
    inner = take_object(left, kinds[0]) if len(kinds) == 1 else None
    name = None if inner is None else take_text(inner, "name")
    if inner is None or (kinds == ["tool"]) != (name is not None):
        return None
    del config["toolChoice"]
    keep_rest(left, kinds[0], inner)
    wire = residual(left)
    match kinds[0]:
        case "auto":
            return ToolChoiceAuto(wire=wire)
        case "any":
            return ToolChoiceAny(wire=wire)
        case _:
            return ToolChoiceNamed(name or "", wire=wire)


def encode_choice(ctx: Encoding, request: GenerateRequest, *, offered: bool) -> JsonObject | None:
    """The choice; None where the vendor has none such, and the loss."""
    choice = request.tool_choice
    if choice is None:
        return None
    word = _word(choice)
    if word is not None and ctx.native and ctx.given("tool_choices") is None:
        pass
    elif not offered:
        # Without tools there is nothing to choose from, and the vendor refuses a choice.
        if request.tools or isinstance(choice, (ToolChoiceAny, ToolChoiceNamed)):
            ctx.log.lose("setting.unsupported", request, "tool_choice")
        word = None
    elif word is None:
        # The model could call what it was told not to: more than a difference in behaviour.
        ctx.log.lose("setting.unsupported", request, "tool_choice", severity=Severity.MATERIAL)
    elif word not in ctx.option("tool_choices"):
        ctx.log.lose("setting.unsupported", request, "tool_choice")
        word = None
    if word is None:
        ctx.log.lose_wire(choice, choice.wire)
        return None
    residue, _ = ctx.own(choice, choice.wire, None)
    inner = {"name": choice.name} if isinstance(choice, ToolChoiceNamed) else {}
    return under(residue, {word: inner})


def _word(choice: ToolChoice) -> str | None:
    match choice:
        case ToolChoiceAuto():
            return "auto"
        case ToolChoiceAny():
            return "any"
        case ToolChoiceNamed():
            return "tool"
        case ToolChoiceNone():
            return None
        case _:
            assert_never(choice)
