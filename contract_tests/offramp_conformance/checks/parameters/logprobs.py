"""Log probabilities of an answer's tokens."""

from typing import Final

from offramp.types import Logprobs
from offramp_conformance.checks.parameters.logprobs_seen import SeenLogprobs, logprobs_of
from offramp_conformance.checks.probing import room_for
from offramp_conformance.checks.prompts import count_up
from offramp_conformance.suite.check import check
from offramp_conformance.suite.observations import Observation, Seen, broken, expect, held, ignored, unclear
from offramp_conformance.suite.subject import Subject

_TOP: Final = 3
_ROUNDING: Final = 1e-3
"""Above 0 by no more than this is an error of rounding."""


async def _seen(subject: Subject, top: int | None) -> SeenLogprobs:
    answer = (
        await subject.ask(count_up(10), logprobs=Logprobs(top=top), max_output_tokens=room_for(subject, 60))
    ).answer
    if answer.raw is None:
        raise Seen(unclear("its provider does not show the answer as it came"))
    return logprobs_of(answer)


@check(
    "parameters.logprobs.given",
    level="MUST",
    axis="wire",
    proves="An answer has log probabilities where they are asked for.",
    look_at="Where the answer keeps them; a proxy that drops them.",
    verifies="logprobs",
)
async def given(subject: Subject) -> Observation:
    return held() if (await _seen(subject, None)).chosen else ignored("the answer has no log probabilities")


@check(
    "parameters.logprobs.possible",
    level="MUST",
    axis="wire",
    proves="No log probability is above 0.",
    look_at="Whether they are logarithms at all, or probabilities.",
    verifies="logprobs",
)
async def possible(subject: Subject) -> Observation:
    seen = await _seen(subject, None)
    if not seen.chosen:
        return unclear("the answer has no log probabilities")
    expect(max(seen.chosen) <= _ROUNDING, "a log probability is above 0, which no probability's logarithm is")
    expect(any(seen.chosen) or len(seen.chosen) < _TOP, "every log probability is exactly 0")
    return held()


@check(
    "parameters.logprobs.alternatives",
    level="SHOULD",
    axis="wire",
    proves="At each place as many alternatives are listed as were asked for.",
    look_at="The host's limit of alternatives.",
    verifies="logprobs",
)
async def alternatives(subject: Subject) -> Observation:
    seen = await _seen(subject, _TOP)
    if not seen.chosen:
        return unclear("the answer has no log probabilities")
    if not seen.alternatives:
        return ignored("no alternatives are listed")
    # The token that was taken may be listed in addition to the likeliest ones.
    if any(not 1 <= count <= _TOP + 1 for count in seen.alternatives):
        return broken("other numbers of alternatives are listed than were asked for")
    return held()
