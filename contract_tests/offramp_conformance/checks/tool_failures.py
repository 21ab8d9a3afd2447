"""Tools that failed: a result that says so is taken, and the model is told."""

from typing import Final

from offramp.types import Message, user
from offramp_conformance.checks.prompts import WHICH_FAILED, call_tool, code_word, say
from offramp_conformance.checks.toolbox import LISTEN, LOOK, after, both_tools, calls_of, result, some_calls
from offramp_conformance.suite.check import check
from offramp_conformance.suite.observations import Observation, broken, expect, held, unclear
from offramp_conformance.suite.subject import Subject

_TOOLS: Final = (LOOK, LISTEN)


@check(
    "tools.results.error",
    level="MUST",
    axis="wire",
    proves="A result that says that the tool failed is taken.",
    look_at="How the vendor wants a failure told.",
    verifies="tools.results.errors",
    calls=2,
)
async def result_error(subject: Subject) -> Observation:
    asked = [user(call_tool("look", place="harbour"))]
    answer = (await subject.ask(asked, tools=(LOOK,))).answer
    failed = (result(call, "There is no such place.", status="error") for call in some_calls(answer))
    final = (await subject.ask([*after(asked, answer, *failed), user(say(subject.word()))], tools=(LOOK,))).answer
    expect(final.text or calls_of(final), "there is no answer after a failed tool")
    return held()


@check(
    "tools.results.error.told",
    level="SHOULD",
    axis="behaviour",
    proves="The model is told which of two tools has failed, though their results read alike.",
    look_at="Whether the mark of a failed result reaches the model, or only its text.",
    verifies="tools.results.errors",
    trust="most",
    share=0.6,
    calls=3,
)
async def result_error_told(subject: Subject) -> Observation:
    asked = [user(both_tools())]
    answer = (await subject.ask(asked, tools=_TOOLS)).answer
    calls = some_calls(answer, 2)
    for failing, other in (("look", "listen"), ("listen", "look")):
        results = [
            result(call, code_word(subject.word(call.name)), status="error" if call.name == failing else "ok")
            for call in calls
        ]
        said = await _said(subject, [*after(asked, answer, *results), user(WHICH_FAILED)])
        if failing in said and other not in said:
            continue
        if other in said:
            return broken("the tool that has not failed is taken for the one that has")
        return unclear("no tool is named as the one that has failed")
    return held()


async def _said(subject: Subject, messages: list[Message]) -> str:
    return (await subject.ask(messages, tools=_TOOLS)).answer.text.lower()
