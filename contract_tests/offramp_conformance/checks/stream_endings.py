"""How a stream ends: with a reason, with its mark, and with nothing behind it."""

import itertools
from collections.abc import Mapping
from typing import Final

from offramp.errors import ProviderError
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
from offramp_conformance.checks.probing import NOT_AN_ANSWER, room_for, says, told_where_cut
from offramp_conformance.checks.prompts import count_up, say
from offramp_conformance.checks.wire_events import require_wire
from offramp_conformance.suite.check import check
from offramp_conformance.suite.observations import Observation, Unaskable, broken, expect, held, inexcusable, unclear
from offramp_conformance.suite.subject import Subject

_LAST: Final = 30
_CONTENT: Final = (PartStart, TextDelta, ReasoningDelta, RefusalDelta, ArgumentsDelta)
_OF_THE_MODEL: Final = NOT_AN_ANSWER | {OutcomeKind.TOOL_CALLS}
_TERMINATORS: Final[Mapping[str, bytes]] = {
    "openai_chat": b"[DONE]",
    "mistral": b"[DONE]",
    "anthropic_messages": b'"message_stop"',
    "cohere_v2": b'"message-end"',
}
"""What ends a stream beside its outcome, by dialect. Others have nothing of the kind."""


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
    "streaming.finishes",
    level="MUST",
    axis="wire",
    proves="A stream that has begun is not ended by an error.",
    look_at="What fails behind a host that has begun to answer already: the model's server, or a bound on time.",
    verifies="streaming",
    trust="most",
    share=0.6,
)
async def finishes(subject: Subject) -> Observation:
    made = await subject.stream(count_up(_LAST), max_output_tokens=room_for(subject, 300))
    if made.batches and isinstance(made.error, ProviderError) and made.error.phase == "mid_stream":
        return broken(f"it began to answer, and ended with an error: {made.error.kind}")
    made.answer  # noqa: B018  # an error in its place ends the try
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
    "streaming.bounded",
    level="MUST",
    axis="wire",
    proves="A stream that was cut at the bound says so.",
    look_at="The stop reason of a stream that ends in the middle of a sentence.",
    verifies="streaming",
    controls=3,
)
async def bounded(subject: Subject) -> Observation:
    return await told_where_cut(subject, bound=32, last=300, streams=True)


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
    word, room = subject.word(), room_for(subject, 100)
    streamed = (await subject.stream(say(word), max_output_tokens=room)).answer
    plain = (await subject.ask(say(word), max_output_tokens=room)).answer
    if streamed.text.strip() != plain.text.strip() or not says(plain, word):
        return unclear("the two answers are not the same, so that their outcomes may differ")
    kinds = streamed.outcome.kind, plain.outcome.kind
    if kinds[0] is not kinds[1]:
        return _of_kinds(streamed, plain, room)
    expect(_kinds(streamed) == _kinds(plain), "the same answer has other parts as a stream")
    return held()


def _of_kinds(streamed: AnyResponse, plain: AnyResponse, room: int) -> Observation:
    """What it means that one text ended for two reasons: tokens that make no text may have used up the bound."""
    for each in (streamed, plain):
        if each.outcome.kind in _OF_THE_MODEL:
            return unclear(f"an answer ended as its model chose: {each.outcome.kind}")
        used = each.usage.output_tokens
        if each.outcome.kind is OutcomeKind.MAX_OUTPUT and (used is None or used >= room):
            return unclear("one of the answers may have used up the bound")
    return inexcusable(
        f"the same answer says {plain.outcome.kind} in one piece and {streamed.outcome.kind} as a stream"
    )


def _kinds(answer: AnyResponse) -> list[str]:
    return [part.type for part in answer.message.parts]
