"""Tools that a request offers. There is no choice among them: the model decides."""

from typing import Any, Final, assert_never

from offramp.types import (
    FunctionTool,
    GenerateRequest,
    JsonObject,
    Tool,
    ToolChoiceAny,
    ToolChoiceAuto,
    ToolChoiceNamed,
    ToolChoiceNone,
    VendorTool,
)
from offramp_providers.dialects.accounting import keep_rest, take_object, under
from offramp_providers.dialects.ollama_native.encoding import Encoding, residual
from offramp_providers.dialects.ollama_native.options import NAME
from offramp_providers.dialects.ollama_native.tool_schema import encode_schema
from offramp_providers.dialects.shapes import are_objects, is_object, take_text

_EMPTY: Final = "tools=empty"
_NO_PARAMETERS: Final[JsonObject] = {"type": "object", "properties": {}}


def take_tools(left: JsonObject, marks: list[str]) -> tuple[Tool, ...]:
    """Take the tools; what else stands there stays."""
    found: Any = left.get("tools")
    if not are_objects(found):
        return ()
    del left["tools"]
    marks += [] if found else [_EMPTY]
    return tuple([_decode_tool(each) for each in found])


def _decode_tool(raw: JsonObject) -> Tool:
    left = dict(raw)
    kind: Any = left.pop("type", None)
    function = take_object(left, "function")
    name = take_text(function, "name") if function is not None else None
    if function is None or name is None or kind not in ("function", None):
        return VendorTool(dialect=NAME, vendor_type=kind if type(kind) is str else None, raw=raw)
    if kind is None and "type" in raw:
        left["type"] = None
    marks = [] if kind else ["type=absent"]
    schema: JsonObject | None = function.pop("parameters") if is_object(function.get("parameters")) else None
    description = take_text(function, "description")
    keep_rest(left, "function", function)
    return FunctionTool(name, description=description, schema=schema, wire=residual(left, marks))


def encode_tools(encoding: Encoding, request: GenerateRequest, form: tuple[str, ...], body: JsonObject) -> None:
    """Write the tools that the server takes; the others are named."""
    _name_choice(encoding, request)
    if _withheld(request):
        return
    sent: list[JsonObject] = []
    for tool in request.tools:
        if isinstance(tool, FunctionTool):
            sent.append(_encode_function(encoding, tool))
        elif tool.dialect == NAME:
            sent.append(tool.raw)
        else:
            encoding.log.lose("vendor_tool", tool)
    if sent or _EMPTY in form:
        body["tools"] = sent


def _withheld(request: GenerateRequest) -> bool:
    return bool(request.tools) and isinstance(request.tool_choice, ToolChoiceNone)


def _name_choice(encoding: Encoding, request: GenerateRequest) -> None:
    choice = request.tool_choice
    if request.parallel_tool_calls is False:
        encoding.log.lose("setting.unsupported", request, "parallel_tool_calls")
    match choice:
        case None:
            return
        case ToolChoiceAuto():
            pass
        case ToolChoiceNone():
            if _withheld(request):
                encoding.log.lose("tool_choice.emulated", request, "tool_choice")
                encoding.log.lose("tool_choice.emulated", request, "tools")
        case ToolChoiceAny() | ToolChoiceNamed():
            encoding.log.lose("setting.unsupported", request, "tool_choice")
        case _:
            assert_never(choice)
    encoding.log.lose_wire(choice, choice.wire)


def _encode_function(encoding: Encoding, tool: FunctionTool) -> JsonObject:
    residue, form = encoding.own(tool, tool.wire, None)
    function: JsonObject = {"name": tool.name}
    if tool.description is not None:
        function["description"] = tool.description
    if tool.schema is not None:
        function["parameters"] = encode_schema(encoding, tool, tool.schema)
    elif not encoding.native:
        encoding.log.lose("schema.injected", tool, "schema")
        function["parameters"] = _NO_PARAMETERS
    if tool.strict:
        encoding.log.lose("setting.unsupported", tool, "strict")
    if tool.cache is not None:
        encoding.log.lose("cache", tool, "cache")
    body: JsonObject = {"function": function}
    if "type=absent" not in form:
        body["type"] = "function"
    return under(residue, body)
