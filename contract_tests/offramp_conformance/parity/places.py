"""Finds the line of a key in a golden set's TOML, given the path of the key."""

import re
from collections.abc import Sequence
from typing import Final

_CASE: Final = re.compile(r"^\s*\[\[\s*cases\s*\]\]")
_GRADER: Final = re.compile(r"^\s*\[\[\s*cases\s*\.\s*graders\s*\]\]")


def line_of(lines: Sequence[str], keys: Sequence[int | str]) -> int:
    """From 0: of the innermost key that stands in the text, else of the table that should hold it."""
    start, end = 0, len(lines)
    rest = list(keys)
    for name, head in (("cases", _CASE), ("graders", _GRADER)):
        if len(rest) > 1 and rest[0] == name and isinstance(rest[1], int):
            start, end = _table(lines, head, rest[1], (start, end))
            rest = rest[2:]
    for key in rest:
        start = _key(lines, str(key), (start, end))
    return start


def _table(lines: Sequence[str], head: re.Pattern[str], at: int, bounds: tuple[int, int]) -> tuple[int, int]:
    """First line of the table, and the line after its last. A table that is written inline has no head."""
    heads = [number for number in range(*bounds) if head.match(lines[number])]
    if at >= len(heads):
        return bounds
    return heads[at], heads[at + 1] if at + 1 < len(heads) else bounds[1]


def _key(lines: Sequence[str], key: str, bounds: tuple[int, int]) -> int:
    pattern = re.compile(rf"""(^|[\s.\[{{,"'])({re.escape(key)})["']?(\s*=|\s*\.|\s*\])""")
    return next((number for number in range(*bounds) if pattern.search(lines[number])), bounds[0])
