"""Takes out of a text what tells who is meant. A word keeps its stand-in, so that the text keeps its sense."""

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final, cast

from offramp.types import JsonObject

_USUAL: Final = (
    ("address", r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    ("secret", r"\b(?:sk|pk|key|tok|ghp|xox\w?|AKIA|ASIA|eyJ)[-_A-Za-z0-9.]{10,}"),
    ("account", r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b"),
    ("network", r"\b\d{1,3}(?:\.\d{1,3}){3}\b"),
    ("number", r"\+?\d[\d ()/-]{7,}\d"),
)

_SPOKEN: Final = frozenset(("text", "arguments_json", "summary", "title", "quoted", "url", "name_of_file"))
"""Keys of the canonical form whose text somebody wrote."""


class Redactor:
    """Stand-ins for one recording."""

    def __init__(self, patterns: Sequence[str] = ()) -> None:
        """The usual kinds, and the caller's own patterns as `[redacted-N]`.

        Raises:
            re.error: a pattern is none.
        """
        named = (*(("redacted", each) for each in patterns), *_USUAL)
        self._patterns = tuple((kind, re.compile(pattern)) for kind, pattern in named)
        self._known: dict[tuple[str, str], str] = {}
        self._counts: dict[str, int] = {}

    @property
    def replaced(self) -> int:
        """Different words that have a stand-in."""
        return len(self._known)

    def text(self, text: str) -> str:
        """The text with stand-ins."""
        for kind, pattern in self._patterns:
            text = pattern.sub(partial(self._stand_in, kind), text)
        return text

    def tree(self, content: JsonObject) -> JsonObject:
        """A canonical value in its JSON form, with stand-ins wherever somebody wrote a text."""
        return cast("JsonObject", self._tree(content, spoken=False))

    def _tree(self, node: Any, *, spoken: bool) -> Any:
        match node:
            case str():
                return self.text(node) if spoken else node
            case Mapping():
                held = cast("Mapping[str, Any]", node)
                return {key: self._tree(each, spoken=key in _SPOKEN) for key, each in held.items()}
            case list() | tuple():
                return [self._tree(each, spoken=spoken) for each in cast("Sequence[Any]", node)]
            case _:
                return node

    def _stand_in(self, kind: str, found: re.Match[str]) -> str:
        word = found[0]
        known = self._known.get((kind, word))
        if known is None:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            known = self._known[kind, word] = f"[{kind}-{self._counts[kind]}]"
        return known
