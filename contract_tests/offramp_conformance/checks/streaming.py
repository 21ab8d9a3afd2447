"""A streamed answer is the answer: in order, to its end, and left when the caller has heard enough."""

import itertools
from collections.abc import Mapping
from typing import Final

from offramp.errors import ProviderError, ProviderErrorKind
from offramp.types import (
    AnyResponse,
    ArgumentsDelta,
    OutcomeKind,
    PartStart,
    ReasoningDelta,
    RefusalDelta,
    ResponseEnd,
    TextDelta,
)
from offramp_conformance.checks.probing import NOT_AN_ANSWER, numbers_in, room_for, says, unless_it_follows
from offramp_conformance.checks.prompts import count_up, say
from offramp_conformance.checks.text import came_back
from offramp_conformance.checks.wire_events import require_wire
from offramp_conformance.suite.check import check
from offramp_conformance.suite.exchanges import Exchanged
from offramp_conformance.suite.observations import Observation, Seen, Unaskable, broken, expect, held, unclear
from offramp_conformance.suite.sending import HungUp
from offramp_conformance.suite.subject import Subject

_LAST: Final = 30
_CONTENT: Final = (PartStart, TextDelta, ReasoningDelta, RefusalDelta, ArgumentsDelta)
_TERMINATORS: Final[Mapping[str, bytes]] = {
    "openai_chat": b"[DONE]",
    "mistral": b"[DONE]",
    "anthropic_messages": b'"message_stop"',
    "cohere_v2": b'"message-end"',
}
"""What ends a stream beside its outcome, by dialect. Others have nothing of the kind."""
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
    "streaming.outcome",
    level="MUST",
    axis="wire",
    proves="A stream says why it ended before it ends.",
    look_at="The last events: a stop reason that is missing, or a connection that closes early.",
    verifies="streaming",
)
async def outcome(subject: Subject) -> Observation:
    answer = (await subject.stream(say(subject.word()), max_output_tokens=room_for(subject, 100))).answer
    expect(answer.outcome.kind is not OutcomeKind.ERROR, "a stream with a good status says that it failed")
    expect(answer.outcome.kind is not OutcomeKind.UNKNOWN, "the stream ends without a reason that is known")
    return held()


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
    "streaming.terminator",
    level="SHOULD",
    axis="wire",
    proves="The stream ends with the mark that its dialect ends streams with.",
    look_at="The last event. Offramp never takes the mark for a completed answer, but other clients wait for it.",
    verifies="streaming",
)
async def terminator(subject: Subject) -> Observation:
    mark = _TERMINATORS.get(subject.endpoint.profile.dialect)
    if mark is None:
        raise Unaskable("its dialect has no mark at the end of a stream")
    made = await subject.stream(say(subject.word()), max_output_tokens=room_for(subject, 100))
    made.answer  # noqa: B018  # an error in its place ends the try
    require_wire(made)
    return held() if mark in made.wire.received[-2000:] else broken("the mark at the end of the stream is missing")


@check(
    "streaming.end_is_last",
    level="MUST",
    axis="wire",
    proves="No more of an answer comes after the stream has said why it ended.",
    look_at="Events after the stop reason.",
    verifies="streaming",
)
async def end_is_last(subject: Subject) -> Observation:
    made = await subject.stream(count_up(_LAST), max_output_tokens=room_for(subject, 300))
    made.answer  # noqa: B018  # an error in its place ends the try
    after = itertools.dropwhile(lambda each: not isinstance(each, ResponseEnd), made.events)
    late = [each for each in after if isinstance(each, _CONTENT)]
    expect(not late, f"{len(late)} events with content come after the stop reason")
    ends = sum(isinstance(each, ResponseEnd) for each in made.events)
    expect(ends <= 1, f"the stream says {ends} times why it ended")
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
    "streaming.bounded",
    level="MUST",
    axis="wire",
    proves="A stream that was cut at the bound says so.",
    look_at="The stop reason of a stream that ends in the middle of a sentence.",
    verifies="streaming",
)
async def bounded(subject: Subject) -> Observation:
    answer = (await subject.stream(count_up(300), max_output_tokens=32)).answer
    if answer.outcome.kind is OutcomeKind.MAX_OUTPUT:
        return held()
    if answer.usage.output_tokens != 32 or 300 in numbers_in(answer.text):
        return unclear("the answer did not end at the bound, as far as can be told")
    return broken(f"a stream of exactly as many tokens as the bound says {answer.outcome.kind}")


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
        return broken("the next answer is the rest of the stream that was left")
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


@check(
    "streaming.same_outcome",
    level="SHOULD",
    axis="wire",
    proves="A stream gives the same kind of outcome and of parts as an answer in one piece.",
    look_at="Stop reasons that only one of the two forms knows.",
    verifies="streaming",
    trust="most",
    share=0.6,
    calls=2,
)
async def same_outcome(subject: Subject) -> Observation:
    question, room = say(subject.word()), room_for(subject, 100)
    streamed = (await subject.stream(question, max_output_tokens=room)).answer
    plain = (await subject.ask(question, max_output_tokens=room)).answer
    if streamed.text.strip() != plain.text.strip():
        return unclear("the two answers are not the same, so that their outcomes may differ")
    expect(
        streamed.outcome.kind is plain.outcome.kind,
        f"the same answer says {plain.outcome.kind} in one piece and {streamed.outcome.kind} as a stream",
    )
    expect(_kinds(streamed) == _kinds(plain), "the same answer has other parts as a stream")
    return held()


def _kinds(answer: AnyResponse) -> list[str]:
    return [part.type for part in answer.message.parts]
