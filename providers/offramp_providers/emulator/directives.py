"""The script a caller may write into its prompt, `[[name:argument*times]]`, to choose what the emulated vendor does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from offramp.types._value import value

_PATTERN: Final = re.compile(r"\[\[([a-z-]+)(?::([^\]*]*))?(?:\*(\d+))?\]\]")


@value
class Directive:
    """One token of the script."""

    name: str
    argument: str = ""
    times: int | None = None
    """How often it works for one and the same user text; None for always."""

    def number(self, default: float | None = None) -> float | None:
        """The argument as a number; the default where it is none."""
        try:
            return float(self.argument)
        except ValueError:
            return default


class Script:
    """Reads directives, and remembers which of the counted ones are used up."""

    def __init__(self) -> None:
        self._used: dict[tuple[str, str], int] = {}

    def read(self, text: str) -> dict[str, Directive]:
        """The directives of a user text that are in force, by name; the last one of a name wins."""
        return {one.name: one for one in directives_in(text)}

    def takes(self, found: Mapping[str, Directive], name: str, text: str) -> Directive | None:
        """Take a directive into use, counting it where its times are limited. None once it is used up."""
        directive = found.get(name)
        if directive is None or directive.times is None:
            return directive
        used = self._used.get((name, text), 0)
        self._used[name, text] = used + 1
        return directive if used < directive.times else None


def directives_in(text: str) -> list[Directive]:
    """All directives of a text, in order."""
    return [
        Directive(found[1], found[2] or "", int(found[3]) if found[3] else None) for found in _PATTERN.finditer(text)
    ]


def without_directives(text: str) -> str:
    """The text as a person would read it."""
    return " ".join(_PATTERN.sub(" ", text).split())
