"""Skills of plain text: to say what one is told to, to count, to repeat, to make something up, to write at length."""

import re
from typing import Final

from offramp_conformance.checks import prompts
from offramp_conformance.liars.mind.recalling import recalled
from offramp_conformance.liars.mind.turn import Turn
from offramp_conformance.liars.mind.wordings import wording, wording_of_number
from offramp_providers.emulator.words import phrase

_SAY: Final = re.compile(wording(prompts.say).pattern, re.S)
_COUNT: Final = wording_of_number(prompts.count_up)
_REPEAT: Final = re.compile(re.escape(prompts.repeat("\x02", 987)).replace("\x02", r"(\w+)").replace("987", r"(\d+)"))
_ESSAY: Final = wording(prompts.essay)
_WORDS: Final = re.compile(r"(\d+) words")
_USUAL: Final = 420
_PENALTY_FELT: Final = 1.0
_UNTIL_IT_IS_FELT: Final = 5


def told(wish: str) -> str | None:
    """Say what one is told to say."""
    found = _SAY.search(wish)
    return found and found[1]


def counted(wish: str) -> str | None:
    """Count from 1 on."""
    found = _COUNT.search(wish)
    return found and " ".join(str(number) for number in range(1, int(found[1]) + 1))


def repeated(turn: Turn, wish: str) -> str | None:
    """Write a word over and over, until a penalty on repetition makes other words likelier."""
    found = _REPEAT.search(wish)
    if found is None:
        return None
    times, penalty = int(found[2]), turn.request.frequency_penalty or 0.0
    if penalty < _PENALTY_FELT:
        return " ".join([found[1]] * times)
    few = min(times, _UNTIL_IT_IS_FELT)
    return f"{' '.join([found[1]] * few)} {phrase(turn.chance, times - few)}"


def improvised(turn: Turn, wish: str) -> str | None:
    """Make something up, another thing each time unless the request leaves no choice."""
    return f"{phrase(turn.chance, 20)}." if prompts.IMPROVISE in wish else None


def written(turn: Turn, wish: str) -> str | None:
    """A text of a length."""
    found = _ESSAY.search(wish)
    if found is None:
        return None
    number = _WORDS.search(wish)
    count = int(number[1]) + 20 if number else _USUAL
    return f"About {found[1].rstrip('.')}: {phrase(turn.chance, count)}."


def spoken(turn: Turn, wish: str) -> str | None:
    """What a wish for text is answered with. None: it is not understood."""
    return (
        told(wish)
        or counted(wish)
        or recalled(turn, wish)
        or repeated(turn, wish)
        or improvised(turn, wish)
        or written(turn, wish)
    )
