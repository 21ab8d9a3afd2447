"""The figures: what was covered, what came back, what crossed, and what was not covered and why."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import KW_ONLY, asdict

from offramp.types import JsonObject, value
from offramp_conformance.accounting.dialects import SPOKEN
from offramp_conformance.accounting.recordings import apis, recordings
from offramp_conformance.accounting.spoken import Spoken
from offramp_conformance.fidelity.covered import codec_of, reason_for
from offramp_conformance.fidelity.pairs import crossings
from offramp_conformance.fidelity.same_dialect import Passage, passages


@value
class Same:
    """One vendor's interactions by one API, there and back."""

    api: str
    vendor: str
    _: KW_ONLY
    interactions: int
    exact: int
    """Interactions every piece of which came back as it was."""
    pieces: dict[str, tuple[int, int]]
    """By kind: exact ones, and all. A stream counts its events."""
    differences: list[str]
    """Recording, piece and cause."""


@value
class Crossed:
    """All that was recorded in one dialect, on its way to another."""

    source: str
    wire: str
    _: KW_ONLY
    fates: dict[str, dict[str, int]]
    """By kind of piece: how many were equal, named, silent, refused."""
    silent: list[str]
    """Recording, piece and difference."""


@value
class Uncovered:
    """An API of which there are recordings that pass through no dialect."""

    api: str
    interactions: int
    why: str


@value
class Report:
    """All of it."""

    _: KW_ONLY
    same: tuple[Same, ...]
    crossed: tuple[Crossed, ...]
    uncovered: tuple[Uncovered, ...]

    @property
    def is_sound(self) -> bool:
        """Whether every interaction came back exactly, and nothing was lost in silence."""
        return all(row.exact == row.interactions for row in self.same) and not any(row.silent for row in self.crossed)

    def as_json(self) -> JsonObject:
        """As one object."""
        return {"schema": "offramp-fidelity/1", "sound": self.is_sound, **asdict(self)}


def report(*, dialects: Sequence[str] = (), crossing: bool = True) -> Report:
    """Read every recording, and send conversations on to every other dialect.

    Args:
        dialects: only what was recorded in these; empty: in all.
        crossing: whether to send on at all, which takes a minute.
    """
    codecs = {api: codec for api in apis() if (codec := codec_of(api)) is not None}
    chosen = {api: codec for api, codec in codecs.items() if not dialects or codec.spoken.name in dialects}
    sources = dict.fromkeys(codec.spoken.name for codec in chosen.values() if codec.operation is None)
    ways = [(source, wire) for source in sources for wire in SPOKEN if wire != source] if crossing else []
    return Report(
        same=tuple([row for api in chosen for row in same_of(api)]),
        crossed=tuple([crossed_of(SPOKEN[source], wire) for source, wire in ways]),
        uncovered=tuple([Uncovered(api, len(recordings(api)), reason_for(api)) for api in apis() if api not in codecs]),
    )


def same_of(api: str) -> list[Same]:
    """A row for each vendor that has answered by this API."""
    by_vendor: dict[str, list[tuple[str, list[Passage]]]] = {}
    for recorded in recordings(api):
        vendor = str(recorded.get("vendor"))
        codec = codec_of(api, vendor)
        found = list(passages(codec.spoken, recorded, codec.dialect)) if codec is not None else []
        by_vendor.setdefault(vendor, []).append((recorded["id"], found))
    return [_row(api, vendor, found) for vendor, found in by_vendor.items()]


def _row(api: str, vendor: str, found: Sequence[tuple[str, list[Passage]]]) -> Same:
    read = [each for _, passed in found for each in passed]
    kinds = dict.fromkeys(each.piece for each in read)
    return Same(
        api,
        vendor,
        interactions=len(found),
        exact=sum(bool(passed) and all(each.cause is None for each in passed) for _, passed in found),
        pieces={
            kind: (
                sum(each.exact for each in read if each.piece == kind),
                sum(each.units for each in read if each.piece == kind),
            )
            for kind in kinds
        },
        differences=[difference for name, passed in found for difference in _told(name, passed)],
    )


def _told(name: str, passed: Sequence[Passage]) -> list[str]:
    if not passed:
        return [f"{name}: nothing in it that the dialect reads"]
    return [f"{name} {each.piece}: {each.cause}" for each in passed if each.cause is not None]


def crossed_of(spoken: Spoken, wire: str) -> Crossed:
    """All that was recorded in the dialect, on its way to the wire."""
    fates: dict[str, Counter[str]] = {}
    silent: list[str] = []
    for api in dict.fromkeys(each for each in (spoken.recordings, spoken.streams) if each in apis()):
        for recorded in recordings(str(api)):
            for each in crossings(spoken, recorded, wire):
                fates.setdefault(each.way, Counter())[each.fate] += 1
                silent += [f"{recorded['id']} {each.way}: {difference}" for difference in each.silent]
    return Crossed(spoken.name, wire, fates={way: dict(count) for way, count in fates.items()}, silent=silent)
