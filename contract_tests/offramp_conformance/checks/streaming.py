"""A streamed answer is the answer: in order, to its end, and left when the caller has heard enough."""

import itertools
from typing import Final

from offramp.errors import ProviderError, ProviderErrorKind
from offramp.types import AnyResponse, OutcomeKind, TextDelta
from offramp_conformance.checks.coming_back import came_back, sent_and_back
from offramp_conformance.checks.probing import (
    NOT_AN_ANSWER,
    numbers_in,
    room_for,
    says,
    unless_it_follows,
    unless_it_speaks,
)
from offramp_conformance.checks.prompts import count_up, say
from offramp_conformance.suite.check import check
from offramp_conformance.suite.exchanges import Exchanged
from offramp_conformance.suite.observations import Observation, Seen, broken, expect, held, inexcusable, unclear
from offramp_conformance.suite.sending import HungUp
from offramp_conformance.suite.subject import Subject

_LAST: Final = 30
_SHARDS: Final = "🚁東京🧭Zürich🌍नमस्ते🧪" * 4
_THE_COUNT: Final = list(range(1, _LAST + 1))
_A_REST: Final = 10
"""Numbers beyond which an answer is the rest of a count."""
_LONGEST_SILENCE_S: Final = 30.0


async def _counted(subject: Subject) -> tuple[Exchanged, list[int]]:
    """A count to 30 as a stream.

    Raises:
        Seen: it did not count.
    """
    made = await subject.stream(count_up(_LAST), max_output_tokens=room_for(subject, 300))
    numbers = numbers_in(made.answer.text)
    if len(numbers) < 5:
        raise Seen(unclear("it did not count, so that nothing can be told"))
    return made, numbers


@check(
    "streaming.answers",
    level="MUST",
    axis="wire",
    proves="A stream brings an answer with text in it.",
    look_at="Whether the host streams at all, and the framing of its events.",
    verifies="streaming",
    trust="most",
    share=0.6,
    controls=8,
)
async def answers(subject: Subject) -> Observation:
    answer = (await subject.stream(say(subject.word()), max_output_tokens=room_for(subject, 100))).answer
    if answer.outcome.kind in NOT_AN_ANSWER:
        return unclear(f"the model would not answer: {answer.outcome.kind}")
    return held() if answer.text.strip() else await unless_it_speaks(subject, answer, streams=True)


@check(
    "streaming.order",
    level="MUST",
    axis="behaviour",
    proves="The pieces of a streamed answer come in order and none is missing or doubled.",
    look_at="A proxy that drops, doubles or reorders events.",
    verifies="streaming",
    trust="most",
    share=0.6,
    calls=2,
    controls=2,
)
async def order(subject: Subject) -> Observation:
    made, numbers = await _counted(subject)
    if _is_in_order(numbers):
        return held()
    otherwise = f"a count that is in order without streaming is not in a stream of {len(made.batches)} events"
    return await _unless_it_miscounts(subject, made.answer, otherwise)


async def _unless_it_miscounts(subject: Subject, streamed: AnyResponse, otherwise: str) -> Observation:
    """What it means that a count is not as it should be in a stream.

    Returns:
        `broken` where it is without streaming, and as many tokens were written, so that the stream has lost, doubled
        or moved what was; where the tokens tell nothing, or others, where it all comes about a second time.
    """
    whole = await _uncut(subject)
    if whole is None:
        return unclear("the model does not count well enough for anything to be told")
    if streamed.usage.output_tokens is not None and streamed.usage.output_tokens == whole.usage.output_tokens:
        return broken(otherwise)
    _, again = await _counted(subject)
    if again == _THE_COUNT or await _uncut(subject) is None:
        return unclear("the model counts well now and then, and now and then it does not")
    return broken(otherwise)


async def _uncut(subject: Subject) -> AnyResponse | None:
    """An answer in one piece that is the whole count. None: it is another."""
    answer = (await subject.ask(count_up(_LAST), max_output_tokens=room_for(subject, 300))).answer
    return answer if numbers_in(answer.text) == _THE_COUNT else None


def _is_in_order(numbers: list[int]) -> bool:
    return all(later == earlier + 1 for earlier, later in itertools.pairwise(numbers))


