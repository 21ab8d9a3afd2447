"""Calls of tools in a stream: whole at the end, and the same as without one."""

from typing import Final

from offramp.types import (
    ArgumentsDelta,
    OutcomeKind,
    ToolCall,
)
from offramp_conformance.checks.prompts import call_tool
from offramp_conformance.checks.toolbox import (
    LISTEN,
    LOOK,
    arguments_of,
    both_tools,
    some_calls,
)
from offramp_conformance.suite.check import check
from offramp_conformance.suite.observations import Observation, broken, expect, held
from offramp_conformance.suite.subject import Subject

_BOTH: Final = both_tools()


@check(
    "tools.streamed",
    level="MUST",
    axis="wire",
    proves="In a stream the pieces of the arguments join to a JSON object.",
    look_at="The last piece of the arguments; pieces of two calls that are mixed up.",
    verifies="tools.streamed_arguments",
)
async def streamed(subject: Subject) -> Observation:
    answer = (await subject.stream(_BOTH, tools=(LOOK, LISTEN))).answer
    for call in some_calls(answer):
        expect(isinstance(arguments_of(call), dict), "the pieces of the arguments do not join to a JSON object")
    expect(answer.outcome.kind is OutcomeKind.TOOL_CALLS, f"a stream with calls says {answer.outcome.kind}")
    return held()


@check(
    "tools.streamed.pieces",
    level="MAY",
    axis="behaviour",
    proves="Long arguments come in pieces.",
    look_at="A host that collects a call before it sends it.",
    verifies="tools.streamed_arguments",
)
async def in_pieces(subject: Subject) -> Observation:
    place = " ".join(subject.word(str(number)) for number in range(20))
    made = await subject.stream(call_tool("look", place=place), tools=(LOOK,))
    some_calls(made.answer)
    pieces = sum(isinstance(event, ArgumentsDelta) and bool(event.text) for event in made.events)
    return held() if pieces > 1 else broken("the arguments came in one piece")


@check(
    "tools.streamed.same",
    level="MUST",
    axis="behaviour",
    proves="A stream makes the calls that a whole answer makes.",
    look_at="Names and arguments of calls, in a stream and whole.",
    verifies="tools.streamed_arguments",
    trust="most",
    share=0.6,
    calls=2,
)
async def streamed_same(subject: Subject) -> Observation:
    whole = some_calls((await subject.ask(_BOTH, tools=(LOOK, LISTEN))).answer)
    pieces = some_calls((await subject.stream(_BOTH, tools=(LOOK, LISTEN))).answer)

    def shape(calls: list[ToolCall]) -> list[tuple[str, str]]:
        return sorted((call.name, str(arguments_of(call))) for call in calls)

    return held() if shape(whole) == shape(pieces) else broken("a stream makes other calls than a whole answer")
