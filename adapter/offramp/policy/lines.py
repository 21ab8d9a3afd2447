"""Finds the line of a TOML file on which a value stands, so that an error can point at it."""

import re
from collections.abc import Sequence
from typing import Final, TypeAlias

Path: TypeAlias = tuple[str | int, ...]

_HEADER: Final = re.compile(r"^\s*(\[{1,2})\s*([^\]#]+?)\s*\]{1,2}\s*(?:#.*)?$")
_KEY: Final = re.compile(r"""^\s*([^\s=#"'\[\]{},]+|"[^"]*"|'[^']*')\s*=""")


def line_of(text: str, path: Sequence[str | int]) -> int | None:
    """The line, counted from 1, of the value at `path`, or of the nearest table around it. None: none was found."""
    best: int | None = None
    depth = 0
    for number, place in _places(text):
        if len(place) > depth and place == tuple(path[: len(place)]):
            best, depth = number, len(place)
    return best


def _places(text: str) -> list[tuple[int, Path]]:
    places: list[tuple[int, Path]] = []
    table: Path = ()
    counts: dict[tuple[str, ...], int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            names = _words(header[2])
            if header[1] == "[[":
                counts[names] = counts.get(names, 0) + 1
                _forget_inner(counts, names)
            table = _indexed(names, counts)
            places.append((number, table))
        elif key := _KEY.match(line):
            places.append((number, (*table, *_words(key[1]))))
    return places


def _words(dotted: str) -> tuple[str, ...]:
    return tuple(word.strip().strip("\"'") for word in dotted.split("."))


def _indexed(names: tuple[str, ...], counts: dict[tuple[str, ...], int]) -> Path:
    """The table's path, with the place of each array's latest element."""
    path: list[str | int] = []
    for depth, name in enumerate(names, start=1):
        path.append(name)
        if names[:depth] in counts:
            path.append(counts[names[:depth]] - 1)
    return tuple(path)


def _forget_inner(counts: dict[tuple[str, ...], int], names: tuple[str, ...]) -> None:
    """A new element begins its own inner arrays."""
    for inner in [key for key in counts if len(key) > len(names) and key[: len(names)] == names]:
        del counts[inner]
