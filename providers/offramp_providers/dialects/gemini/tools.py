"""Tools that a request offers, and the choice among them."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any, Final, assert_never

from offramp.types import (
    FunctionTool,
    GenerateRequest,
    JsonObject,
    RoutingField,
    Tool,
    ToolChoice,
    ToolChoiceAny,
    ToolChoiceAuto,
    ToolChoiceNamed,
    ToolChoiceNone,
    VendorTool,
)
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.encoding import marked
from offramp_providers.dialects.gemini.encoding import NAME, Encoding, residual
from offramp_providers.dialects.gemini.schema import encode_schema, from_openapi, respelled, spelling_of
from offramp_providers.dialects.gemini.spellings import both_spellings, respell, unsnake
from offramp_providers.dialects.shapes import are_objects, are_texts, is_object, take_text

ROUTING_TOOLS: Final = ("mcpServers", "retrieval", "parallelAiSearch", "exaAiSearch")
"""Tools that give the conversation to others (google-genai 3.4.0, read 2026-11-23)."""

_ROUTING_NAMES: Final = both_spellings(*ROUTING_TOOLS)
_NAMES: Final = both_spellings("functionDeclarations")
_DECLARATION_NAMES: Final = both_spellings("parametersJsonSchema")
_CHOICE_NAMES: Final = both_spellings("allowedFunctionNames")


class ToolsReading:
    """Reads the tools, and how they were grouped: one letter an object on the wire, its functions counted."""

    def __init__(self) -> None:
        self.tools: list[Tool] = []
        self.routing: list[RoutingField] = []
        self.form: list[str] = []

    def read(self, left: JsonObject) -> None:
        """Take the tools; what else stands there stays."""
        found: Any = left.get("tools")
        alone = is_object(found)
        objects: Any = [found] if alone else found
        if not are_objects(objects):
            return
        del left["tools"]
        groups = ",".join([self._read_object(each) for each in objects])
        if alone or not objects or groups != _usual_groups(self.tools) or self.routing:
            self.form.append(f"tools={'object:' if alone else 'list:'}{groups}")

    def _read_object(self, raw: JsonObject) -> str:
        if any(key in _ROUTING_NAMES or key in ROUTING_TOOLS for key in raw):
            name = next(_ROUTING_NAMES.get(key, key) for key in raw if key in _ROUTING_NAMES or key in ROUTING_TOOLS)
            self.routing.append(RoutingField(dialect=NAME, name=name, raw=raw))
            return "r"
        left, form = dict(raw), list[str]()
        unsnake(left, _NAMES, form)
        found: Any = left.get("functionDeclarations")
        functions = [_decode_function(each) for each in found] if are_objects(found) else [None]
        if None in functions:
            self._add_vendor(raw)
            return "v"
        del left["functionDeclarations"]
        self.tools += [each for each in functions if each is not None]
        group = f"{'F' if form else 'f'}{len(functions)}"
        if not left:
            return group
        self._add_vendor(left)
        return f"{group}+v"

    def _add_vendor(self, raw: JsonObject) -> None:
        self.tools.append(VendorTool(dialect=NAME, vendor_type=next(iter(raw), None), raw=raw))


def _usual_groups(tools: Sequence[Tool]) -> str:
    """All functions side by side in one object, and each tool of the vendor's in one of its own."""
    groups: list[str] = []
    for is_function, run in groupby(tools, lambda tool: isinstance(tool, FunctionTool)):
        count = len(list(run))
        groups += [f"f{count}"] if is_function else ["v"] * count
    return ",".join(groups)


def _decode_function(raw: JsonObject) -> FunctionTool | None:
    left, form = dict(raw), list[str]()
    unsnake(left, _DECLARATION_NAMES, form)
    name = take_text(left, "name")
    if name is None:
        return None
    schema: JsonObject | None = None
    if is_object(left.get("parametersJsonSchema")):
        schema = left.pop("parametersJsonSchema")
    elif is_object(left.get("parameters")):
        raw_schema: JsonObject = left.pop("parameters")
        schema = from_openapi(raw_schema)
        form.append(spelling_of("parameters", raw_schema, schema))
    return FunctionTool(name, description=take_text(left, "description"), schema=schema, wire=residual(left, form))


def encode_tools(ctx: Encoding, request: GenerateRequest, form: tuple[str, ...], body: JsonObject) -> None:
    """Write the tools that the vendor takes; the others are named."""
    functions: list[JsonObject] = []
    vendors: list[JsonObject] = []
    kept: list[Tool] = []
    for tool in request.tools:
        if isinstance(tool, FunctionTool):
            functions.append(_encode_function(ctx, tool))
        elif tool.dialect == NAME:
            vendors.append(tool.raw)
        else:
            ctx.log.lose("vendor_tool", tool)
            continue
        kept.append(tool)
    routed = [each.raw for each in request.routing if each.dialect == NAME and each.name in ROUTING_TOOLS]
    mark = marked(form, "tools=") or ""
    groups = mark.partition(":")[2]
    if not _fits(groups, len(functions), len(vendors), len(routed)):
        mark, groups = "list:", ",".join([*filter(None, [_usual_groups(kept)]), *("r" for _ in routed)])
    objects = _grouped(groups, functions, vendors, routed)
    if objects or marked(form, "tools=") == "list:":
        body["tools"] = objects[0] if mark.startswith("object:") else objects


