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
from offramp_providers.dialects.accounting import keep_rest, take_object, under
from offramp_providers.dialects.function_tools import take_function, write_function
from offramp_providers.dialects.mistral.encoding import Encoding, residue_wire
from offramp_providers.dialects.mistral.options import NAME
from offramp_providers.dialects.shapes import is_list, is_object, take_text
from offramp_providers.dialects.strict_schema import strict_schema
from offramp_providers.dialects.tool_names import check_tool_name

_LONGEST_NAME: Final = 64  # recalled, not read
_NO_ARGUMENTS: Final[JsonObject] = {"type": "object", "properties": {}}
_UNTYPED: Final = "type=absent"
_REQUIRED: Final = "choice=required"
"""Marks the second of two words for one choice."""
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
    kind: Any = left.pop("type", "function")
    function = take_object(left, "function") if kind == "function" else None
    tool = take_function(function) if function is not None else None
    if function is None or tool is None:
        return VendorTool(dialect=NAME, vendor_type=kind if "type" in raw and type(kind) is str else None, raw=raw)
    keep_rest(left, "function", function)
    return replace(tool, wire=residue_wire(left, () if "type" in raw else (_UNTYPED,)))


def encode_tools(encoding: Encoding, tools: tuple[Tool, ...], body: JsonObject, form: tuple[str, ...]) -> None:
    """Write the tools into the body."""
    written: list[Any] = []
    for tool in tools:
        match tool:
            case FunctionTool():
                if not encoding.native:
                    check_tool_name(tool, longest=_LONGEST_NAME)
                written.append(_encode_function(encoding, tool))
            case VendorTool(dialect="mistral"):
                written.append(tool.raw)
            case VendorTool():
                encoding.log.lose("vendor_tool", tool)
    if written or NO_TOOLS in form:
        body["tools"] = written


def _encode_function(encoding: Encoding, tool: FunctionTool) -> JsonObject:
    schema, strict = tool.schema, tool.strict
    if schema is None and not encoding.native:
        # Parameters are required (platform-docs-public openapi.yaml, 2026-08-21).
        encoding.log.lose("schema.injected", tool, "schema")
        schema = dict(_NO_ARGUMENTS)
    if strict and schema is not None:
        schema, strict = strict_schema(encoding, tool, schema)
    if tool.cache is not None:
        encoding.log.lose("cache", tool, "cache")
    residue, form = encoding.own(tool, tool.wire, None)
    written: JsonObject = {"function": write_function(tool, schema, strict=strict)}
    if _UNTYPED not in form:
        written["type"] = "function"
    return under(residue, written)


_WORDS: Final[Mapping[str, type[ToolChoiceAuto | ToolChoiceAny | ToolChoiceNone]]] = {
    "auto": ToolChoiceAuto,
    "any": ToolChoiceAny,
    "required": ToolChoiceAny,
    "none": ToolChoiceNone,
}


def take_tool_choice(left: JsonObject) -> ToolChoice | None:
    """Take the choice out of what is left of a request. Other forms of it stay there."""
    choice: Any = left.get("tool_choice")
    if type(choice) is str and choice in _WORDS:
        del left["tool_choice"]
        return _WORDS[choice](wire=residue_wire({}, (_REQUIRED,) if choice == "required" else ()))
    named = _decode_named(choice) if is_object(choice) else None
    if named is not None:
        del left["tool_choice"]
    return named


def _decode_named(choice: JsonObject) -> ToolChoiceNamed | None:
    left = dict(choice)
    if left.pop("type", "function") != "function":
        return None
    function = take_object(left, "function")
    name = take_text(function, "name") if function else None
    if function is None or name is None:
        return None
    keep_rest(left, "function", function)
    return ToolChoiceNamed(name, wire=residue_wire(left, () if "type" in choice else (_UNTYPED,)))


def encode_tool_choice(encoding: Encoding, choice: ToolChoice) -> Any:
    """The choice."""
    residue, form = encoding.own(choice, choice.wire, None)
    match choice:
        case ToolChoiceAuto():
            return "auto"
        case ToolChoiceAny():
            return "required" if _REQUIRED in form else "any"
        case ToolChoiceNone():
            return "none"
        case ToolChoiceNamed():
            typed = {} if _UNTYPED in form else {"type": "function"}
            return under(residue, {**typed, "function": {"name": choice.name}})
