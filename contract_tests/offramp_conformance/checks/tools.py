"""Calls of tools: that they are made, whole, and as they were asked for."""

import re
from typing import Final

from offramp.types import (
    FunctionTool,
    ToolChoiceNamed,
)
from offramp_conformance.checks.probing import unless_it_follows
from offramp_conformance.checks.prompts import call_tool
from offramp_conformance.checks.toolbox import (
    BELL,
    LOOK,
    PLACE,
    arguments_of,
    calls_of,
    some_calls,
    tool,
)
from offramp_conformance.checks.validating import why_invalid
from offramp_conformance.suite.check import check
from offramp_conformance.suite.observations import Observation, broken, expect, held
from offramp_conformance.suite.subject import Subject

_AWKWARD: Final = 'café "north"\nline two \\ {x} 東京'
_ORDER: Final = tool(
    "place_order",
    {
        "item": {
            "type": "object",
            "properties": {
                "size": {"type": "string", "enum": ["small", "large"]},
                "parts": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {"count": {"type": "integer"}, "name": {"type": "string"}},
                        "required": ["count", "name"],
                        "additionalProperties": False,
                    },
                },
            },
            "required": ["size", "parts"],
            "additionalProperties": False,
        }
    },
)


@check(
    "tools.called",
    level="MUST",
    axis="behaviour",
    proves="A tool that the user asks for is called.",
    look_at="Whether the tools reach the vendor, and the shape of calls in the answer.",
    verifies="tools",
    trust="most",
    share=0.6,
    calls=2,
    controls=1,
)
async def called(subject: Subject) -> Observation:
    answer = (await subject.ask(call_tool("look", place=subject.word()), tools=(LOOK,))).answer
    if calls_of(answer):
        return held()
    return await unless_it_follows(subject, "the tool that was asked for was not called")


@check(
    "tools.arguments.json",
    level="MUST",
    axis="wire",
    proves="The arguments of a call are a JSON object.",
    look_at="The end of the arguments; a host that cuts or rewrites them.",
    verifies="tools",
)
async def arguments_are_json(subject: Subject) -> Observation:
    answer = (await subject.ask(call_tool("look", place=f"{subject.word()} {_AWKWARD}"), tools=(LOOK,))).answer
    for call in some_calls(answer):
        expect(isinstance(arguments_of(call), dict), "the arguments are not a JSON object")
    return held()


@check(
    "tools.arguments.exact",
    level="MUST",
    axis="behaviour",
    proves="Arguments with quotes, line ends and letters outside ASCII arrive as they were asked for.",
    look_at="Escaping of arguments, in whole answers.",
    verifies="tools",
    trust="most",
    share=0.6,
)
async def arguments_are_exact(subject: Subject) -> Observation:
    place = f"{subject.word()} {_AWKWARD}"
    answer = (await subject.ask(call_tool("look", place=place), tools=(LOOK,))).answer
    call = some_calls(answer)[0]
    return (
        held() if arguments_of(call) == {"place": place} else broken("the arguments are not those that were asked for")
    )


@check(
    "tools.arguments.none",
    level="MUST",
    axis="wire",
    proves="A tool without arguments can be called.",
    look_at="How the vendor spells empty arguments.",
    verifies="tools",
)
async def no_arguments(subject: Subject) -> Observation:
    answer = (await subject.ask(call_tool("ring_bell"), tools=(BELL,))).answer
    call = some_calls(answer)[0]
    expect(arguments_of(call) == {}, "a call without arguments has some, or none that can be read")
    return held()


@check(
    "tools.arguments.nested",
    level="MUST",
    axis="behaviour",
    proves="Arguments fit the tool's schema, three levels down.",
    look_at="The innermost objects: required fields, types, and names that are not in the schema.",
    verifies="tools",
    trust="most",
    share=0.6,
)
async def arguments_fit(subject: Subject) -> Observation:
    order = {"size": "small", "parts": [{"count": 2, "name": subject.word()}]}
    answer = (await subject.ask(call_tool("place_order", item=order), tools=(_ORDER,))).answer
    why = why_invalid(arguments_of(some_calls(answer)[0]), _ORDER.schema or {})
    return held() if why is None else broken(f"the arguments do not fit the schema: {why}")


@check(
    "tools.strict",
    level="MUST",
    axis="behaviour",
    proves="Where a tool is strict, its arguments fit the schema even if the user asks for others.",
    look_at="Whether `strict` reaches the vendor, and whether it enforces the schema.",
    verifies="tools.strict",
)
async def strict(subject: Subject) -> Observation:
    lax = {"size": "huge", "parts": [{"count": "two", "name": 7, "colour": subject.word()}]}
    ordered = FunctionTool(_ORDER.name, description=_ORDER.description, schema=_ORDER.schema, strict=True)
    answer = (
        await subject.ask(
            call_tool("place_order", item=lax), tools=(ordered,), tool_choice=ToolChoiceNamed(_ORDER.name)
        )
    ).answer
    why = why_invalid(arguments_of(some_calls(answer)[0]), _ORDER.schema or {})
    return held() if why is None else broken(f"strict arguments do not fit the schema: {why}")


@check(
    "tools.many",
    level="SHOULD",
    axis="wire",
    proves="Thirty-two tools can be offered, and the right one is called.",
    look_at="A limit on the number of tools.",
    verifies="tools",
    trust="most",
    share=0.6,
    calls=2,
)
async def many(subject: Subject) -> Observation:
    offered = tuple(tool(f"tool_{number:02}", {"place": PLACE}) for number in range(32))
    asked = call_tool("tool_23", place=subject.word())
    names = {call.name for call in calls_of((await subject.ask(asked, tools=offered)).answer)}
    if not names:
        some_calls((await subject.ask(asked, tools=offered[23:24])).answer)
        return broken("a tool that is called where it stands alone is not called among many")
    return held() if names == {"tool_23"} else broken("another tool than the one that was asked for was called")


@check(
    "tools.names",
    level="SHOULD",
    axis="wire",
    proves="Names with `_`, `-`, capitals and digits, up to 64 letters long, come back as they were.",
    look_at="A pattern that the vendor holds names to.",
    verifies="tools",
)
async def names(subject: Subject) -> Observation:
    long_name = ("Look_at-2_" + "x" * 64)[:64]
    answer = (
        await subject.ask(call_tool(long_name, place=subject.word()), tools=(tool(long_name, {"place": PLACE}),))
    ).answer
    return held() if some_calls(answer)[0].name == long_name else broken("the name of a tool came back changed")


@check(
    "tools.text.clean",
    level="SHOULD",
    axis="wire",
    proves="A call does not stand in the text of the answer in a model's own markup.",
    look_at="The server's parser of tool calls for this model.",
    verifies="tools",
)
async def no_markup(subject: Subject) -> Observation:
    answer = (await subject.ask(call_tool("look", place=subject.word()), tools=(LOOK,))).answer
    leaked = re.search(r"<\|?(tool_call|function|python_tag)|\[TOOL_CALLS\]|```tool", answer.text)
    return broken("a call stands in the text, in a model's own markup") if leaked else held()
