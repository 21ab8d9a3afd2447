"""The skill of calling tools: those that it is told to call, or must."""

import re
from collections.abc import Iterator
from typing import Final

from pydantic_core import from_json

from offramp.types import FunctionTool, JsonObject, ToolChoiceAny, ToolChoiceNamed
from offramp_conformance.checks import prompts
from offramp_conformance.liars.mind.fitting import fitted
from offramp_conformance.liars.mind.turn import Turn, texts_of
from offramp_providers.emulator.answers import Call
from offramp_providers.emulator.instances import instance_of
from offramp_providers.emulator.json_values import object_of

_CALL: Final = re.compile(
    re.escape(prompts.call_tool("\x02")).replace("\x02", r"([\w.:-]+)").replace(r"\{\}", r"(?=\{)")
)


def calls(turn: Turn, wish: str) -> tuple[Call, ...]:
    """What it calls now. None where it was told to call nothing, or has the results already."""
    choice = turn.request.tool_choice
    is_done = bool(turn.results) and not turn.is_asked_anew
    if not turn.tools or (is_done and not isinstance(choice, ToolChoiceAny | ToolChoiceNamed)):
        return ()
    wished = tuple(_wished(turn, wish))
    match choice:
        case ToolChoiceNamed(name=name):
            made = tuple(each for each in wished if each.name == name) or _forced(turn, name)
        case ToolChoiceAny():
            made = wished or _forced(turn, next(iter(turn.tools)))
        case _:
            made = wished
    return made if turn.request.parallel_tool_calls is not False else made[:1]


def _wished(turn: Turn, wish: str) -> Iterator[Call]:
    """The calls that the wish names, in order, of tools that there are."""
    for found in _CALL.finditer(wish):
        arguments = leading_object(wish[found.end() :])
        if found[1] in turn.tools and arguments is not None:
            yield Call(found[1], _allowed(turn, turn.tools[found[1]], arguments))


def _allowed(turn: Turn, tool: FunctionTool, arguments: JsonObject) -> JsonObject:
    """The arguments as they were wished for; where the tool is strict, as far as they fit."""
    return object_of(fitted(arguments, tool.schema or {}, _fitting(turn, tool))) if tool.strict else arguments


def _forced(turn: Turn, name: str) -> tuple[Call, ...]:
    """A call with arguments that fit, where one must be made."""
    tool = turn.tools.get(name)
    return () if tool is None else (Call(name, _fitting(turn, tool)),)


def _fitting(turn: Turn, tool: FunctionTool) -> JsonObject:
    return object_of(instance_of(tool.schema or {}, turn.chance))


def leading_object(text: str) -> JsonObject | None:
    """The JSON object that a text begins with. None: it begins with none."""
    for end in (at + 1 for at, letter in enumerate(text) if letter == "}"):
        try:
            return object_of(from_json(text[:end]))
        except ValueError:
            continue
    return None


def reported(turn: Turn) -> str:
    """What is said of the results that tools gave back."""
    said = [" ".join(texts_of(each)) for each in turn.results]
    return " ".join(f"The tool says: {each}." for each in said)
