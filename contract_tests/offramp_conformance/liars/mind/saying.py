"""Skills of plain text: to say what one is told to, to count, to recall, to write at length."""

import re
from typing import Final

from offramp_conformance.checks import prompts
from offramp_conformance.liars.mind.turn import Turn
from offramp_conformance.liars.mind.wordings import wording, wording_of_number
from offramp_providers.emulator.words import phrase

_SAY: Final = re.compile(wording(prompts.say).pattern, re.S)
_COUNT: Final = wording_of_number(prompts.count_up)
_CODE_WORD: Final = re.compile(re.escape(prompts.code_word("\x02")).replace("\x02", r"([\w-]+)"))
_ESSAY: Final = wording(prompts.essay)
_WORDS: Final = re.compile(r"(\d+) words")
_UNKNOWN: Final = "I do not know the code word."
_USUAL: Final = 420


def told(wish: str) -> str | None:
    """Say what one is told to say."""
    found = _SAY.search(wish)
    return found and found[1]


def counted(wish: str) -> str | None:
    """Count from 1 on."""
    found = _COUNT.search(wish)
    return found and " ".join(str(number) for number in range(1, int(found[1]) + 1))


def recalled(turn: Turn, wish: str) -> str | None:
    """The code word that was said last, wherever it was."""
    if prompts.RECALL not in wish:
        return None
    words = [found for text in turn.heard for found in _CODE_WORD.findall(text)]
    return words[-1] if words else _UNKNOWN


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
    return told(wish) or counted(wish) or recalled(turn, wish) or written(turn, wish)
