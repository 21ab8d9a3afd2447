"""Long inputs: that all of them is read, counted honestly, and never cut in silence."""

from typing import Final

from offramp.errors import ProviderError, ProviderErrorKind
from offramp.types import Message, assistant, system, user
from offramp_conformance.checks.probing import says, unless_it_recalls
from offramp_conformance.checks.prompts import RECALL, code_word
from offramp_conformance.suite.check import Check, check
from offramp_conformance.suite.observations import Observation, Unaskable, absent, broken, expect, held
from offramp_conformance.suite.subject import Subject

_FILLER: Final = (
    "The river rose in the night and the crews moved the sandbags to the lower gate before the morning came. "
)
_TOKENS_OF_FILLER: Final = 21
"""About, in any tokeniser of ours and theirs."""
_USUAL: Final = 3000
"""Tokens of a long prompt, where the run says nothing else."""
_MOST_TO_OVERFILL: Final = 300_000
"""A context that is larger is not overfilled: it would cost more than it tells."""


def _size(subject: Subject) -> int:
    """Tokens of a long prompt: as many as the run says, and at most half of what is known of the context."""
    wished = int(subject.options.get("context_tokens", _USUAL))
    known = _context(subject)
    return wished if known is None else min(wished, known // 2)


def _context(subject: Subject) -> int | None:
    stated = subject.endpoint.offered("context_tokens")
    return stated[0] if stated and isinstance(stated[0], int) else None


def _filled(tokens: int) -> list[str]:
    return [_FILLER] * max(1, tokens // _TOKENS_OF_FILLER)


def _needle_at(depth: float, where: str) -> Check:
    @check(
        f"context.needle.{where}",
        level="MUST",
        axis="behaviour",
        proves=f"A fact at the {where} of a long prompt is recalled.",
        look_at="A host that cuts long prompts in silence, at either end or in the middle.",
        verifies="text",
        trust="most",
        share=0.6,
        calls=2,
    )
    async def needle(subject: Subject) -> Observation:
        word = subject.word()
        lines = _filled(_size(subject))
        lines.insert(round(depth * len(lines)), code_word(word) + " ")
        answer = (await subject.ask("".join(lines) + RECALL)).answer
        if says(answer, word):
            return held()
        return await unless_it_recalls(subject, f"a fact at the {where} is not recalled")

    return needle


NEEDLES: Final = tuple(_needle_at(*each) for each in ((0.0, "beginning"), (0.5, "middle"), (1.0, "end")))


@check(
    "context.system",
    level="MUST",
    axis="behaviour",
    proves="A fact at the end of a long system prompt is recalled.",
    look_at="A host that cuts long system prompts.",
    verifies="system",
    trust="most",
    share=0.6,
    calls=2,
)
async def long_system(subject: Subject) -> Observation:
    word = subject.word()
    told = system("".join(_filled(_size(subject))) + code_word(word))
    answer = (await subject.ask([told, user(RECALL)])).answer
    if says(answer, word):
        return held()
    return await unless_it_recalls(subject, "a fact of the system prompt is not recalled")


@check(
    "context.turns",
    level="MUST",
    axis="behaviour",
    proves="A fact of the first of forty turns is recalled.",
    look_at="A host that keeps the last turns only.",
    verifies="text",
    trust="most",
    share=0.6,
    calls=2,
)
async def many_turns(subject: Subject) -> Observation:
    word = subject.word()
    messages: list[Message] = [user(code_word(word)), assistant("I have it.")]
    for number in range(19):
        messages += [user(f"Note {number}: the gate is open."), assistant("Noted.")]
    answer = (await subject.ask([*messages, user(RECALL)])).answer
    if says(answer, word):
        return held()
    return await unless_it_recalls(subject, "a fact of the first turn is not recalled")


@check(
    "context.overfilled",
    level="MUST",
    axis="wire",
    proves="A prompt that is longer than the context is refused, and not cut in silence.",
    look_at="Whether the host truncates: an answer with fewer input tokens than were sent.",
    verifies="text",
    tries=1,
)
async def overfilled(subject: Subject) -> Observation:
    known = _context(subject)
    if known is None or known > _MOST_TO_OVERFILL:
        raise Unaskable("its context is not known, or so large that filling it would cost more than it tells")
    sent = round(known * 1.3)
    made = await subject.ask("".join(_filled(sent)) + RECALL, max_output_tokens=16)
    match made.error:
        case ProviderError(
            kind=ProviderErrorKind.CONTEXT_EXCEEDED | ProviderErrorKind.TOO_LARGE | ProviderErrorKind.INVALID_REQUEST
        ):
            return held("it was refused")
        case _:
            counted = made.answer.usage.input_tokens
    expect(counted is None or counted > known, "a prompt beyond the context was answered, with fewer tokens counted")
    if counted is None:
        return broken("a prompt beyond the stated context was answered")
    return held("its context is larger than is stated")


@check(
    "context.counted",
    level="MUST",
    axis="behaviour",
    proves="The count of input tokens grows with the prompt as its text does.",
    look_at="A host that counts what it did not read, or reads what it does not count.",
    verifies="text",
    calls=2,
)
async def counted_honestly(subject: Subject) -> Observation:
    base = (await subject.ask(_FILLER + RECALL)).answer.usage.input_tokens
    long = (await subject.ask("".join(_filled(1050)) + RECALL)).answer.usage.input_tokens
    if base is None or long is None:
        return absent("it does not count input tokens")
    grown = (long - base) / (49 * len(_FILLER.split()))
    expect(0.6 <= grown <= 3, "the count of input tokens does not grow as the text does")
    return held()
