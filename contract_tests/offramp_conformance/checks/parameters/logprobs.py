"""Log probabilities of an answer's tokens."""

from typing import Final

from offramp.types import AnyResponse, Logprobs
from offramp_conformance.checks.parameters.logprobs_seen import logprobs_of
from offramp_conformance.checks.probing import room_for
from offramp_conformance.checks.prompts import IMPROVISE, count_up
from offramp_conformance.suite.check import check
from offramp_conformance.suite.observations import Observation, Seen, broken, expect, held, ignored, unclear
from offramp_conformance.suite.subject import Subject

_TOP: Final = 3
_ROUNDING: Final = 1e-3
"""Above 0 by no more than this is an error of rounding."""


async def _asked(subject: Subject, top: int | None, question: str = count_up(10)) -> AnyResponse:
    """An answer whose log probabilities can be looked at.

    Raises:
        Seen: they cannot.
    """
    made = await subject.ask(question, logprobs=Logprobs(top=top), max_output_tokens=room_for(subject, 60))
    if made.answer.raw is None:
        raise Seen(unclear("its provider does not show the answer as it came"))
    return made.answer


@check(
    "parameters.logprobs.given",
    level="MUST",
    axis="wire",
    proves="An answer has log probabilities where they are asked for.",
    look_at="Where the answer keeps them; a proxy that drops them.",
    verifies="logprobs",
)
async def given(subject: Subject) -> Observation:
    answer = await _asked(subject, None)
    if logprobs_of(answer).chosen:
        return held()
    if not answer.text:
        return unclear("the answer has no text, and so no tokens that need have a probability")
    return ignored("the answer has no log probabilities")


@check(
    "parameters.logprobs.possible",
    level="MUST",
    axis="wire",
    proves="No log probability is above 0.",
    look_at="Whether they are logarithms at all, or probabilities.",
    verifies="logprobs",
    controls=2,
)
async def possible(subject: Subject) -> Observation:
    answer = await _asked(subject, None)
    seen = logprobs_of(answer)
    if not seen.chosen:
        return unclear("the answer has no log probabilities")
    expect(max(seen.chosen) <= _ROUNDING, "a log probability is above 0, which no probability's logarithm is")
    if any(seen.chosen) or len(seen.chosen) < _TOP:
        return held()
    return await _unless_it_is_sure(subject)


async def _unless_it_is_sure(subject: Subject) -> Observation:
    """What it means that every log probability is exactly 0.

    Returns:
        `broken` where that is said of two answers to one question that are not the same; `unclear` where a model
        may be as sure as that of what it says.
    """
    answers = [await _asked(subject, None, IMPROVISE) for _ in range(2)]
    are_sure = not any(any(logprobs_of(each).chosen) for each in answers)
    if are_sure and answers[0].text != answers[1].text:
        return broken("every log probability is exactly 0, though answers differ")
    return unclear("every log probability is exactly 0, and the model may be as sure as that of what it says")


@check(
    "parameters.logprobs.alternatives",
    level="SHOULD",
    axis="wire",
    proves="At each place as many alternatives are listed as were asked for.",
    look_at="The host's limit of alternatives.",
    verifies="logprobs",
)
async def alternatives(subject: Subject) -> Observation:
    seen = logprobs_of(await _asked(subject, _TOP))
    if not seen.chosen:
        return unclear("the answer has no log probabilities")
    if not seen.alternatives:
        return ignored("no alternatives are listed")
    # The token that was taken may be listed in addition to the likeliest ones.
    if any(not 1 <= count <= _TOP + 1 for count in seen.alternatives):
        return broken("other numbers of alternatives are listed than were asked for")
    return held()
