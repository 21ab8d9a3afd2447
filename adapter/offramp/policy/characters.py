"""What may stand in no policy file, of whatever kind: letters that hide or pass for others, and what stands twice."""

import unicodedata
from collections.abc import Iterator
from itertools import groupby
from typing import Final, TypeAlias, cast

from offramp.policy.lines import Path
from offramp.types import JsonObject

Problem: TypeAlias = tuple[Path, str, str]
"""Where in the file, what is wrong, and the mend."""

_PROSE: Final = frozenset({
    "text", "reason", "owner", "approver", "by", "authority", "second_authority", "role", "authority_to_stop",
    "legal_citation", "disclosure", "fail_safe", "vendor_approvals", "document", "section", "name", "url",
})  # fmt: skip
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_BLANK: Final = frozenset(
    map(chr, (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810), 0x2800, 0x3164, *range(0xFE00, 0xFE10)))
) | frozenset(map(chr, (0xFFA0, *range(0xE0100, 0xE01F0))))
"""Letters and marks by category, which nobody sees."""
_ALIKE: Final = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "FULLWIDTH", "MATHEMATICAL"})
"""Scripts that have letters of one shape."""


def hidden_in(text: str) -> tuple[int, str] | None:
    """The first line of a file, comments included, that holds what cannot be seen, and what it is. None: nothing."""
    for number, line in enumerate(text.split("\n"), start=1):
        for letter in line:
            if letter != "\r" and _is_hidden(letter):
                return number, f"{_named(letter)} cannot be seen"
    return None


def words(data: object, path: Path = (), *, prose: bool = False) -> Iterator[Problem]:
    """Codes are plain ASCII; prose may hold any letter that shows, but no word of letters that pass for each other."""
    if isinstance(data, dict):
        for key, inner in cast("JsonObject", data).items():
            yield from _word((*path, key), key, prose=prose)
            yield from words(inner, (*path, key), prose=prose or key in _PROSE)
    elif isinstance(data, list):
        for place, inner in enumerate(cast("list[object]", data)):
            yield from words(inner, (*path, place), prose=prose)
    elif isinstance(data, str):
        yield from _word(path, data, prose=prose)


def repeats(data: object, path: Path = ()) -> Iterator[Problem]:
    """No list says the same twice: one of the two was meant to be another."""
    if isinstance(data, dict):
        for key, inner in cast("JsonObject", data).items():
            yield from repeats(inner, (*path, key))
    elif isinstance(data, list):
        items = cast("list[object]", data)
        for place, inner in enumerate(items):
            if inner in items[:place]:
                said = f"{inner[:60]!r}" if isinstance(inner, str) else "the same entry"
                yield (*path, place), f"{said} stands here twice", "write what was meant, or remove it"
            yield from repeats(inner, (*path, place))


def _word(path: Path, written: str, *, prose: bool) -> Iterator[Problem]:
    for letter in written:
        if _is_hidden(letter) or (not prose and not letter.isascii()):
            yield path, f"{_named(letter)} may be taken for another", "type it in plain ASCII"
            return
    for is_letter, run in groupby(written, str.isalpha):
        letters = "".join(run)
        if is_letter and not letters.isascii() and len(scripts := _scripts(letters)) > 1:
            what = f"the word {letters[:60]!r} mixes letters of {' and '.join(sorted(scripts))} that look alike"
            yield path, what, "type the word in one script"
            return


def _is_hidden(letter: str) -> bool:
    if letter in "\n\t ":
        return False
    category = unicodedata.category(letter)
    return category in _HIDDEN or category == "Zs" or letter in _BLANK


def _scripts(letters: str) -> set[str]:
    return {unicodedata.name(letter, "").split(" ")[0] for letter in letters} & _ALIKE


def _named(letter: str) -> str:
    return f"the character U+{ord(letter):04X} ({unicodedata.name(letter, 'unnamed')})"
