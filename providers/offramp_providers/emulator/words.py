"""Made-up text, with letters outside ASCII in it so that a stream can be split inside a character."""

from __future__ import annotations

from random import Random
from typing import Final

_WORDS: Final = (
    "the", "depot", "reports", "water", "at", "the", "north", "gate", "crews", "move", "supplies", "by", "road",
    "café", "Zürich", "naïve", "São", "Kraków", "Đà", "東京", "Ελλάδα", "шлюз", "relief", "unit", "seven", "waits",
    "for", "orders", "until", "noon", "while", "teams", "check", "bridges", "and", "note", "levels", "every", "hour",
    "🚁", "maps", "show", "two", "routes", "one", "is", "open", "fuel", "lasts", "three", "days", "—", "medics", "rest",
)  # fmt: skip


def phrase(rng: Random, count: int) -> str:
    """About `count` words."""
    return " ".join(rng.choice(_WORDS) for _ in range(count))


def pieces(text: str, rng: Random, *, most: int = 3) -> list[str]:
    """Cut a text as a model would stream it: whole words mostly, one to `most` at a time. Joined they are the text."""
    words = text.split(" ")
    cut: list[str] = []
    while words:
        count = rng.randint(1, most)
        head, words = words[:count], words[count:]
        cut.append(("" if not cut else " ") + " ".join(head))
    return cut


def slices(text: str, rng: Random) -> list[str]:
    """Cut a text anywhere, a few characters at a time, as arguments are streamed."""
    cut: list[str] = []
    while text:
        size = rng.randint(3, 9)
        cut.append(text[:size])
        text = text[size:]
    return cut


def tokens_in(text: str) -> int:
    """A plausible count of tokens; 0 for nothing."""
    return (len(text) + 3) // 4
