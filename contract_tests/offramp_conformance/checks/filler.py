"""Plain English to fill a prompt with: as long as is needed, another one for another seed, and about nothing."""

from random import Random
from typing import Final

_WHO: Final = ("The clerk", "A driver", "My neighbour", "The old teacher", "A visitor", "The second engineer")
_DID: Final = ("carried", "looked for", "painted", "returned", "counted", "forgot", "measured", "described")
_WHAT: Final = ("a wooden box", "the blue bicycle", "three letters", "an open window", "the garden wall", "some bread")
_WHERE: Final = ("near the station", "after the meeting", "in the early evening", "beside the river", "without a word")

CHARACTERS_A_WORD: Final = 5.7
"""About, the space included."""


def filler(rng: Random, words: int) -> str:
    """Sentences of about so many words in all."""
    sentences: list[str] = []
    count = 0
    while count < words:
        sentence = " ".join(rng.choice(part) for part in (_WHO, _DID, _WHAT, _WHERE))
        sentences.append(f"{sentence}.")
        count += len(sentence.split())
    return " ".join(sentences)
