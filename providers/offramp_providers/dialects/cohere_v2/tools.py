"""Tools that a request offers, and how the model may choose among them."""

import re
from typing import Any, Final

from offramp.errors import CapabilityError
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
from offramp_providers.dialects.accounting import keep_rest, take_object, under
from offramp_providers.dialects.cohere_v2.encoding import Encoding, residue_wire
from offramp_providers.dialects.cohere_v2.options import NAME
from offramp_providers.dialects.cohere_v2.schema import OutsideError, Subset
from offramp_providers.dialects.function_tools import write_function
from offramp_providers.dialects.shapes import are_objects, is_object, take_text

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")  # docs.cohere.com errors, read 2026-11-26
NO_TOOLS: Final = "tools=empty"
"""Marks an empty list of tools."""


def take_tools(left: JsonObject, form: list[str]) -> tuple[Tool, ...]:
    """Take the tools out of what is left of a request, each with the strictness that is said of all."""
    found: Any = left.get("tools")
    if not are_objects(found):
        return ()
    del left["tools"]
    if not found:
        form.append(NO_TOOLS)
    strict: Any = left.get("strict_tools")
    tools = tuple(_decode(tool, strict if type(strict) is bool else None) for tool in found)
    if type(strict) is bool and any(isinstance(tool, FunctionTool) for tool in tools):
        del left["strict_tools"]
    return tools


def _decode(raw: JsonObject, strict: bool | None) -> Tool:  # noqa: FBT001  # the wire's own value
    left = dict(raw)
    function = take_object(left, "function")
    name = take_text(function, "name") if function else None
    if raw.get("type") != "function" or function is None or name is None:
        kind: Any = raw.get("type")
        return VendorTool(dialect=NAME, vendor_type=kind if type(kind) is str else None, raw=raw)
    del left["type"]
    description = take_text(function, "description")
    schema: Any = function.get("parameters")
    if is_object(schema):
        del function["parameters"]
    keep_rest(left, "function", function)
    return FunctionTool(
        name,
        description=description,
        schema=schema if is_object(schema) else None,
        strict=strict,
        wire=residue_wire(left),
    )


def encode_tools(encoding: Encoding, request: GenerateRequest, body: JsonObject) -> None:
    """Write the tools into the body, and whether the vendor must hold calls to their schemas."""
    written: list[Any] = []
    functions: list[FunctionTool] = []
    for tool in _offered(encoding, request):
        match tool:
            case FunctionTool():
                functions.append(tool)
                written.append(_encode(encoding, tool))
            case VendorTool():
                if tool.dialect == NAME:
                    written.append(tool.raw)
                else:
                    encoding.log.lose("vendor_tool", tool)
    if written:
        body["tools"] = written
    strict = _strict(encoding, functions)
    if strict is not None:
        body["strict_tools"] = strict


def _offered(encoding: Encoding, request: GenerateRequest) -> tuple[Tool, ...]:
    """The tools; one alone where the choice is to be that one, since the dialect cannot name it."""
    named = _named(request)
    if named is None:
        return request.tools
    for tool in request.tools:
        if tool is not named:
            encoding.log.lose("tool_choice.emulated", tool)
    return (named,)


def _named(request: GenerateRequest) -> FunctionTool | None:
    choice = request.tool_choice
    if not isinstance(choice, ToolChoiceNamed):
        return None
    functions = (tool for tool in request.tools if isinstance(tool, FunctionTool))
    return next((tool for tool in functions if tool.name == choice.name), None)


def _encode(encoding: Encoding, tool: FunctionTool) -> JsonObject:
    _check_name(encoding, tool)
    schema: JsonObject | None = tool.schema
    if schema is None and not encoding.native:
        # Required (cohere-openapi.yaml of 2026-08-20, read 2026-11-26).
        encoding.log.lose("schema.injected", tool, "schema")
        schema = {"type": "object", "properties": {}}
    function = write_function(tool, schema, strict=None)
    if tool.cache is not None:
        encoding.log.lose("cache", tool, "cache")
    return under(encoding.own(tool, tool.wire, None)[0], {"type": "function", "function": function})


def _check_name(encoding: Encoding, tool: FunctionTool) -> None:
    """Refuse a name that the vendor refuses: another one would not be the application's tool any more.

    Raises:
        CapabilityError: the name has other characters, or begins with a digit.
    """
    if not encoding.native and not _NAME.fullmatch(tool.name):
        raise CapabilityError(
            f"the tool name {tool.name!r} is not accepted",
            requirements=["tools"],
            mend="name it with letters, digits and underscores, beginning with no digit",
        )


def _strict(encoding: Encoding, tools: list[FunctionTool]) -> bool | None:
    """One word for all tools: true where each is to be strict and can be, else left out, and named."""
    asked = {tool.strict for tool in tools}
    if asked == {False} or (
        asked == {True} and (encoding.native or all(_can_be_strict(encoding, each) for each in tools))
    ):
        return asked == {True}
    for tool in tools:
        if tool.strict:
            encoding.log.lose("schema.strict", tool, "strict")
    return None


def _can_be_strict(encoding: Encoding, tool: FunctionTool) -> bool:
    if not encoding.option("schema_subset"):
        return True
    schema: JsonObject | None = tool.schema
    if schema is None or (schema.get("type") == "object" and not schema.get("properties")):
        return schema is not None  # a tool without parameters has none to require
    try:
        return Subset(schema).is_whole
    except OutsideError:
        return False


_WORDS: Final[dict[str, type[ToolChoiceAny | ToolChoiceNone]]] = {"REQUIRED": ToolChoiceAny, "NONE": ToolChoiceNone}


def take_tool_choice(left: JsonObject) -> ToolChoice | None:
    """Take the choice out of what is left of a request; a word that we do not know stays there."""
    word: Any = left.get("tool_choice")
    if type(word) is not str or word not in _WORDS:
        return None
    del left["tool_choice"]
    return _WORDS[word]()


def encode_tool_choice(encoding: Encoding, request: GenerateRequest, body: JsonObject) -> None:
    """Write the choice into the body. Where none is said, the model decides."""
    choice = request.tool_choice
    if choice is None:
        return
    encoding.log.lose_wire(choice, choice.wire)
    if not (encoding.native or "tools" in body):
        if not isinstance(choice, ToolChoiceAuto):
            encoding.log.lose("setting.unsupported", request, "tool_choice")
        return
    match choice:
        case ToolChoiceAuto():
            pass
        case ToolChoiceAny():
            body["tool_choice"] = "REQUIRED"
        case ToolChoiceNone():
            body["tool_choice"] = "NONE"
        case ToolChoiceNamed():
            if _named(request) is None:
                encoding.log.lose("setting.unsupported", request, "tool_choice")
                return
            encoding.log.lose("tool_choice.emulated", request, "tool_choice")
            body["tool_choice"] = "REQUIRED"
