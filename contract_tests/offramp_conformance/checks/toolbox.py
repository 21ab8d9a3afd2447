"""Tools that checks offer, and ways to look at the calls of an answer."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from offramp.types import (
    AnyResponse,
    FunctionTool,
    JsonObject,
    Message,
    Part,
    Text,
    ToolCall,
    ToolResult,
    ToolResultStatus,
)
from offramp_conformance.checks.prompts import call_tool
from offramp_conformance.suite.observations import Observation, Seen, broken, held, unclear


def tool(name: str, properties: Mapping[str, JsonObject] | None = None, *, strict: bool | None = None) -> FunctionTool:
    """A function with these properties, all of them required."""
    held = dict(properties or {})
    schema: JsonObject = {
        "type": "object",
        "properties": held,
        "required": list(held),
        "additionalProperties": False,
    }
    return FunctionTool(name, description=f"Gives back what {name} knows.", schema=schema, strict=strict)


PLACE: Final[JsonObject] = {"type": "string", "description": "The name of a place."}
LOOK: Final = tool("look", {"place": PLACE})
LISTEN: Final = tool("listen", {"place": PLACE})
BELL: Final = tool("ring_bell")


def both_tools() -> str:
    """A wish for a call of each of two tools at once."""
    return "\n".join(call_tool(each.name, place="harbour") for each in (LOOK, LISTEN))


def calls_of(answer: AnyResponse) -> list[ToolCall]:
    """The calls that the application is to run."""
    return [part for part in answer.message.parts if isinstance(part, ToolCall) and part.executor == "client"]


def some_calls(answer: AnyResponse, at_least: int = 1) -> list[ToolCall]:
    """The calls of an answer.

    Raises:
        Seen: there are fewer, so that nothing can be told.
    """
    made = calls_of(answer)
    if len(made) < at_least:
        raise Seen(unclear(f"it made {len(made)} of {at_least} calls, so that nothing can be told of them"))
    return made


def arguments_of(call: ToolCall) -> Any:
    """The arguments as JSON. None: they are none. An empty text stands for no arguments."""
    try:
        return json.loads(call.arguments_json or "{}")
    except ValueError:
        return None


def result(call: ToolCall, *parts: Part | str, status: ToolResultStatus = "ok") -> ToolResult:
    """What a tool gave back to a call."""
    held = tuple(Text(part) if isinstance(part, str) else part for part in parts)
    return ToolResult(call.call_id, held, status=status)


def after(asked: Sequence[Message], answer: AnyResponse, *results: ToolResult) -> list[Message]:
    """The conversation with the answer and the results of its calls."""
    return [*asked, answer.message, Message("tool", results)]


def picked(text: str, right: str, wrong: str, otherwise: str) -> Observation:
    """Whether an answer tells the result that was asked for, and not the other one."""
    said = text.lower()
    told = right.lower() in said, wrong.lower() in said
    match told:
        case (True, False):
            return held()
        case (False, True):
            return broken(otherwise)
        case (True, True):
            return unclear("both results are in the answer")
        case _:
            return unclear("neither result is in the answer")
