"""Reviewed: what dialects can say, so that no loss is admitted between any two that both can.

What a dialect cannot say stands in its entry (`unsaid`), with the reason. To take a row away is to admit a loss:
say why.
"""

from dataclasses import replace
from typing import Any, Final

from offramp.types import (
    DataSource,
    FunctionTool,
    GenerateRequest,
    Media,
    Message,
    Outcome,
    OutcomeKind,
    Response,
    SchemaOutput,
    Text,
    ToolCall,
    ToolChoiceAny,
    ToolChoiceAuto,
    ToolChoiceNamed,
    ToolChoiceNone,
    ToolResult,
    UrlSource,
    Usage,
    assistant,
    system,
    user,
)

_PNG: Final = DataSource("iVBORw0KGgoAAAANSUhEUg==")
_SCHEMA: Final = {
    "type": "object",
    "properties": {
        "urgent": {"type": "boolean"},
        "level": {"enum": ["low", "high"]},
        "places": {"type": "array", "items": {"type": "string", "description": "A name."}},
        "next": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "at": {"$ref": "#/$defs/at"},
    },
    "required": ["urgent", "level", "places", "next", "at"],
    "additionalProperties": False,
    "$defs": {
        "at": {
            "type": "object",
            "properties": {"x": {"type": "number"}, "y": {"type": "integer"}},
            "required": ["x", "y"],
            "additionalProperties": False,
        }
    },
}
"""The subset of JSON Schema that both vendors enforce."""

_PLACE: Final = {"place": {"type": "string", "description": "A name."}, "kind": {"type": "string", "enum": ["a", "b"]}}
_LOOK: Final = FunctionTool(
    "look", description="Looks.", schema={"type": "object", "properties": _PLACE, "required": ["place"]}
)
_FREE: Final = FunctionTool("free", schema={"type": "object", "properties": {"a": {"type": "integer"}}})
_DEEP: Final = replace(_LOOK, schema=_SCHEMA)
_BOUND: Final = FunctionTool("bound", schema={"type": "object", "properties": {"a": {"type": "integer", "minimum": 1}}})

_PLAIN: Final = GenerateRequest((user("Flood at the depot"),), model="m", max_output_tokens=100)
_WITH_TOOLS: Final = replace(_PLAIN, tools=(_LOOK, _FREE))


def _said(*messages: Message, **fields: Any) -> GenerateRequest:
    return replace(_PLAIN, messages=messages, **fields)


_CALLS: Final = assistant(
    Text("Looking."), ToolCall("call_1", "look", '{"a":1}'), ToolCall("call_2", "free", '{"b":[1,{"c":null}]}')
)
_RESULTS: Final = Message("tool", (ToolResult("call_1", (Text("2 units"),)), ToolResult("call_2", (Text("none"),))))

