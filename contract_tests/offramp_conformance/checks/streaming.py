"""A streamed answer is the answer: in order, to its end, and left when the caller has heard enough."""

import itertools
from typing import Final

from offramp.errors import ProviderError, ProviderErrorKind
from offramp.types import (
    OutcomeKind,
    TextDelta,
)
from offramp_conformance.checks.probing import NOT_AN_ANSWER, numbers_in, room_for, says, unless_it_follows
from offramp_conformance.checks.prompts import count_up, say
from offramp_conformance.checks.text import came_back
from offramp_conformance.suite.check import check
from offramp_conformance.suite.exchanges import Exchanged
from offramp_conformance.suite.observations import Observation, Seen, broken, expect, held, inexcusable, unclear
from offramp_conformance.suite.sending import HungUp
from offramp_conformance.suite.subject import Subject

_LAST: Final = 30
_SHARDS: Final = "🚁東京🧭Zürich🌍नमस्ते🧪" * 4
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
)
async def answers(subject: Subject) -> Observation:
    answer = (await subject.stream(say(subject.word()), max_output_tokens=room_for(subject, 100))).answer
    if answer.outcome.kind in NOT_AN_ANSWER:
        return unclear(f"the model would not answer: {answer.outcome.kind}")
    return held() if answer.text.strip() else broken(f"there is no text, and the outcome is {answer.outcome.kind}")


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
)
async def order(subject: Subject) -> Observation:
    made, numbers = await _counted(subject)
    if _is_in_order(numbers):
        return held()
    whole = numbers_in((await subject.ask(count_up(_LAST), max_output_tokens=room_for(subject, 300))).answer.text)
    if not _is_in_order(whole):
        return unclear("the model does not count well enough for anything to be told")
    return broken(f"a count that is in order without streaming is not in a stream of {len(made.batches)} events")


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
)
async def whole(subject: Subject) -> Observation:
    made, numbers = await _counted(subject)
    if {1, _LAST} <= set(numbers):
        return held()
    if made.answer.outcome.kind is not OutcomeKind.COMPLETED:
        return unclear(f"the answer was cut: {made.answer.outcome.kind}")
    unstreamed = numbers_in((await subject.ask(count_up(_LAST), max_output_tokens=room_for(subject, 300))).answer.text)
    if not {1, _LAST} <= set(unstreamed):
        return unclear("the model does not count to the end, streamed or not")
    return broken(f"the {'end' if 1 in numbers else 'beginning'} of the answer is missing though it says completed")


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
)
async def unicode(subject: Subject) -> Observation:
    made = await subject.stream(say(_SHARDS), max_output_tokens=room_for(subject, 400))
    return came_back(_SHARDS, made.answer.text)


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
)
async def left_early(subject: Subject) -> Observation:
    left = await subject.stream(count_up(200), leave_after=3, max_output_tokens=room_for(subject, 800))
    left.answer  # noqa: B018  # an error in its place ends the try
    word = subject.word()
    answer = (await subject.ask(say(word), max_output_tokens=room_for(subject, 100))).answer
    if says(answer, word):
        return held()
    if len(numbers_in(answer.text)) > 10:
        return inexcusable("the next answer is the rest of the stream that was left")
    return await unless_it_follows(subject, "the next question does not get its own answer")


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