@check(
    "streaming.whole",
    level="MUST",
    axis="behaviour",
    proves="A stream brings all of the answer that comes without streaming.",
    look_at="The first and the last pieces of the answer.",
    verifies="streaming",
    trust="most",
    share=0.6,
    calls=2,
    controls=2,
)
async def whole(subject: Subject) -> Observation:
    made, numbers = await _counted(subject)
    if {1, _LAST} <= set(numbers):
        return held()
    if made.answer.outcome.kind is not OutcomeKind.COMPLETED:
        return unclear(f"the answer was cut: {made.answer.outcome.kind}")
    otherwise = f"the {'end' if 1 in numbers else 'beginning'} of the answer is missing though it says completed"
    return await _unless_it_miscounts(subject, made.answer, otherwise)


@check(
    "streaming.incremental",
    level="SHOULD",
    axis="behaviour",
    proves="A longer answer comes in many pieces.",
    look_at="A proxy that collects the whole answer before it sends it.",
    verifies="streaming",
)
async def incremental(subject: Subject) -> Observation:
    made, numbers = await _counted(subject)
    if len(numbers) < _LAST // 2:
        return unclear("the answer was too short to be sent in pieces")
    expect(sum(isinstance(each, TextDelta) for each in made.events) > 1, "the answer came in one piece")
    return held()


@check(
    "streaming.unicode",
    level="MUST",
    axis="behaviour",
    proves="Letters of several bytes come through a stream unharmed, wherever it is cut into pieces.",
    look_at="A component that decodes each piece by itself.",
    verifies="streaming",
    controls=2,
)
async def unicode(subject: Subject) -> Observation:
    return await sent_and_back(subject, _SHARDS, came_back, room=400, streams=True)


@check(
    "streaming.left_early",
    level="MUST",
    axis="behaviour",
    proves="After a caller has left a stream early, the next question gets its own answer.",
    look_at="Connections that are used again while an answer is still under way on them.",
    verifies="streaming",
    trust="most",
    share=0.6,
    calls=3,
    controls=2,
)
async def left_early(subject: Subject) -> Observation:
    left = await subject.stream(count_up(200), leave_after=3, max_output_tokens=room_for(subject, 800))
    left.answer  # noqa: B018  # an error in its place ends the try
    word = subject.word()
    answer = (await subject.ask(say(word), max_output_tokens=room_for(subject, 100))).answer
    if says(answer, word):
        return held()
    other = subject.word("control")
    control = (await subject.ask(say(other), max_output_tokens=room_for(subject, 100))).answer
    if says(control, word):
        return inexcusable("an answer comes one question too late")
    if not says(control, other):
        return unclear("the model does not say what it is asked to, so that nothing can be told")
    if is_rest_of_count(answer.text):
        return inexcusable("the next answer is the rest of the stream that was left")
    return await unless_it_follows(subject, "the next question does not get its own answer")


def is_rest_of_count(text: str) -> bool:
    """Whether this goes on with a count that has begun before. The first of its numbers may be half of one."""
    numbers = numbers_in(text)[1:]
    return len(numbers) > _A_REST and numbers[0] > 2 and _is_in_order(numbers)


@check(
    "streaming.alive",
    level="MUST",
    axis="wire",
    proves="A stream that has begun does not fall silent in its middle.",
    look_at="A load balancer or proxy that holds events back, or forgets the connection.",
    verifies="streaming",
)
async def alive(subject: Subject) -> Observation:
    made = await subject.stream(count_up(_LAST), max_output_tokens=room_for(subject, 300))
    match made.error:
        case ProviderError(kind=ProviderErrorKind.TIMEOUT, phase="mid_stream"):
            return broken("it fell silent in the middle of an answer until the deadline")
        case HungUp() if made.batches:
            return broken("it began to answer and did not end in time")
        case _:
            pass
    made.answer  # noqa: B018  # an error in its place ends the try
    return held()


@check(
    "streaming.keep_alive",
    level="MAY",
    axis="wire",
    proves="A stream is never so silent that a device on the way gives it up.",
    look_at="Whether the host sends signs of life while the model reasons.",
    verifies="streaming",
)
async def keep_alive(subject: Subject) -> Observation:
    made = await subject.stream(count_up(_LAST), max_output_tokens=room_for(subject, 300))
    made.answer  # noqa: B018  # an error in its place ends the try
    bound_s = float(subject.options.get("longest_silence_s", _LONGEST_SILENCE_S))
    longest_s = max(made.gaps_s, default=0.0)
    expect(longest_s <= bound_s, f"the longest silence was {longest_s:.1f} s")
    return held(f"the longest silence was {longest_s:.1f} s")
