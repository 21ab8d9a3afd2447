"""The skill of writing what fits a pattern: one example of a plain regular expression."""

import re
from collections.abc import Iterator
from typing import Final

_PIECE: Final = re.compile(r"\[(?P<set>[^\]]+)\](?:\{(?P<least>\d+)(?:,\d*)?\})?|(?P<letter>[^\[\]{}()*+?|\\^$.])")


def example_of(pattern: str) -> str | None:
    """What the pattern matches as a whole. None: it is not made of letters and sets alone."""
    made = "".join(_pieces(pattern))
    return made if re.search(pattern, made) else None


def _pieces(pattern: str) -> Iterator[str]:
    for piece in _PIECE.finditer(pattern):
        yield piece["letter"] or piece["set"][0] * int(piece["least"] or 1)
