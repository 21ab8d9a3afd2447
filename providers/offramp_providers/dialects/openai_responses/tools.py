"""Tools that a request offers, and how the model may choose among them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from offramp.types import (
    FunctionTool,
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
from offramp_providers.dialects.function_tools import take_function, write_function
from offramp_providers.dialects.openai_responses.encoding import Encoding, residue_wire
from offramp_providers.dialects.openai_responses.options import NAME
from offramp_providers.dialects.shapes import is_list, is_object, take_text
from offramp_providers.dialects.strict_schema import strict_schema
from offramp_providers.dialects.tool_names import check_tool_name

_LONGEST_NAME: Final = 64  # openai-openapi 2.3.0, read 2026-11-23
_CUSTOM: Final = "choice=custom"
NO_TOOLS: Final = "tools=empty"
"""Marks an empty list of tools."""


def take_tools(left: JsonObject, form: list[str]) -> tuple[Tool, ...]:
    """Take the tools out of what is left of a request."""
    tools: Any = left.get("tools")
    if not is_list(tools) or not all(is_object(tool) for tool in tools):
        return ()
    del left["tools"]
    if not tools:
        form.append(NO_TOOLS)
    return tuple(_decode_tool(tool) for tool in tools)


def _decode_tool(raw: JsonObject) -> Tool:
    left = dict(raw)
    kind = left.pop("type", None)
    tool = take_function(left) if kind == "function" else None
    if tool is None:
        return VendorTool(dialect=NAME, vendor_type=kind if type(kind) is str else None, raw=raw)
    return replace(tool, wire=residue_wire(left))


def encode_tools(encoding: Encoding, tools: tuple[Tool, ...], body: JsonObject, form: tuple[str, ...]) -> None:
    """Write the tools into the body."""
    written: list[Any] = []
    for tool in tools:
        match tool:
            case FunctionTool():
                if not encoding.native:
                    check_tool_name(tool, longest=_LONGEST_NAME)
                written.append(_encode_function(encoding, tool))
            case VendorTool():
                if tool.dialect == NAME:
                    written.append(tool.raw)
                else:
                    encoding.log.lose("vendor_tool", tool)
    if written or NO_TOOLS in form:
        body["tools"] = written


def _encode_function(encoding: Encoding, tool: FunctionTool) -> JsonObject:
    schema, strict = tool.schema, tool.strict
    if strict and schema is not None:
        schema, strict = strict_schema(encoding, tool, schema)
    if strict is None and not encoding.native:
        # The schema requires the field, and without a word the vendor enforces what it may not be able to.
        encoding.log.lose("schema.injected", tool, "strict")
        strict = False
    written: JsonObject = {"type": "function", **write_function(tool, schema, strict=strict)}
    if schema is None and not encoding.native:
        written["parameters"] = None
    if tool.cache is not None:
        encoding.log.lose("cache", tool, "cache")
    return written if tool.wire is None else under(encoding.own(tool, tool.wire, None)[0], written)


_WORDS: Final[Mapping[str, type[ToolChoiceAuto | ToolChoiceAny | ToolChoiceNone]]] = {
    "auto": ToolChoiceAuto,
    "required": ToolChoiceAny,
    "none": ToolChoiceNone,
}


def take_tool_choice(left: JsonObject) -> ToolChoice | None:
    """Take the choice out of what is left of a request. Other forms of it stay there."""
    choice: Any = left.get("tool_choice")
    if type(choice) is str and choice in _WORDS:
        del left["tool_choice"]
        return _WORDS[choice]()
    if not is_object(choice):
        return None
    rest = dict(choice)
    kind = rest.pop("type", None)
    name = take_text(rest, "name") if kind in ("function", "custom") else None
    if name is None:
        return None
    del left["tool_choice"]
    return ToolChoiceNamed(name, wire=residue_wire(rest, (_CUSTOM,) if kind == "custom" else ()))


def encode_tool_choice(encoding: Encoding, choice: ToolChoice, body: JsonObject) -> None:
    """Write the choice into the body."""
    residue, marks = encoding.own(choice, choice.wire, None)
    match choice:
        case ToolChoiceAuto():
            written: Any = "auto"
        case ToolChoiceAny():
            written = "required"
        case ToolChoiceNone():
            written = "none"
        case ToolChoiceNamed():
            written = under(residue, {"type": "custom" if _CUSTOM in marks else "function", "name": choice.name})
    body["tool_choice"] = written
