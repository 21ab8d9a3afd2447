"""A streamed answer is the answer, in order and to its end."""

from offramp.types import OutcomeKind, TextDelta
from offramp_conformance.checks.prompts import count_up
from offramp_conformance.suite.check import check
from offramp_conformance.suite.observations import Observation, expect, held, unclear
from offramp_conformance.suite.subject import Subject


@check(
    "streaming.order",
    level="MUST",
    axis="behaviour",
    proves="The pieces of a streamed answer come in order and none is missing.",
    look_at="The last pieces before the end; a proxy that drops or reorders chunks.",
    verifies="streaming",
)
async def order(subject: Subject) -> Observation:
    made = await subject.stream(count_up(30), max_output_tokens=300)
    answer = made.answer
    numbers = [int(word) for word in answer.text.replace(",", " ").split() if word.isdigit()]
    if len(numbers) < 5:
        return unclear("it did not count")
    expect(numbers == sorted(set(numbers)), "numbers are out of order or doubled")
    expect(numbers == list(range(numbers[0], numbers[-1] + 1)), "a piece in the middle is missing")
    expect(
        answer.outcome.kind is not OutcomeKind.COMPLETED or numbers[-1] == 30,
        "the end is missing though it says completed",
    )
    expect(sum(isinstance(each, TextDelta) for each in made.events) > 1, "it came in one piece")
    return held()
