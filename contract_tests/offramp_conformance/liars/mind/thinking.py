"""The whole of an answer: thinking where it is asked for, then calls or words, within the limits that were set."""

from offramp_conformance.liars.mind.calling import calls, reported
from offramp_conformance.liars.mind.filling import filled
from offramp_conformance.liars.mind.limits import within
from offramp_conformance.liars.mind.retelling import retold
from offramp_conformance.liars.mind.saying import spoken
from offramp_conformance.liars.mind.seeing import seen
from offramp_conformance.liars.mind.turn import Turn
from offramp_providers.emulator.answers import Answer, Part, Saying, Thought
from offramp_providers.emulator.words import phrase


def answer(turn: Turn, *, thinks: bool) -> Answer:
    """What a competent model answers."""
    thoughts = (Thought(f"The user wants: {turn.wish[:60]} {phrase(turn.chance, 8)}."),) if thinks else ()
    made = calls(turn, turn.wish)
    parts: tuple[Part, ...] = made or (Saying(words(turn)),)
    return within(Answer((*thoughts, *parts), "calls" if made else "end"), turn.request)


def words(turn: Turn) -> str:
    """The text of an answer that calls no tool."""
    wish = turn.wish
    said = filled(turn, wish) or seen(turn, wish) or retold(turn, wish) or spoken(turn, wish)
    if said is not None:
        return said
    if turn.results and not turn.is_asked_anew:
        return reported(turn)
    return next((told for each in turn.instructions if (told := spoken(turn, each))), None) or _chat(turn)


def _chat(turn: Turn) -> str:
    return f"I have read your message. {phrase(turn.chance, 12)}."
