"""Which results of a history answer which tool calls. Ids may repeat, so that a call is known by its place."""

from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY
from typing import TypeAlias

from offramp.types import Message, Part, ToolCall, ToolResult, value


@value
class Turn:
    """An assistant message with tool calls for the application, and what answers them."""

    index: int
    """Position of the assistant message in the history."""
    _: KW_ONLY
    calls: tuple[tuple[int, ToolCall, ToolResult | None], ...]
    """Position among the message's parts, the call, and its result where there is one."""
    tool_messages: tuple[int, ...]
    """Positions of the `tool` messages that follow it directly."""
    others: tuple[Part, ...]
    """What else these hold, in order: results of no call of this turn."""
    elsewhere: tuple[tuple[int, int], ...]
    """Results that stand in later messages of the same turn, as position of message and part."""


def turns_of(messages: Sequence[Message]) -> Iterator[Turn]:
    """Every turn with tool calls, in order. An interrupted message makes none: its calls were never complete."""
    for index, message in enumerate(messages):
        if message.role == "assistant" and message.status != "interrupted":
            calls = client_calls(message)
            if calls:
                yield _turn(messages, index, calls)


def client_calls(message: Message) -> list[tuple[int, ToolCall]]:
    """The calls that the application has to answer, with their positions among the parts."""
    return [
        (position, part)
        for position, part in enumerate(message.parts)
        if isinstance(part, ToolCall) and part.executor == "client"
    ]


def _turn(messages: Sequence[Message], index: int, calls: list[tuple[int, ToolCall]]) -> Turn:
    following = _tool_messages_after(messages, index)
    left: list[_Place] = [(at, part, messages[at].parts[part]) for at in following for part in _positions(messages[at])]
    later = list(_later_results(messages, (following or (index,))[-1] + 1))
    elsewhere: list[tuple[int, int]] = []
    answered: list[tuple[int, ToolCall, ToolResult | None]] = []
    for position, call in calls:
        result = _take(left, call.call_id)
        if result is None and (found := _take(later, call.call_id)):
            result = found
            elsewhere.append(found[:2])
        answered.append((position, call, result[2] if result else None))
    others = tuple(part for _, _, part in left)
    return Turn(index, calls=tuple(answered), tool_messages=following, others=others, elsewhere=tuple(elsewhere))


_Place: TypeAlias = tuple[int, int, Part]
"""A part, after the position of its message and its own."""

_Answer: TypeAlias = tuple[int, int, ToolResult]


def _positions(message: Message) -> range:
    return range(len(message.parts))


def _tool_messages_after(messages: Sequence[Message], index: int) -> tuple[int, ...]:
    end = index + 1
    while end < len(messages) and messages[end].role == "tool":
        end += 1
    return tuple(range(index + 1, end))


def _later_results(messages: Sequence[Message], start: int) -> Iterator[_Place]:
    """Results up to the next assistant message: some callers put them into the user's own."""
    for at in range(start, len(messages)):
        if messages[at].role == "assistant":
            return
        for part in _positions(messages[at]):
            yield at, part, messages[at].parts[part]


def _take(left: list[_Place], call_id: str) -> _Answer | None:
    for position, (at, part, content) in enumerate(left):
        if isinstance(content, ToolResult) and content.call_id == call_id:
            del left[position]
            return at, part, content
    return None
