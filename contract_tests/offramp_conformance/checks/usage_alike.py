"""Usage of a stream beside that of the same exchange in one piece."""

from typing import Final

from offramp_conformance.checks.probing import numbers_in, room_for
from offramp_conformance.checks.prompts import count_up, say
from offramp_conformance.checks.usage import read_tokens, written_tokens
from offramp_conformance.suite.check import check
from offramp_conformance.suite.observations import Observation, broken, expect, held, unclear
from offramp_conformance.suite.subject import Subject

_COUNTED: Final = 20


@check(
    "usage.streams_alike",
    level="MUST",
    axis="wire",
    proves="A stream counts the same tokens as the same exchange in one piece.",
    look_at="Usage that is sent while the stream is still under way, and never corrected.",
    needs=("streaming",),
    calls=2,
    controls=2,
)
async def streams_alike(subject: Subject) -> Observation:
    question, room = say(subject.word()), room_for(subject, 100)
    plain = (await subject.ask(question, max_output_tokens=room)).answer
    streamed = (await subject.stream(question, max_output_tokens=room)).answer
    read, read_streaming = read_tokens(plain), read_tokens(streamed)
    expect(read == read_streaming, f"{read} tokens were read in one piece, {read_streaming} as a stream")
    if plain.text != streamed.text or plain.usage.reasoning_tokens or streamed.usage.reasoning_tokens:
        return held("the tokens read are the same; the answers differ, so that the tokens written may")
    return await _written_alike(subject, written_tokens(plain), written_tokens(streamed))


async def _written_alike(subject: Subject, written: int, streamed: int) -> Observation:
    """Whether one text counts the same in both forms.

    A model may write it by other tokens, or add some that make no text; a second text, a count, has to show it too.
    """
    if _nearly(written, streamed):
        return held()
    counts = [
        (await asks(count_up(_COUNTED), max_output_tokens=room_for(subject, 200))).answer
        for asks in (subject.ask, subject.stream)
    ]
    if any(numbers_in(each.text) != list(range(1, _COUNTED + 1)) for each in counts):
        return unclear("the same text counts other tokens, which it may be made of")
    if _nearly(*map(written_tokens, counts)):
        return unclear("one text counts other tokens as a stream, which it may be made of, and another does not")
    return broken(f"the same answer counts {written} tokens in one piece and {streamed} as a stream")


def _nearly(written: int, streamed: int) -> bool:
    """Some count the mark at the end in one form only."""
    return abs(written - streamed) <= 1
