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
from offramp_providers.dialects.openai_chat.encoding import Encoding, residue_wire
from offramp_providers.dialects.openai_chat.options import NAME
from offramp_providers.dialects.shapes import is_list, is_object, is_text, take_text
from offramp_providers.dialects.strict_schema import strict_schema
from offramp_providers.dialects.tool_names import check_tool_name

_LONGEST_NAME: Final = 64  # openai-openapi 2.3.0, read 2026-11-23
_CUSTOM: Final = "choice=custom"
FUNCTIONS: Final = "tools=functions"
"""Marks tools in the deprecated field."""
FUNCTION_CHOICE: Final = "tool_choice=function_call"
"""Marks a choice in the deprecated field."""
NO_TOOLS: Final = "tools=empty"
"""Marks an empty list of tools."""


def take_tools(left: JsonObject, form: list[str]) -> tuple[Tool, ...]:
    """Take the tools, or the deprecated functions, out of what is left of a request."""
    tools: Any = left.get("tools")
    if is_list(tools) and all(is_object(tool) for tool in tools):
        del left["tools"]
        if not tools:
            form.append(NO_TOOLS)
        return tuple(_decode_tool(tool) for tool in tools)
    functions: Any = left.get("functions")
    alone = "tools" not in left and NO_TOOLS not in form
    if alone and is_list(functions) and functions and all(_is_function(each) for each in functions):
        del left["functions"]
        form.append(FUNCTIONS)
        found = (_decode_function(dict(each), {}) for each in functions)
        return tuple(tool for tool in found if tool is not None)
    return ()


def _is_function(found: Any) -> bool:
    return is_object(found) and type(found.get("name")) is str


def _decode_tool(raw: JsonObject) -> Tool:
    left = dict(raw)
    function = take_object(left, "function")
    tool = _decode_function(function, left) if raw.get("type") == "function" and function is not None else None
    if tool is None:
        kind = raw.get("type")
        return VendorTool(dialect=NAME, vendor_type=kind if type(kind) is str else None, raw=raw)
    return tool


def _decode_function(function: JsonObject, left: JsonObject) -> FunctionTool | None:
    tool = take_function(function)
    if tool is None:
        return None
    left.pop("type", None)
    keep_rest(left, "function", function)
    return replace(tool, wire=residue_wire(left) if left else None)


def encode_tools(encoding: Encoding, tools: tuple[Tool, ...], body: JsonObject, form: tuple[str, ...]) -> None:
    """Write the tools into the body."""
    written: list[Any] = []
    functions = FUNCTIONS in form
    for tool in tools:
        match tool:
            case FunctionTool():
                if not encoding.native:
                    check_tool_name(tool, longest=_LONGEST_NAME)
                encoded = _encode_function(encoding, tool)
                written.append(encoded["function"] if functions else encoded)
            case VendorTool():
                if tool.dialect == NAME:
                    written.append(tool.raw)
                else:
                    encoding.log.lose("vendor_tool", tool)
    if written or NO_TOOLS in form:
        body["functions" if functions else "tools"] = written


def _encode_function(encoding: Encoding, tool: FunctionTool) -> JsonObject:
    schema, strict = tool.schema, tool.strict
    if strict and schema is not None:
        schema, strict = strict_schema(encoding, tool, schema)
    elif strict and not encoding.native:
        # Strict takes a schema whose root is an object (openai-openapi 2.3.0, read 2026-11-23).
        encoding.log.lose("schema.strict", tool, "strict")
        strict = False
    if tool.cache is not None:
        encoding.log.lose("cache", tool, "cache")
    written: JsonObject = {"type": "function", "function": write_function(tool, schema, strict=strict)}
    return written if tool.wire is None else under(encoding.own(tool, tool.wire, None)[0], written)


_WORDS: Final[Mapping[str, type[ToolChoiceAuto | ToolChoiceAny | ToolChoiceNone]]] = {
    "auto": ToolChoiceAuto,
    "required": ToolChoiceAny,
    "none": ToolChoiceNone,
}


def take_tool_choice(left: JsonObject, form: list[str]) -> ToolChoice | None:
    """Take the choice out of what is left of a request. Other forms of it stay there."""
    choice: Any = left.get("tool_choice")
    if type(choice) is str and choice in _WORDS:
        del left["tool_choice"]
        return _WORDS[choice]()
    if is_object(choice):
        named = _decode_named(choice)
        if named is not None:
            del left["tool_choice"]
        return named
    return _take_function_choice(left, form) if "tool_choice" not in left else None


def _decode_named(choice: JsonObject) -> ToolChoiceNamed | None:
    left = dict(choice)
    kind = left.pop("type", None)
    if kind not in ("function", "custom"):
        return None
    named = take_object(left, kind)
    name = take_text(named, "name") if named else None
    if named is None or name is None:
        return None
    keep_rest(left, kind, named)
    return ToolChoiceNamed(name, wire=residue_wire(left, (_CUSTOM,) if kind == "custom" else ()))


def _take_function_choice(left: JsonObject, form: list[str]) -> ToolChoice | None:
    choice: Any = left.get("function_call")
    if type(choice) is str and choice in ("auto", "none"):
        found: ToolChoice = _WORDS[choice]()
    elif is_object(choice) and len(choice) == 1 and is_text(choice.get("name")):
        found = ToolChoiceNamed(choice["name"])
    else:
        return None
    del left["function_call"]
    form.append(FUNCTION_CHOICE)
    return found


def encode_tool_choice(encoding: Encoding, choice: ToolChoice, body: JsonObject, form: tuple[str, ...]) -> None:
    """Write the choice into the body."""
    deprecated = FUNCTION_CHOICE in form
    residue, marks = encoding.own(choice, choice.wire, None)
    match choice:
        case ToolChoiceAuto():
            written: Any = "auto"
        case ToolChoiceAny():
            written = "required"
        case ToolChoiceNone():
            written = "none"
        case ToolChoiceNamed() if deprecated:
            written = {"name": choice.name}
        case ToolChoiceNamed():
            kind = "custom" if _CUSTOM in marks else "function"
            written = under(residue, {"type": kind, kind: {"name": choice.name}})
    body["function_call" if deprecated else "tool_choice"] = written
