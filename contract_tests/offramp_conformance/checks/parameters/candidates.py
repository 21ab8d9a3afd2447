"""Several answers to one question."""

from typing import Final

from offramp_conformance.checks.parameters.sampling import warmth
from offramp_conformance.checks.probing import room_for, unless_it_follows
from offramp_conformance.checks.prompts import IMPROVISE, say
from offramp_conformance.suite.check import check
from offramp_conformance.suite.observations import Observation, held, ignored, unclear
from offramp_conformance.suite.subject import Subject

_ASKED: Final = 3


@check(
    "parameters.candidates.counted",
    level="MUST",
    axis="wire",
    proves="As many answers come as were asked for.",
    look_at="Whether the number reaches the vendor, and whether all answers are read.",
    verifies="candidates",
)
async def counted(subject: Subject) -> Observation:
    made = await subject.ask(say(subject.word()), candidates=_ASKED, max_output_tokens=room_for(subject, 60))
    count = 1 + len(made.answer.alternatives)
    if count == _ASKED:
        return held()
    return ignored(f"{count} instead of {_ASKED} answers came")


@check(
    "parameters.candidates.differ",
    level="SHOULD",
    axis="behaviour",
    proves="Several answers are drawn one by one, and not copies of one.",
    look_at="Whether a proxy multiplies one answer.",
    verifies="candidates",
    trust="most",
    share=0.5,
    controls=2,
)
async def differ(subject: Subject) -> Observation:
    made = await subject.ask(
        IMPROVISE, candidates=_ASKED, max_output_tokens=room_for(subject, 120), temperature=warmth(subject)
    )
    answer = made.answer
    texts = [answer.text, *(each.message.text for each in answer.alternatives)]
    if len(texts) < 2 or not all(text.strip() for text in texts):
        return unclear("fewer than two answers came")
    if len(set(texts)) > 1:
        return held()
    return await unless_it_follows(subject, f"{len(texts)} answers are the same, word for word")
