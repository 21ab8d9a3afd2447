"""Which tool is called, if any, and how many at once."""

from typing import Final

from offramp.types import (
    ToolChoiceAny,
    ToolChoiceNamed,
    ToolChoiceNone,
)
from offramp_conformance.checks.prompts import call_tool, say
from offramp_conformance.checks.toolbox import (
    BELL,
    LISTEN,
    LOOK,
    both_tools,
    calls_of,
    some_calls,
)
from offramp_conformance.suite.check import check
from offramp_conformance.suite.observations import Observation, broken, expect, held
from offramp_conformance.suite.subject import Subject

_BOTH: Final = both_tools()


@check(
    "tools.forced.any",
    level="MUST",
    axis="behaviour",
    proves="Where some tool must be called, one is.",
    look_at="How the choice `any` is spelt for this vendor.",
    verifies="tools.forced",
)
async def forced_any(subject: Subject) -> Observation:
    answer = (await subject.ask(say(subject.word()), tools=(LOOK, LISTEN), tool_choice=ToolChoiceAny())).answer
    return held() if calls_of(answer) else broken("no tool was called, though one had to be")


@check(
    "tools.forced.named",
    level="MUST",
    axis="behaviour",
    proves="Where one tool must be called, it is that one.",
    look_at="How a named choice is spelt for this vendor.",
    verifies="tools.forced",
)
async def forced_named(subject: Subject) -> Observation:
    asked = call_tool("look", place=subject.word())
    answer = (await subject.ask(asked, tools=(LOOK, LISTEN), tool_choice=ToolChoiceNamed("listen"))).answer
    names = {call.name for call in calls_of(answer)}
    expect(names, "no tool was called, though one had to be")
    expect(names == {"listen"}, "another tool than the named one was called")
    return held()


@check(
    "tools.none",
    level="MUST",
    axis="behaviour",
    proves="Where no tool may be called, none is.",
    look_at="How the choice `none` is spelt for this vendor.",
    verifies="tools.none",
)
async def none(subject: Subject) -> Observation:
    asked = call_tool("look", place=subject.word())
    answer = (await subject.ask(asked, tools=(LOOK,), tool_choice=ToolChoiceNone())).answer
    return broken("a tool was called, though none might be") if calls_of(answer) else held()


@check(
    "tools.undeclared",
    level="MUST",
    axis="behaviour",
    proves="No tool is called that was not offered.",
    look_at="Names in calls; a host that makes calls out of text.",
    verifies="tools",
)
async def undeclared(subject: Subject) -> Observation:
    answer = (await subject.ask(call_tool("ghost", place=subject.word()), tools=(LOOK,))).answer
    names = {call.name for call in calls_of(answer)}
    return held() if names <= {"look"} else broken("it calls a tool that was not offered")


@check(
    "tools.refrains",
    level="SHOULD",
    axis="behaviour",
    proves="A plain wish is answered in words though a tool is offered.",
    look_at="Whether tool use is forced behind the user's back.",
    verifies="tools",
    trust="most",
    share=0.6,
)
async def refrains(subject: Subject) -> Observation:
    answer = (await subject.ask(say(subject.word()), tools=(BELL,))).answer
    return broken("a tool was called that nobody asked for") if calls_of(answer) else held()


@check(
    "tools.parallel.on",
    level="MUST",
    axis="behaviour",
    proves="Two tools that are asked for at once are called in one answer.",
    look_at="Whether calls are held back for later turns.",
    verifies="tools.parallel",
    trust="most",
    share=0.6,
)
async def parallel(subject: Subject) -> Observation:
    answer = (await subject.ask(_BOTH, tools=(LOOK, LISTEN))).answer
    names = sorted(call.name for call in some_calls(answer))
    return held() if names == ["listen", "look"] else broken("two tools that were asked for were not called at once")


@check(
    "tools.parallel.off",
    level="MUST",
    axis="behaviour",
    proves="Where calls in parallel are switched off, an answer has one at most.",
    look_at="How the switch is spelt for this vendor, and whether it has effect.",
    verifies="tools.parallel",
)
async def not_parallel(subject: Subject) -> Observation:
    answer = (await subject.ask(_BOTH, tools=(LOOK, LISTEN), parallel_tool_calls=False)).answer
    made = some_calls(answer)
    return held() if len(made) == 1 else broken(f"it made {len(made)} calls at once, though that was switched off")


@check(
    "tools.ids",
    level="MUST",
    axis="wire",
    proves="Calls of one answer have ids of their own.",
    look_at="Ids of calls: empty ones, and the same one twice.",
    verifies="tools.parallel",
)
async def ids(subject: Subject) -> Observation:
    made = some_calls((await subject.ask(_BOTH, tools=(LOOK, LISTEN))).answer, 2)
    expect(all(call.call_id for call in made), "a call has no id")
    expect(len({call.call_id for call in made}) == len(made), "two calls have the same id")
    return held()
