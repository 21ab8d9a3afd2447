"""What an emulated vendor answers: made up from the request and a seed, the same each time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from random import Random
from typing import Final, Literal, TypeAlias

from offramp.types._value import JsonObject, value

from .directives import Directive, without_directives
from .instances import instance_of
from .json_values import object_of
from .reading import OfferedTool, Reading
from .words import phrase, tokens_in

Ending: TypeAlias = Literal["end", "calls", "max", "stop", "refusal", "filter"]

_QUOTED_CHARACTERS: Final = 400
_MOST_WORDS: Final = 20_000
_REFUSAL: Final = "I will not help with this request."


@value
class Thought:
    """Reasoning before the answer."""

    text: str
    is_redacted: bool = False


@value
class Saying:
    """Text."""

    text: str


@value
class Denial:
    """A refusal in words."""

    text: str


@value
class Call:
    """A tool call with arguments that fit the tool's schema."""

    name: str
    arguments: JsonObject

    @property
    def arguments_json(self) -> str:
        """The arguments as the vendor spells them."""
        return json.dumps(self.arguments, ensure_ascii=False)


Part: TypeAlias = Thought | Saying | Denial | Call


@value
class Answer:
    """Parts in order, and why they end."""

    parts: tuple[Part, ...]
    ending: Ending
    stop: str | None = None
    """The stop sequence that was met."""

    @property
    def tokens(self) -> int:
        """A plausible count of output tokens; at least 1."""
        return max(1, sum(tokens_in(words_of(part)) for part in self.parts))


def words_of(part: Part) -> str:
    """The text that a part costs."""
    return part.arguments_json if isinstance(part, Call) else part.text


def answer_to(reading: Reading, script: Mapping[str, Directive], rng: Random) -> Answer:
    """Think, then call, refuse or say; cut where a limit says so."""
    thoughts = tuple(_thoughts(reading, script, rng))
    calls = tuple(_calls(reading, script, rng))
    if calls:
        preamble = rng.random() < (0.25 if reading.calls_silently else 0.75)
        said = (Saying(f"Let me check {phrase(rng, 4)}."),) if preamble else ()
        return _within_limits(Answer((*thoughts, *said, *calls), "calls"), reading)
    if "refuse" in script:
        return Answer((*thoughts, Denial(_REFUSAL)), "refusal")
    if "filter" in script:
        return Answer((*thoughts, Saying(phrase(rng, 6))), "filter")
    return _within_limits(Answer((*thoughts, Saying(_text(reading, script, rng))), "end"), reading)


def _thoughts(reading: Reading, script: Mapping[str, Directive], rng: Random) -> Iterator[Thought]:
    asked = "thinking" in script or "redacted" in script
    if reading.thinking == "off" or (reading.thinking == "possible" and not asked):
        return
    yield Thought(f"The user wants: {without_directives(reading.user_text)[:80]}. {phrase(rng, 12)}.")
    if "redacted" in script:
        yield Thought("", is_redacted=True)


def _calls(reading: Reading, script: Mapping[str, Directive], rng: Random) -> Iterator[Call]:
    for index, tool in enumerate(_chosen(reading, script, rng)):
        saying = f"{index + 1}" if index else ""
        arguments = instance_of(tool.schema, rng, saying=saying)
        yield Call(tool.name, object_of(arguments))


def _chosen(reading: Reading, script: Mapping[str, Directive], rng: Random) -> list[OfferedTool]:
    if not reading.tools or not reading.may_call:
        return []
    by_name = {tool.name: tool for tool in reading.tools}
    if reading.named_tool is not None:
        return [by_name[reading.named_tool]] if reading.named_tool in by_name else []
    if calls_are_due(reading, script):
        chosen = _listed(script["tools"].argument, reading.tools)
    elif reading.must_call:
        chosen = [rng.choice(reading.tools)]
    else:
        return []
    return chosen if reading.in_parallel else chosen[:1]


def calls_are_due(reading: Reading, script: Mapping[str, Directive]) -> bool:
    """Whether the script asks for tool calls that are still to come."""
    rounds = script["rounds"].number(1) if "rounds" in script else 1
    is_possible = bool(reading.tools) and reading.may_call
    return "tools" in script and is_possible and reading.rounds < (rounds or 1)


def _listed(argument: str, tools: tuple[OfferedTool, ...]) -> list[OfferedTool]:
    """`2` is the first two, round and round; `a,b` is those two."""
    if argument.isdigit():
        return [tools[index % len(tools)] for index in range(int(argument))]
    names = [name.strip() for name in argument.split(",")]
    return [tool for name in names for tool in tools if tool.name == name] or [tools[0]]


def _text(reading: Reading, script: Mapping[str, Directive], rng: Random) -> str:
    canary = script["canary"].argument if "canary" in script else ""
    if reading.schema is not None:
        made = instance_of(reading.schema, rng, saying=canary)
        return json.dumps(made, ensure_ascii=False)
    if reading.is_json or "json" in script:
        return json.dumps({"answer": f"{canary} {phrase(rng, 6)}".strip()}, ensure_ascii=False)
    wanted = script.get("text")
    count = min(int((wanted and wanted.number()) or rng.randint(12, 30)), _MOST_WORDS)
    quoted = "".join(f"The tool says: {result[:_QUOTED_CHARACTERS]}. " for result in reading.results)
    said = f"{canary}. " if canary else ""
    return f"Turn {reading.user_turns}. {said}{quoted}{phrase(rng, count)}."


def _within_limits(answer: Answer, reading: Reading) -> Answer:
    """End at the first stop sequence in the text, or where the tokens are used up."""
    left = None if reading.max_tokens is None else reading.max_tokens * 4
    parts: list[Part] = []
    for part in answer.parts:
        if isinstance(part, Saying) and (met := _first_stop(part.text, reading.stops)):
            place, stop = met
            return Answer((*parts, Saying(part.text[:place])), "stop", stop)
        cost = len(words_of(part))
        if left is not None and cost > left:
            cut = (_shortened(part, left),) if left and not isinstance(part, Call) else ()
            return Answer((*parts, *cut), "max")
        left = None if left is None else left - cost
        parts.append(part)
    return answer


def _shortened(part: Thought | Saying | Denial, count: int) -> Part:
    match part:
        case Thought():
            return Thought(part.text[:count], is_redacted=part.is_redacted)
        case Denial():
            return Denial(part.text[:count])
        case Saying():
            return Saying(part.text[:count])


def _first_stop(text: str, stops: tuple[str, ...]) -> tuple[int, str] | None:
    found = [(text.index(stop), stop) for stop in stops if stop and stop in text]
    return min(found, default=None)