REQUESTS: Final[dict[str, GenerateRequest]] = {
    "text": _PLAIN,
    "several texts in a message": _said(user("a", "b")),
    "turns": _said(user("a"), assistant("b"), user("c")),
    "unicode": _said(user("naïve 日本語 🚒\n\t\u0000")),
    "system": _said(system("Be brief."), user("a")),
    "system of several texts": _said(Message("system", (Text("a"), Text("b"))), user("a")),
    "image as data": _said(user(Media(_PNG, kind="image", media_type="image/png"), "a")),
    "image behind a text": _said(user("a", Media(_PNG, kind="image", media_type="image/png"))),
    "image whose type the bytes tell": _said(user(Media(_PNG, kind="image"), "a")),
    "image as url": _said(user(Media(UrlSource("https://a.example/b.png"), kind="image"), "a")),
    "pdf as data with a name": _said(
        user(Media(DataSource("JVBERi0x"), kind="document", media_type="application/pdf", name="a.pdf"), "a")
    ),
    "tools": _WITH_TOOLS,
    "tool with a deep schema": replace(_PLAIN, tools=(_DEEP,)),
    "tool with a bound": replace(_PLAIN, tools=(_BOUND,)),
    "strict tool": replace(_PLAIN, tools=(replace(_DEEP, strict=True),)),
    "not strict tool": replace(_PLAIN, tools=(replace(_LOOK, strict=False),)),
    "choice auto": replace(_WITH_TOOLS, tool_choice=ToolChoiceAuto()),
    "choice any": replace(_WITH_TOOLS, tool_choice=ToolChoiceAny()),
    "choice none": replace(_WITH_TOOLS, tool_choice=ToolChoiceNone()),
    "choice by name": replace(_WITH_TOOLS, tool_choice=ToolChoiceNamed("look")),
    "one call at a time": replace(_WITH_TOOLS, tool_choice=ToolChoiceAuto(), parallel_tool_calls=False),
    "one forced call": replace(_WITH_TOOLS, tool_choice=ToolChoiceAny(), parallel_tool_calls=False),
    "calls in parallel": replace(_WITH_TOOLS, tool_choice=ToolChoiceAuto(), parallel_tool_calls=True),
    "calls and results": _said(user("a"), _CALLS, _RESULTS, tools=(_LOOK, _FREE)),
    "calls, results and a word": _said(user("a"), _CALLS, _RESULTS, user("go on"), tools=(_LOOK, _FREE)),
    "result of several texts": _said(
        user("a"),
        assistant(ToolCall("call_1", "look", "{}")),
        Message("tool", (ToolResult("call_1", (Text("a"), Text("b"))),)),
        tools=(_LOOK,),
    ),
    "empty result": _said(
        user("a"),
        assistant(ToolCall("call_1", "look", "{}")),
        Message("tool", (ToolResult("call_1", ()),)),
        tools=(_LOOK,),
    ),
    "temperature": replace(_PLAIN, temperature=0.3),
    "temperature of one": replace(_PLAIN, temperature=1),
    "temperature of zero": replace(_PLAIN, temperature=0.0),
    "top_p": replace(_PLAIN, top_p=0.9),
    "stop": replace(_PLAIN, stop=("END",)),
    "four stops": replace(_PLAIN, stop=("a", "b", "c", "d")),
    "output schema": replace(_PLAIN, output=SchemaOutput(_SCHEMA)),
    "strict output schema": replace(_PLAIN, output=SchemaOutput(_SCHEMA, strict=True)),
    "streaming": replace(_PLAIN, stream=True),
    "not streaming": replace(_PLAIN, stream=False),
    "end user": replace(_PLAIN, end_user="u-7"),
    "service tier auto": replace(_PLAIN, service_tier="auto"),
    "one candidate": replace(_PLAIN, candidates=1),
    "a bound": replace(_PLAIN, max_output_tokens=1),
}
"""Requests, written by an application. One kind of element each."""

_ANSWER: Final = Message("assistant", (Text("Two units."),))
_COUNTED: Final = Usage(input_tokens=30, output_tokens=7, cache_read_tokens=10, cache_write_tokens=5)

RESPONSES: Final[dict[str, Response[Any]]] = {
    "answer": Response(_ANSWER, Outcome(OutcomeKind.COMPLETED)),
    "cut answer": Response(_ANSWER, Outcome(OutcomeKind.MAX_OUTPUT)),
    "empty answer": Response(Message("assistant", ()), Outcome(OutcomeKind.EMPTY)),
    "calls": Response(_CALLS, Outcome(OutcomeKind.TOOL_CALLS)),
    "counted without a cache": Response(
        _ANSWER, Outcome(OutcomeKind.COMPLETED), usage=replace(_COUNTED, cache_read_tokens=0, cache_write_tokens=0)
    ),
    "counted with cache reads": Response(
        _ANSWER, Outcome(OutcomeKind.COMPLETED), usage=replace(_COUNTED, cache_write_tokens=None)
    ),
    "counted with a cache": Response(_ANSWER, Outcome(OutcomeKind.COMPLETED), usage=_COUNTED),
    "counted with reasoning": Response(
        _ANSWER, Outcome(OutcomeKind.COMPLETED), usage=replace(_COUNTED, reasoning_tokens=3)
    ),
}
"""Answers. One kind of element each."""

ENVELOPE: Final = frozenset({"envelope.injected", "response_id", "served_model"})
"""An answer of another dialect has no time of day, which this one requires; some have no place for its id or model."""

AFTERWARDS: Final = {
    "output.name.injected": "output.name",
    "signature.injected": "opaque.foreign",
    "media_type.injected": "media_type",
}
"""What is put in on the way there is lost on the way on."""
