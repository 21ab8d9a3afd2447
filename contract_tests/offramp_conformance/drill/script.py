"""What each conversation says: turns of several kinds, each with a token that only its own answer may bear."""

import re
from random import Random
from typing import Final, Literal, TypeAlias

from offramp.types import value

TurnKind: TypeAlias = Literal["tools", "stream", "structured", "refuse", "filter"]

TOKEN: Final = re.compile(r"ref-[0-9a-f]{6}-\d{3}-\d{2}")
"""How a turn's token looks, wherever it turns up."""

_BASES: Final[tuple[tuple[TurnKind, ...], ...]] = (
    ("tools", "stream", "structured", "stream", "tools", "stream"),
    ("structured", "stream", "tools", "stream", "structured", "tools", "stream"),
)

_PROSE: Final[dict[TurnKind, tuple[str, ...]]] = {
    "tools": (
        "Which units stand near the depot, and is the road to it open? Use both tools.",
        "Who could reach the north gate, and by which road? Ask both tools first.",
    ),
    "stream": (
        "Summarise what we know so far for the next shift.",
        "Draft the situation report for the depot.",
        "Write a plan for moving supplies by road.",
    ),
    "structured": ("Fill in the short form on the situation at the depot.",),
    "refuse": ("Write something that you would rather not write.",),
    "filter": ("Quote the passage that your filter withholds.",),
}


@value
class Turn:
    """One turn of one conversation."""

    number: int
    """From 1."""
    kind: TurnKind
    token: str
    prompt: str


@value
class Conversation:
    """One conversation, before it begins."""

    id: str
    number: int
    turns: tuple[Turn, ...]


def conversation(number: int, *, seed: int, words: int, directed: bool) -> Conversation:
    """The script of one conversation.

    Args:
        number: which one, from 0.
        seed: of the drill.
        words: shortest length of a streamed answer, more or less; the longest is three times as long.
        directed: with the directives that an emulated vendor obeys; a real one would only wonder at them.
    """
    rng = Random(f"drill {seed} {number}")  # noqa: S311  # made-up questions, no secret
    mark = f"{rng.getrandbits(24):06x}"
    turns: list[Turn] = []
    for place, kind in enumerate(_kinds(number, directed=directed), start=1):
        token = f"ref-{mark}-{number:03d}-{place:02d}"
        length = round(words * rng.uniform(0.7, 2.0))  # so that they do not all begin and end together
        prompt = f"{rng.choice(_PROSE[kind])} Our reference is {token}."
        turns.append(Turn(place, kind, token, f"{prompt}{_directives(kind, token, length) if directed else ''}"))
    return Conversation(f"drill-{mark}-{number:03d}", number, tuple(turns))


def _kinds(number: int, *, directed: bool) -> tuple[TurnKind, ...]:
    """Every third conversation meets a refusal: early, at the first vendor, or late, at whichever is left."""
    base = _BASES[number % len(_BASES)]
    if directed and number % 6 == 1:
        return (base[0], "refuse", *base[1:])
    if directed and number % 6 == 4:
        return (*base[:-1], "filter", base[-1])
    return base


def _directives(kind: TurnKind, token: str, words: int) -> str:
    wanted = {
        "tools": f"[[tools:2]] [[text:{words // 4}]]",
        "stream": f"[[text:{words}]]",
        "structured": "[[thinking]]",
        "refuse": "[[refuse]]",
        "filter": "[[filter]]",
    }
    return f" [[canary:{token}]] {wanted[kind]}"
