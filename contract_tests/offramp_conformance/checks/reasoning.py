"""Reasoning: that it can be had and switched off, stays out of the answer, and goes back within a tool loop."""

from dataclasses import replace
from typing import Final

from offramp.errors import ProviderError, ProviderErrorKind
from offramp.types import (
    AnyResponse,
    Effort,
    Message,
    Opaque,
    Part,
    Reasoning,
    ReasoningAdaptive,
    ReasoningBudget,
    ReasoningDelta,
    ReasoningOff,
    ReasoningSettings,
    RedactedReasoning,
    TextDelta,
    Tool,
    user,
)
from offramp_conformance.checks.prompts import call_tool, code_word, say
from offramp_conformance.checks.toolbox import LOOK, after, calls_of, result, some_calls
from offramp_conformance.suite.check import check
from offramp_conformance.suite.exchanges import Exchanged
from offramp_conformance.suite.observations import (
    NotAnswered,
    Observation,
    Seen,
    Unaskable,
    absent,
    broken,
    expect,
    held,
    unclear,
)
from offramp_conformance.suite.subject import Subject

_ON: Final = ReasoningSettings(mode=ReasoningAdaptive())
_ROOM: Final = 3000
"""Tokens for reasoning and answer together."""


_WAYS: Final = (_ON, ReasoningSettings(mode=ReasoningBudget(1024)), ReasoningSettings(effort="medium"))


async def _thinking(subject: Subject, given: str | list[Message], tools: tuple[Tool, ...] = ()) -> AnyResponse:
    """An answer with reasoning, asked for in the first way that this endpoint takes: by itself, by a budget, by effort.

    Raises:
        Unaskable: it can be asked for in no way.
        Seen: each way was refused.
        NotAnswered: there was no answer.
    """
    made = None
    for settings in _WAYS:
        try:
            made = await subject.ask(given, reasoning=settings, max_output_tokens=_ROOM, tools=tools)
        except Unaskable:
            continue
        if not _refuses(made):
            return made.answer
    if made is None:
        raise Unaskable("reasoning cannot be asked for from this vendor")
    raise Seen(absent("reasoning was refused in each way of asking for it"))


def _refuses(made: Exchanged) -> bool:
    return isinstance(made.error, ProviderError) and made.error.kind is ProviderErrorKind.INVALID_REQUEST


def _shown(answer: AnyResponse) -> list[Part]:
    return [part for part in answer.message.parts if isinstance(part, Reasoning | RedactedReasoning)]


def _has_reasoned(answer: AnyResponse) -> bool:
    return bool(_shown(answer)) or bool(answer.usage.reasoning_tokens)


@check(
    "reasoning.on",
    level="MUST",
    axis="behaviour",
    proves="Where reasoning is asked for, there is some, or tokens of it.",
    look_at="How reasoning is switched on for this vendor and model.",
    verifies="reasoning",
    trust="most",
    share=0.6,
    calls=2,
)
async def on(subject: Subject) -> Observation:
    answer = await _thinking(subject, f"How many vowels are in {subject.word()}? {say('four')}")
    return held() if _has_reasoned(answer) else broken("there is no reasoning, and no tokens of it are counted")


@check(
    "reasoning.off",
    level="MUST",
    axis="behaviour",
    proves="Where reasoning is switched off, there is none.",
    look_at="How reasoning is switched off for this vendor and model.",
    verifies="reasoning",
)
async def off(subject: Subject) -> Observation:
    made = await subject.ask(say(subject.word()), reasoning=ReasoningSettings(mode=ReasoningOff()))
    if _refuses(made):
        return unclear("this model cannot do without reasoning, and says so")
    return broken("it reasons though that was switched off") if _has_reasoned(made.answer) else held()


@check(
    "reasoning.budget",
    level="MUST",
    axis="wire",
    proves="A budget for reasoning is taken.",
    look_at="The least and the most budget of this vendor.",
    verifies="reasoning.budget",
)
async def budget(subject: Subject) -> Observation:
    settings = ReasoningSettings(mode=ReasoningBudget(1024))
    answer = (await subject.ask(say(subject.word()), reasoning=settings, max_output_tokens=_ROOM)).answer
    counted = answer.usage.reasoning_tokens
    expect(counted is None or counted <= 1024 * 1.25, "it reasons far beyond its budget")
    return held()


