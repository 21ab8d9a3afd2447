"""Tools that a request offers, and the choice among them."""

from collections.abc import Sequence
from typing import Any, Final, assert_never

from offramp.types import (
    FunctionTool,
    GenerateRequest,
    JsonObject,
    Tool,
    ToolChoice,
    ToolChoiceAny,
    ToolChoiceAuto,
    ToolChoiceNamed,
    ToolChoiceNone,
    VendorTool,
)
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.anthropic_messages.cache_marks import take_cache
from offramp_providers.dialects.anthropic_messages.encoding import NAME, Encoding, form_of, residual
from offramp_providers.dialects.anthropic_messages.schema import encode_schema
from offramp_providers.dialects.shapes import are_objects, is_object, take_flag, take_text
from offramp_providers.dialects.tool_names import check_tool_name
from offramp_providers.written import Written

_LONGEST_NAME: Final = 128
"""What the vendor takes as a tool's name (length: anthropic-sdk-python 0.121.0, read 2026-11-23; the rest recalled)."""


def decode_tools(left: JsonObject) -> tuple[tuple[Tool, ...], str | None]:
    """Take the tools; what else stands there stays. The form mark tells an empty list from none."""
    found: Any = left.get("tools")
    if not are_objects(found):
        return (), None
    del left["tools"]
    return tuple([_decode_tool(each) for each in found]), None if found else "tools=empty"


def _decode_tool(raw: JsonObject) -> Tool:
    kind: Any = raw.get("type")
    tool = _decode_function(raw) if "type" not in raw or kind == "custom" else None
    if tool is not None:
        return tool
    return VendorTool(dialect=NAME, vendor_type=kind if isinstance(kind, str) else None, raw=raw)


def _decode_function(raw: JsonObject) -> FunctionTool | None:
    left = dict(raw)
    form = () if left.pop("type", None) is None else ("type=custom",)
    name = take_text(left, "name")
    if name is None:
        return None
    schema: Any = left.get("input_schema")
    if is_object(schema):
        del left["input_schema"]
    return FunctionTool(
        name,
        description=take_text(left, "description"),
        schema=schema if is_object(schema) else None,
        strict=take_flag(left, "strict"),
        cache=take_cache(left),
        wire=residual(left, *form),
    )


def encode_tools(ctx: Encoding, tools: Sequence[Tool]) -> list[Any]:
    """The tools that the vendor takes; the others are named."""
    sent = [_encode_tool(ctx, tool) for tool in tools]
    return [tool for tool in sent if tool is not None]


def _encode_tool(ctx: Encoding, tool: Tool) -> JsonObject | None:
    match tool:
        case FunctionTool():
            return _encode_function(ctx, tool)
        case VendorTool():
            if tool.dialect == NAME:
                return tool.raw
            ctx.log.lose("vendor_tool", tool)
            return None
        case _:
            assert_never(tool)


def _encode_function(ctx: Encoding, tool: FunctionTool) -> JsonObject:
    if not ctx.authored:
        check_tool_name(tool, longest=_LONGEST_NAME)
    sent: JsonObject = {"name": tool.name}
    if tool.description is not None:
        sent["description"] = tool.description
    schema = _input_schema(ctx, tool)
    if schema is not None:
        sent["input_schema"] = schema
    if tool.strict is not None:
        sent["strict"] = tool.strict
    if "type=custom" in form_of(tool.wire):
        sent["type"] = "custom"
    if tool.cache is not None:
        sent["cache_control"] = ctx.cache_control(tool, tool.cache.ttl_s)
    if tool.wire is not None:
        sent = under(ctx.residue(tool, tool.wire), sent)
    if tool.cache is not None:
        ctx.marks.append((tool, sent))
    return sent


def _input_schema(ctx: Encoding, tool: FunctionTool) -> JsonObject | None:
    """The schema, whose root must be an object."""
    if ctx.authored:
        return tool.schema
    schema: JsonObject = {} if tool.schema is None else tool.schema
    if tool.strict:
        schema = encode_schema(ctx, tool, schema)
    if schema.get("type") == "object":
        return schema
    if tool.schema is None:
        ctx.log.lose("schema.injected", tool, "schema")
    else:
        for keyword in ("type", *(["properties"] if "properties" not in schema else [])):
            ctx.log.lose("schema.injected", tool, f"schema.{keyword}")
    return under({"properties": {}}, {**schema, "type": "object"})


def declare_called(ctx: Encoding, request: GenerateRequest, body: JsonObject) -> None:
    """Declare the tools that the history has called, where none is offered, and keep the model from calling them."""
    names: dict[str, None] = {}
    for message in body["messages"]:
        if type(message) is not Written:  # what was written before is plain text
            for block in message["content"]:
                if is_object(block) and block.get("type") == "tool_use":
                    names[block["name"]] = None
    if names:
        ctx.log.lose("tools.injected", request, "tools")
        body["tools"] = [{"name": name, "input_schema": {"type": "object", "properties": {}}} for name in names]
        body["tool_choice"] = {"type": "none"}


def decode_choice(left: JsonObject) -> tuple[ToolChoice | None, bool | None]:
    """Take the choice, and whether several calls at once are allowed; None where it does not say."""
    found: Any = left.get("tool_choice")
    if not is_object(found):
        return None, None
    inner = dict(found)
    kind: Any = inner.pop("type", None)
    name = take_text(inner, "name") if kind == "tool" else None
    if kind not in ("auto", "any", "none") and name is None:
        return None, None
    del left["tool_choice"]
    single = take_flag(inner, "disable_parallel_tool_use") if kind != "none" else None
    parallel = None if single is None else not single
    wire = residual(inner)
    match kind:
        case "auto":
            return ToolChoiceAuto(wire=wire), parallel
        case "any":
            return ToolChoiceAny(wire=wire), parallel
        case "none":
            return ToolChoiceNone(wire=wire), parallel
        case _:
            return ToolChoiceNamed(name or "", wire=wire), parallel


def encode_choice(ctx: Encoding, request: GenerateRequest, body: JsonObject) -> None:
    """Write the choice and the bound on parallel calls, which this dialect keeps within the choice."""
    choice, parallel = request.tool_choice, request.parallel_tool_calls
    if "tools" not in body and not ctx.authored:
        _lose_choice(ctx, request)
        return
    if choice is None:
        if parallel is not False:
            # Several calls at once are what the vendor does anyway.
            return
        ctx.log.lose("tool_choice.injected", request, "tool_choice")
        choice = ToolChoiceAuto()
    sent = _choice_word(choice)
    if parallel is not None and not isinstance(choice, ToolChoiceNone):
        sent["disable_parallel_tool_use"] = not parallel
    body["tool_choice"] = under(ctx.residue(choice, choice.wire), sent)


def _lose_choice(ctx: Encoding, request: GenerateRequest) -> None:
    """Without tools there is nothing to choose from, and the vendor refuses a choice."""
    if isinstance(request.tool_choice, (ToolChoiceAny, ToolChoiceNamed)):
        ctx.log.lose("setting.unsupported", request, "tool_choice")
    if request.tool_choice is not None:
        ctx.log.lose_wire(request.tool_choice, request.tool_choice.wire)


def _choice_word(choice: ToolChoice) -> JsonObject:
    match choice:
        case ToolChoiceAuto():
            return {"type": "auto"}
        case ToolChoiceAny():
            return {"type": "any"}
        case ToolChoiceNone():
            return {"type": "none"}
        case ToolChoiceNamed():
            return {"type": "tool", "name": choice.name}
        case _:
            assert_never(choice)
