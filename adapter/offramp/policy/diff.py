"""What changes between two places, or two texts: exactly, for every use and every combination of facets.

What depends on a mission is left out: its approval, its waivers, and whether the evidence that it claims is there.
Evidence that a clause asks for counts as one more facet: given, or lacking.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import KW_ONLY
from itertools import islice
from typing import Final, Literal, TypeAlias

from offramp.contracts.policy import Reason
from offramp.contracts.uses import USE_CODES, UseCode
from offramp.policy.grid import Grid, Ground, alike, regions_of
from offramp.policy.position import Position
from offramp.policy.regions import Region
from offramp.policy.table import use_bits
from offramp.types import value

ChangeKind: TypeAlias = Literal["newly_denied", "newly_allowed", "still_denied", "still_allowed"]
_LISTED: Final = 500
"""So many combinations of a part are listed."""
_Key: TypeAlias = tuple[ChangeKind, str | None, str | None, str, str]


@value
class Totals:
    """How many declarations: each use with each combination of facets, and of evidence that is asked for."""

    _: KW_ONLY
    newly_denied: int = 0
    newly_allowed: int = 0
    still_denied: int = 0
    still_allowed: int = 0


@value
class Part:
    """Declarations that are treated alike."""

    _: KW_ONLY
    uses: tuple[UseCode, ...]
    where: tuple[dict[str, tuple[str, ...]], ...]
    """Any of these: the values of each facet on which it rests. None named: always."""
    is_whole: bool
    """Whether `where` lists all of it; clauses that cross in every way are too many to be read."""
    declarations: int


@value
class Change:
    """All that one clause, or one document's silence, does."""

    _: KW_ONLY
    kind: ChangeKind
    """Newly and still denied go by what denies now, newly allowed by what denied before, still allowed by what permits
    now. Where two clauses deny one declaration, it is counted with each of them."""
    reason: Reason
    parts: tuple[Part, ...]

    @property
    def declarations(self) -> int:
        """In all."""
        return sum(part.declarations for part in self.parts)


@value
class PolicyDiff:
    """The whole difference."""

    _: KW_ONLY
    old: str
    new: str
    unreviewed: bool
    """Whether a document that nobody has reviewed had a part in it."""
    unsigned: bool
    """Whether a file that bears no signature had one."""
    changes: tuple[Change, ...]
    by_use: dict[UseCode, Totals]

    @property
    def totals(self) -> Totals:
        """Over all uses."""
        return _sum(self.by_use.values())

    @property
    def changes_nothing(self) -> bool:
        """Whether each declaration is treated as it was."""
        return not (self.totals.newly_denied or self.totals.newly_allowed)


def diff(old: Position, new: Position) -> PolicyDiff:
    """Compare two places, or two texts, over every declaration there can be."""
    grid = Grid(old, new)
    found: dict[_Key, tuple[Reason, list[Part]]] = {}
    by_use: dict[UseCode, Totals] = {}
    for uses in _treated_alike(old, new):
        comparison = _Comparison(grid, old, new, use_bits(uses[:1]))
        by_use |= dict.fromkeys(uses, comparison.totals())
        for kind, reason, region in comparison.changes():
            part = _part(grid, uses, region)
            found.setdefault(_key(kind, reason), (reason, []))[1].append(part)
    changes = [Change(kind=key[0], reason=reason, parts=tuple(parts)) for key, (reason, parts) in found.items()]
    return PolicyDiff(
        old=old.name,
        new=new.name,
        unreviewed=old.unreviewed or new.unreviewed,
        unsigned=old.unsigned or new.unsigned,
        changes=tuple(sorted(changes, key=lambda one: -one.declarations)),
        by_use={use: by_use[use] for use in USE_CODES},
    )


class _Comparison:
    """Of one use."""

    def __init__(self, grid: Grid, old: Position, new: Position, use: int) -> None:
        every, space = grid.everything, grid.space
        self.space = space
        self.denied_before, self.denied_now = tuple(grid.denials(old, use)), tuple(grid.denials(new, use))
        self.permitted_now = tuple(grid.permits(new, use))
        self.allowed_before = space.without(every, regions_of(self.denied_before))
        self.allowed_now = space.without(every, regions_of(self.denied_now))
        self.allowed_in_both = space.without(self.allowed_before, regions_of(self.denied_now))
        self.every = space.size(every)

    def totals(self) -> Totals:
        before, now, both = map(self.space.size, (self.allowed_before, self.allowed_now, self.allowed_in_both))
        return Totals(
            newly_denied=before - both,
            newly_allowed=now - both,
            still_denied=self.every - before - now + both,
            still_allowed=both,
        )

    def changes(self) -> Iterator[tuple[ChangeKind, Reason, Region]]:
        common = self.space.common
        yield from _regions("newly_denied", ((one, common(one.region, self.allowed_before)) for one in self.denied_now))
        yield from _regions(
            "newly_allowed", ((one, common(one.region, self.allowed_now)) for one in self.denied_before)
        )
        still = ((one, self.space.without(one.region, [self.allowed_before])) for one in self.denied_now)
        yield from _regions("still_denied", still)
        permitted = ((one, common(one.region, self.allowed_in_both)) for one in self.permitted_now)
        yield from _regions("still_allowed", permitted)


def _regions(kind: ChangeKind, found: Iterable[tuple[Ground, Region]]) -> Iterator[tuple[ChangeKind, Reason, Region]]:
    return ((kind, ground.reason, region) for ground, region in found if region)


def _treated_alike(old: Position, new: Position) -> Iterator[tuple[UseCode, ...]]:
    """Uses between which neither place tells a difference, so that one of them stands for all."""
    classes: dict[tuple[object, ...], list[UseCode]] = {}
    for use in USE_CODES:
        bit = use_bits([use])
        classes.setdefault((alike(old, bit), alike(new, bit)), []).append(use)
    return (tuple(uses) for uses in classes.values())


def _part(grid: Grid, uses: tuple[UseCode, ...], region: Region) -> Part:
    boxes = tuple(islice(grid.space.boxes(region), _LISTED + 1))
    return Part(
        uses=uses,
        where=tuple(grid.conditions(box) for box in boxes[:_LISTED]),
        is_whole=len(boxes) <= _LISTED,
        declarations=len(uses) * grid.space.size(region),
    )


def _key(kind: ChangeKind, reason: Reason) -> _Key:
    return (kind, reason.document, reason.clause, reason.layer, reason.text)


def _sum(totals: Iterable[Totals]) -> Totals:
    every: Sequence[Totals] = tuple(totals)
    return Totals(
        newly_denied=sum(one.newly_denied for one in every),
        newly_allowed=sum(one.newly_allowed for one in every),
        still_denied=sum(one.still_denied for one in every),
        still_allowed=sum(one.still_allowed for one in every),
    )