@check(
    "reasoning.effort",
    level="MUST",
    axis="wire",
    proves="Low and high effort are both taken.",
    look_at="The words for effort of this vendor.",
    verifies="reasoning.effort",
    calls=2,
)
async def effort(subject: Subject) -> Observation:
    word = subject.word()
    levels: tuple[Effort, ...] = ("low", "high")
    for level in levels:
        settings = ReasoningSettings(effort=level)
        answer = (await subject.ask(say(word), reasoning=settings, max_output_tokens=_ROOM)).answer
        expect(answer.message.parts, f"with effort {level} there is no answer")
    return held()


@check(
    "reasoning.apart",
    level="MUST",
    axis="wire",
    proves="Reasoning does not stand in the text of the answer.",
    look_at="The server's parser of reasoning for this model.",
    verifies="reasoning",
    calls=2,
)
async def apart(subject: Subject) -> Observation:
    answer = await _thinking(subject, say(subject.word()))
    leaked = any(mark in answer.text for mark in ("<think", "</think", "<reasoning", "[THINK]"))
    return broken("reasoning stands in the text, in a model's own markup") if leaked else held()


@check(
    "reasoning.streamed",
    level="SHOULD",
    axis="wire",
    proves="In a stream reasoning comes before the text, in parts of its own.",
    look_at="The order of parts in a stream.",
    verifies="reasoning",
    needs=("streaming",),
)
async def streamed(subject: Subject) -> Observation:
    made = await subject.stream(say(subject.word()), reasoning=_ON, max_output_tokens=_ROOM)
    answer = made.answer
    kinds = [type(event) for event in made.events if isinstance(event, ReasoningDelta | TextDelta)]
    if ReasoningDelta not in kinds or TextDelta not in kinds:
        return unclear("it shows no reasoning, or no text")
    expect(kinds.index(ReasoningDelta) < kinds.index(TextDelta), "the text comes before the reasoning")
    expect(answer.text, "there is no text after the reasoning")
    return held()


@check(
    "reasoning.round_trip",
    level="MUST",
    axis="wire",
    proves="Within a tool loop, reasoning goes back as it came, and the answer goes on.",
    look_at="Signatures and encrypted reasoning, and the order of the parts of a turn.",
    verifies="reasoning.round_trip",
    needs=("tools",),
    calls=4,
)
async def round_trip(subject: Subject) -> Observation:
    asked = [user(call_tool("look", place=subject.word()))]
    answer = await _thinking(subject, asked, tools=(LOOK,))
    calls = some_calls(answer)
    if not _shown(answer):
        return unclear("it shows no reasoning that could go back")
    told = after(asked, answer, *(result(call, code_word(subject.word())) for call in calls))
    final = await _thinking(subject, told, tools=(LOOK,))
    expect(final.text or calls_of(final), "there is no answer after the results")
    return held()


@check(
    "reasoning.foreign_state",
    level="SHOULD",
    axis="wire",
    proves="A seal over reasoning that is not the vendor's own is refused, or set aside, and breaks nothing.",
    look_at="What the vendor does with a signature that it has not given.",
    verifies="reasoning.round_trip",
    needs=("tools",),
    calls=4,
)
async def foreign_state(subject: Subject) -> Observation:
    asked = [user(call_tool("look", place=subject.word()))]
    answer = await _thinking(subject, asked, tools=(LOOK,))
    calls = some_calls(answer)
    if not any(part.opaque for part in _shown(answer)):
        return unclear("its reasoning bears no seal")
    forged = replace(answer, message=replace(answer.message, parts=tuple(map(_forged, answer.message.parts))))
    told = after(asked, forged, *(result(call, "Nothing there.") for call in calls))
    try:
        await _thinking(subject, told, tools=(LOOK,))
    except NotAnswered as failed:
        status = failed.error.status if isinstance(failed.error, ProviderError) else None
        return broken("a foreign seal makes the server fail") if (status or 0) >= 500 else held("it was refused")
    except Seen:
        return held("it was refused")
    return held("it was set aside")


def _forged(part: Part) -> Part:
    if not isinstance(part, Reasoning | RedactedReasoning):
        return part
    return replace(part, opaque=tuple(Opaque(each.kind, "Zm9yZ2Vk", scope=each.scope) for each in part.opaque))
