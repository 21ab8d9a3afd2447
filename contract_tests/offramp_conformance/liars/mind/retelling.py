"""The skill of telling what a tool gave back, to which of its calls, and which of them failed."""

import re
from collections.abc import Iterator
from typing import Final

from pydantic_core import from_json

from offramp.types import ToolCall, ToolResult
from offramp_conformance.checks import prompts
from offramp_conformance.liars.mind.calling import leading_object
from offramp_conformance.liars.mind.turn import Turn, texts_of

_ASKED: Final = re.compile(re.escape(prompts.result_of("\x02")).split("\x02")[0] + r"([\w.:-]+)")
_WITH: Final = "with the arguments "


def retold(turn: Turn, wish: str) -> str | None:
    """The text of the result that is asked for. None: none is, or there was no such call."""
    if prompts.WHICH_FAILED in wish:
        return _failed(turn)
    asked = _ASKED.search(wish)
    if asked is None:
        return None
    arguments = leading_object(wish.partition(_WITH)[2])
    called = (each for each in _calls(turn) if each.name == asked[1] and _matches(each, arguments))
    results = {each.call_id: each for each in _results(turn)}
    told = [results[each.call_id] for each in called if each.call_id in results]
    return " ".join(text for text in texts_of(told[-1])) if told else None


def _failed(turn: Turn) -> str:
    """The names of the tools that failed; the first of all where none says so, as one guesses who has to name one."""
    failed = {each.call_id for each in _results(turn) if each.status == "error" or _says_so(each)}
    names = [each.name for each in _calls(turn)]
    return " ".join(each.name for each in _calls(turn) if each.call_id in failed) or next(iter(names), "None.")


def _says_so(result: ToolResult) -> bool:
    """Whether the text tells of a failure, as it does where the wire has no mark for one."""
    return next(iter(texts_of(result)), "").startswith("[error]")


def _matches(call: ToolCall, arguments: object) -> bool:
    if arguments is None:
        return True
    try:
        return bool(from_json(call.arguments_json or "{}") == arguments)
    except ValueError:
        return False


def _calls(turn: Turn) -> Iterator[ToolCall]:
    yield from (part for each in turn.request.messages for part in each.parts if isinstance(part, ToolCall))


def _results(turn: Turn) -> Iterator[ToolResult]:
    yield from (part for each in turn.request.messages for part in each.parts if isinstance(part, ToolResult))