def _fits(groups: str, functions: int, vendors: int, routed: int) -> bool:
    words = [word for group in groups.split(",") for word in group.split("+") if word]
    counted = sum(int(word[1:]) for word in words if word[0] in "fF")
    return bool(words) and (counted, words.count("v"), words.count("r")) == (functions, vendors, routed)


def _grouped(groups: str, functions: list[JsonObject], vendors: list[JsonObject], routed: list[Any]) -> list[Any]:
    objects: list[Any] = []
    offered, own, others = iter(functions), iter(vendors), iter(routed)
    for group in groups.split(",") if groups else ():
        written: Any = {}
        for word in group.split("+"):
            if word == "v":
                written = {**written, **next(own)}
            elif word == "r":
                written = next(others)
            else:
                key = "function_declarations" if word[0] == "F" else "functionDeclarations"
                written[key] = [next(offered) for _ in range(int(word[1:]))]
        objects.append(written)
    return objects


def _encode_function(ctx: Encoding, tool: FunctionTool) -> JsonObject:
    sent: JsonObject = {"name": tool.name}
    if tool.description is not None:
        sent["description"] = tool.description
    form = ctx.own_form(tool.wire, None)
    if tool.schema is not None:
        mark = marked(form, "schema=")
        key, schema = respelled(mark, tool.schema) if mark else ("parametersJsonSchema", tool.schema)
        sent[key] = encode_schema(ctx, tool, schema)
    if tool.strict:
        ctx.log.lose("setting.unsupported", tool, "strict")
    if tool.cache is not None:
        ctx.log.lose("cache", tool, "cache")
    if tool.wire is None:
        return sent
    sent = under(ctx.residue(tool, tool.wire), sent)
    respell(sent, form)
    return sent


def decode_choice(config: JsonObject | None, form: list[str]) -> ToolChoice | None:
    """Take the choice out of `toolConfig`; None where it does not say, or says it in another shape."""
    found: Any = config.get("functionCallingConfig") if config is not None else None
    if config is None or not is_object(found):
        return None
    inner, spelled = dict(found), list[str]()
    unsnake(inner, _CHOICE_NAMES, spelled, "toolConfig.functionCallingConfig.")
    mode: Any = inner.get("mode")
    word = mode.upper() if type(mode) is str else ""
    names: Any = inner.get("allowedFunctionNames")
    if word not in ("AUTO", "ANY", "NONE", "VALIDATED"):
        return None
    del config["functionCallingConfig"]
    form += spelled
    if word != "VALIDATED":
        del inner["mode"]
    marks = [] if mode == word else [f"mode={mode}"]
    if word == "ANY" and are_texts(names) and len(names) == 1:
        del inner["allowedFunctionNames"]
        return ToolChoiceNamed(names[0], wire=residual(inner, marks))
    wire = residual(inner, marks)
    match word:
        case "ANY":
            return ToolChoiceAny(wire=wire)
        case "NONE":
            return ToolChoiceNone(wire=wire)
        case _:
            return ToolChoiceAuto(wire=wire)


def encode_choice(ctx: Encoding, request: GenerateRequest, body: JsonObject) -> None:
    """Write the choice. Several calls at once are what the vendor allows anyway."""
    choice = request.tool_choice
    if request.parallel_tool_calls is False:
        ctx.log.lose("setting.unsupported", request, "parallel_tool_calls")
    if choice is None:
        return
    if "tools" not in body and not ctx.authored:
        # Without tools there is nothing to choose from.
        if request.tools or isinstance(choice, (ToolChoiceAny, ToolChoiceNamed)):
            ctx.log.lose("setting.unsupported", request, "tool_choice")
        ctx.log.lose_wire(choice, choice.wire)
        return
    sent = _choice_word(choice)
    sent["mode"] = marked(ctx.own_form(choice.wire, None), "mode=") or sent["mode"]
    residue = ctx.residue(choice, choice.wire)
    if "mode" in residue:
        # VALIDATED: the model chooses, and its calls are held to their schemas.
        del sent["mode"]
    body["toolConfig"] = {"functionCallingConfig": under(residue, sent)}


def _choice_word(choice: ToolChoice) -> JsonObject:
    match choice:
        case ToolChoiceAuto():
            return {"mode": "AUTO"}
        case ToolChoiceAny():
            return {"mode": "ANY"}
        case ToolChoiceNone():
            return {"mode": "NONE"}
        case ToolChoiceNamed():
            return {"mode": "ANY", "allowedFunctionNames": [choice.name]}
        case _:
            assert_never(choice)
