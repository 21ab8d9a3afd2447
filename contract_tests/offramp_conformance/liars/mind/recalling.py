"""The skill of recalling code words: the last one, the first one, or all, wherever they were said."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from offramp_conformance.checks import prompts
from offramp_conformance.liars.mind.turn import Turn

_CODE_WORD: Final = re.compile(re.escape(prompts.code_word("\x02")).replace("\x02", r"([\w-]+)"))
_UNKNOWN: Final = "I do not know the code word."
_ASKED: Final[Mapping[str, Callable[[list[str]], str]]] = {
    prompts.RECALL: lambda words: words[-1],
    prompts.RECALL_LAST: lambda words: words[-1],
    prompts.RECALL_FIRST: lambda words: words[0],
    prompts.RECALL_ALL: " ".join,
}


def recalled(turn: Turn, wish: str) -> str | None:
    """The code words that are asked for. None: none is."""
    for question, chosen in _ASKED.items():
        if question in wish:
            words = [found for text in turn.heard for found in _CODE_WORD.findall(text)]
            return chosen(words) if words else _UNKNOWN
    return None
