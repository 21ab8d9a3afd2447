"""Conversations that come from another vendor, and go on to one, in the middle of a tool loop."""

from importlib.metadata import entry_points
from typing import Final

from offramp.contracts.dialect import Target
from offramp.errors import CapabilityError, ConfigurationError
from offramp.sessions import plan_handoff
from offramp.types import (
    AnyResponse,
    GenerateRequest,
    Message,
    Opaque,
    Origin,
    Part,
    Reasoning,
    Severity,
    Text,
    ToolCall,
    ToolResult,
    assistant,
    user,
)
from offramp_conformance.checks.probing import says, unless_it_recalls
from offramp_conformance.checks.prompts import RECALL, call_tool, code_word, result_of, say
from offramp_conformance.checks.toolbox import LISTEN, LOOK, after, calls_of, picked, result, some_calls
from offramp_conformance.suite.check import check
from offramp_conformance.suite.observations import Observation, expect, held
from offramp_conformance.suite.subject import Subject
from offramp_providers.installed import find_dialect

_ELSEWHERE: Final = Origin(developer="elsewhere", host="elsewhere", dialect="elsewhere", model="elsewhere-1")
_FOREIGN_IDS: Final = ("fc_68a1:call|1+x/=", "fc_68a1:call|2+x/=")
"""Of a shape that few vendors take: they have to be rewritten on the way in."""


def _foreign(*parts: Part) -> Message:
    return Message("assistant", parts, origin=_ELSEWHERE)


def _planned(subject: Subject, history: list[Message]) -> list[Message]:
    return list(plan_handoff(history, subject.endpoint.target).messages)


@check(
    "handoff.in.words",
    level="MUST",
    axis="behaviour",
    proves="A conversation with another vendor goes on here, and its facts are known.",
    look_at="Whether assistant messages of others are taken.",
    verifies="text",
    trust="most",
    share=0.6,
    calls=2,
)
async def words(subject: Subject) -> Observation:
    word = subject.word()
    history = [user(code_word(word)), _foreign(Text("I have it.")), user(RECALL)]
    answer = (await subject.ask(_planned(subject, history))).answer
    if says(answer, word):
        return held()
    return await unless_it_recalls(subject, "a fact from before the hand-off is not known")


@check(
    "handoff.in.mid_loop",
    level="MUST",
    axis="wire",
    proves="Calls that another vendor made, with their results, are taken here.",
    look_at="Ids of calls, the order of results, and what must stand beside them.",
    verifies="tools",
    needs=("text",),
)
async def mid_loop(subject: Subject) -> Observation:
    made = await _taken_over(subject)
    expect(made.text or calls_of(made), "there is no answer after the hand-off")
    return held()


@check(
    "handoff.in.results",
    level="MUST",
    axis="behaviour",
    proves="Results of calls that another vendor made are told apart here.",
    look_at="Whether rewritten ids still pair each call with its result.",
    verifies="tools.parallel",
    trust="most",
    share=0.6,
)
async def results(subject: Subject) -> Observation:
    answer = await _taken_over(subject)
    right, wrong = subject.word("look"), subject.word("listen")
    return picked(answer.text, right, wrong, "the results of two calls were mixed up by the hand-off")


async def _taken_over(subject: Subject) -> AnyResponse:
    calls = tuple(
        ToolCall(call_id, name, '{"place": "harbour"}')
        for call_id, name in zip(_FOREIGN_IDS, ("look", "listen"), strict=True)
    )
    sealed = Reasoning("I should look first.", opaque=(Opaque("signature", "c2VhbGVkIGVsc2V3aGVyZQ=="),))
    history = [
        user(f"{call_tool('look', place='harbour')}\n{call_tool('listen', place='harbour')}"),
        _foreign(sealed, *calls),
        Message("tool", tuple(ToolResult(each.call_id, (Text(subject.word(each.name)),)) for each in calls)),
        user(result_of("look", place="harbour")),
    ]
    return (await subject.ask(_planned(subject, history), tools=(LOOK, LISTEN))).answer


@check(
    "handoff.in.interrupted",
    level="MUST",
    axis="wire",
    proves="A conversation whose last answer was cut off elsewhere goes on here.",
    look_at="What stands at the end of the history.",
    verifies="text",
)
async def interrupted(subject: Subject) -> Observation:
    cut = Message("assistant", (Text("The first of the three gates is"),), origin=_ELSEWHERE, status="interrupted")
    answer = (await subject.ask(_planned(subject, [user(say(subject.word())), cut]))).answer
    expect(answer.text, "there is no answer")
    return held()


@check(
    "handoff.return",
    level="MUST",
    axis="wire",
    proves="After a turn at another vendor the conversation comes back, and its own earlier answer is taken.",
    look_at="Own reasoning, ids and signatures of the first turn.",
    verifies="tools",
    calls=2,
)
async def returns(subject: Subject) -> Observation:
    asked = [user(call_tool("look", place="harbour"))]
    first = (await subject.ask(asked, tools=(LOOK,))).answer
    told = after(asked, first, *(result(call, "Nothing there.") for call in some_calls(first)))
    history = [*told, _foreign(Text("There is nothing at the harbour.")), user(say(subject.word()))]
    second = (await subject.ask(_planned(subject, history), tools=(LOOK,))).answer
    expect(second.text or calls_of(second), "there is no answer after the return")
    return held()


@check(
    "handoff.out",
    level="MUST",
    axis="wire",
    proves="What it answered can be said in every other dialect, without a material loss.",
    look_at="The loss that is named: what of its answer others cannot be told.",
    verifies="tools",
)
async def out(subject: Subject) -> Observation:
    asked = [user(call_tool("look", place=subject.word()))]
    answer = (await subject.ask(asked, tools=(LOOK,))).answer
    told = after(asked, answer, *(result(call, "Nothing there.") for call in some_calls(answer)))
    own = subject.endpoint.profile.dialect
    for name in sorted(entry_points(group="offramp.dialects").names - {own}):
        why = _material(name, [*told, user("And now?")])
        expect(why is None, f"in {name} something of its answer is lost: {why}")
    return held()


def _material(dialect: str, history: list[Message]) -> str | None:
    """The first material loss on the way to a dialect. None: there is none."""
    elsewhere = Origin(developer="next", host="next", dialect=dialect, model="next-1")
    target = Target(origin=elsewhere, default_max_output_tokens=1024)
    plan = plan_handoff(history, target)
    try:
        request = GenerateRequest(plan.messages, model="next-1", tools=(LOOK,))
        losses = (*plan.losses, *find_dialect(dialect).encode_request(request, target).losses)
    except (CapabilityError, ConfigurationError) as error:
        return type(error).__name__
    return next((loss.code for loss in losses if loss.severity is Severity.MATERIAL), None)


@check(
    "handoff.in.assistant_first",
    level="SHOULD",
    axis="wire",
    proves="A history that begins with an assistant's message is taken, or refused before a byte leaves.",
    look_at="The vendor's rule for the first message.",
    verifies="text",
)
async def assistant_first(subject: Subject) -> Observation:
    answer = (await subject.ask([assistant("Good morning."), user(say(subject.word()))])).answer
    expect(answer.text, "there is no answer")
    return held()
