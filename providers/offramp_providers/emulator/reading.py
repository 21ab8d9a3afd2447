"""What an emulated vendor understands of a request, in words of no dialect."""

from __future__ import annotations

from typing import Literal, TypeAlias

from offramp.types._value import JsonObject, value

ThinkingMode: TypeAlias = Literal["off", "possible", "shown", "omitted"]
"""`possible`: not asked for, and not switched off either."""


@value
class OfferedTool:
    """A function the caller offers."""

    name: str
    schema: JsonObject


@value
class Reading:
    """A request, understood."""

    model: str
    user_text: str
    """The last user message that has text, directives included."""
    user_turns: int
    results: tuple[str, ...]
    """Text of each tool result since the last assistant message, in order."""
    rounds: int
    """Assistant messages with tool calls since the last user text."""
    tools: tuple[OfferedTool, ...] = ()
    must_call: bool = False
    may_call: bool = True
    named_tool: str | None = None
    in_parallel: bool = True
    schema: JsonObject | None = None
    """The schema that the text of the answer must fit."""
    is_json: bool = False
    max_tokens: int | None = None
    stops: tuple[str, ...] = ()
    thinking: ThinkingMode = "off"
    candidates: int = 1
    calls_silently: bool = False
    """Whether this vendor seldom says anything before its calls."""
