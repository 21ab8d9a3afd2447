"""What a log keeps of a policy file, so that it can be told years later whether it was in force: dates, no text."""

from dataclasses import KW_ONLY
from datetime import date
from typing import Final, Literal, TypeAlias, cast, get_args
from urllib.parse import quote, unquote

from offramp.types import value

DocumentLayer: TypeAlias = Literal[
    "floor", "carry-over", "channel", "vendor", "agreement", "organisation", "declaration", "waivers"
]
_LAYERS: Final = frozenset(get_args(DocumentLayer))
_SAFE: Final = ":.-_/@+"


@value
class DocumentFacts:
    """One policy file, by the digest of its bytes."""

    sha256: str
    _: KW_ONLY
    layer: DocumentLayer
    series: str
    """The same for all versions of one document."""
    first: date
    """The first day on which it may be relied on, UTC."""
    last: date | None
    """The last; None: no end is set."""
    governs: bool
    """Whether it may permit: a public statement may not."""
    applies_to: tuple[str, ...] = ()
    """Selectors of the endpoints that it binds. None: every endpoint."""

    def in_force(self, day: date) -> bool:
        """Whether it may be relied on that day."""
        return self.first <= day and (self.last is None or day <= self.last)

    @property
    def word(self) -> str:
        """All but the digest, as one word."""
        ends = self.last.isoformat() if self.last else "-"
        kind = "governs" if self.governs else "states"
        whom = ",".join(quote(each, safe=_SAFE) for each in self.applies_to) or "-"
        return ";".join((self.layer, self.series, self.first.isoformat(), ends, kind, whom))


def facts_from(sha256: str, word: str) -> DocumentFacts:
    """The facts that a word tells. Raises ValueError where it is none."""
    layer, series, first, last, kind, whom = word.split(";")
    if layer not in _LAYERS or kind not in ("governs", "states"):
        raise ValueError(word)
    return DocumentFacts(
        sha256,
        layer=cast("DocumentLayer", layer),
        series=series,
        first=date.fromisoformat(first),
        last=None if last == "-" else date.fromisoformat(last),
        governs=kind == "governs",
        applies_to=() if whom == "-" else tuple(unquote(each) for each in whom.split(",")),
    )
