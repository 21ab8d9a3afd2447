"""Penalties on what was said before."""

from typing import Final

from offramp_conformance.checks.probing import room_for
from offramp_conformance.checks.prompts import repeat
from offramp_conformance.suite.check import check
from offramp_conformance.suite.observations import Observation, held, ignored, unclear
from offramp_conformance.suite.subject import Subject

_WORD: Final = "blue"
_TIMES: Final = 60
_ENOUGH: Final = 30
"""Repetitions from which on a penalty of 2 for each is far above any likelihood."""
_HIGHEST: Final = (2.0, 1.0)
"""Some take no more than 1."""


async def _repetitions(subject: Subject, penalty: float | None) -> int:
    made = await subject.ask(
        repeat(_WORD, _TIMES), frequency_penalty=penalty, max_output_tokens=room_for(subject, 3 * _TIMES)
    )
    # Another spelling is another token, which the penalty does not meet.
    return made.answer.text.replace(",", " ").split().count(_WORD)


def _highest(subject: Subject) -> float:
    """The highest penalty that can be said to the endpoint."""
    question = repeat(_WORD, _TIMES)
    sayable = (each for each in _HIGHEST if not subject.losses_of(question, frequency_penalty=each))
    return next(sayable, _HIGHEST[-1])


@check(
    "parameters.penalties.enforced",
    level="MUST",
    axis="behaviour",
    proves="With the highest frequency penalty a model repeats a word less often.",
    look_at="Whether the penalty reaches the model.",
    verifies="penalties",
    trust="most",
    share=0.5,
    calls=2,
)
async def enforced(subject: Subject) -> Observation:
    freely = await _repetitions(subject, None)
    if freely < _ENOUGH:
        return unclear("the model does not repeat a word often enough for a penalty to be seen")
    penalised = await _repetitions(subject, _highest(subject))
    if penalised > 0.9 * freely:
        return ignored("a word is repeated as often with the highest frequency penalty as without one")
    return held()
