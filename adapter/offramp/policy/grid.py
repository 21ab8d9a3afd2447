"""The grid of declarations on which places are compared: who denies or permits a use there, and for which of them."""

from collections.abc import Iterable, Iterator
from typing import Final

from offramp.contracts.policy import Reason
from offramp.contracts.uses import Channel
from offramp.policy import reasons as grounds
from offramp.policy.position import Governor, Position
from offramp.policy.regions import NOTHING, Box, Region, Space
from offramp.policy.table import FACET_MASKS, Row, facet_bit, facet_words, needs_in
from offramp.policy.terms import Terms
from offramp.types import value

_LACKING, _GIVEN = 1, 2
_FIRST_FREE: Final = sum(FACET_MASKS.values()).bit_length()


@value
class Ground:
    """A ground on which a use is denied, or permitted, and for which declarations."""

    reason: Reason
    region: Region


class Grid:
    """Every combination of the nine facets, and of each piece of evidence for which a clause of these places asks."""

    def __init__(self, *positions: Position) -> None:
        names = dict.fromkeys(name for position in positions for name in _evidence_asked(position))
        self._evidence = {name: _FIRST_FREE + 2 * place for place, name in enumerate(names)}
        extra = ((_LACKING | _GIVEN) << place for place in self._evidence.values())
        self.space = Space((*FACET_MASKS.values(), *extra))
        self.every: Box = self.space.whole
        """Every declaration. Where all places have a channel of their own, what is declared of it is left out."""
        if all(position.channel for position in positions):
            self.every &= ~FACET_MASKS["channel"] | facet_bit("channel", "unstated")
        self.everything: Region = self.space.region(self.every)

    def denials(self, position: Position, use: int) -> Iterator[Ground]:
        """Each ground that denies the use."""
        yield from (Ground(reason, self.everything) for reason in position.refused)
        for hit in position.forbids:
            if region := self._reach(hit.terms, hit.row, use, position.channel):
                yield Ground(grounds.forbid(hit), region)
        for governor in position.governors:
            permitted = (one.region for one in self._permits(governor, use, position.channel))
            if left := self.space.without(self.everything, permitted):
                yield Ground(grounds.silent(governor.terms[0].contract), left)

    def permits(self, position: Position, use: int) -> Iterator[Ground]:
        """Each permit of a document that governs."""
        for governor in position.governors:
            yield from self._permits(governor, use, position.channel)

    def conditions(self, box: Box) -> dict[str, tuple[str, ...]]:
        """What a declaration must say to lie in the box: facets that are free are left out."""
        found = {
            str(facet): facet_words(facet, box & mask)
            for facet, mask in FACET_MASKS.items()
            if box & mask != self.every & mask
        }
        for name, place in self._evidence.items():
            bits = box >> place & (_LACKING | _GIVEN)
            if bits != _LACKING | _GIVEN:
                found[name] = ("given",) if bits == _GIVEN else ("lacking",)
        return found

    def _permits(self, governor: Governor, use: int, channel: Channel | None) -> Iterator[Ground]:
        for terms in governor.terms:
            for row in terms.permits:
                if region := self._reach(terms, row, use, channel):
                    yield Ground(grounds.permit(terms, row.clause.id, row.clause.section, row.clause.text), region)
        adopted = [reason for uses, reason in governor.adopted if uses & use]
        if adopted:
            silence = self._silence(governor, use, channel)
            yield from (Ground(reason, silence) for reason in adopted)

    def _silence(self, governor: Governor, use: int, channel: Channel | None) -> Region:
        """Where the document says nothing. Where it asks for evidence that is lacking, it is not silent."""
        rows = ((terms, row) for terms in governor.terms for row in terms.permits)
        spoken = (self._reach(terms, row, use, channel, needs=0) for terms, row in rows)
        return self.space.without(self.everything, spoken)

    def _reach(self, terms: Terms, row: Row, use: int, channel: Channel | None, *, needs: int | None = None) -> Region:
        """Where a clause bears on the use. What `table.reached` says of one declaration, of all of them.

        Args:
            needs: the evidence without which it does not bear; the clause's own where not given.
        """
        if not row.uses & use:
            return NOTHING
        forbids = row.clause.effect == "forbid"
        box = self._at(channel, self._given(terms, row.needs if needs is None else needs, row.excluded))
        exempt = (
            self._at(channel, self._given(terms, one.needs, one.excluded))
            for one in row.exempts
            if one.uses & use and (forbids or not one.needs)
        )
        return self.space.without(self.space.region(box), map(self.space.region, exempt))

    def _given(self, terms: Terms, needs: int, excluded: int) -> Box:
        """All but what is excluded, where the evidence is given."""
        lacking = sum(_LACKING << self._evidence[name] for name in _names(terms, needs))
        return self.space.whole & ~excluded & ~lacking

    def _at(self, channel: Channel | None, box: Box) -> Box:
        """As seen where the channel is known: whatever a mission declares of it, that one holds."""
        if channel is not None:
            mask = FACET_MASKS["channel"]
            box = box | mask if box & facet_bit("channel", channel) else box & ~mask
        return box & self.every


def _evidence_asked(position: Position) -> Iterator[str]:
    for terms, row in _rows(position):
        yield from _names(terms, row.needs)
        for exempt in row.exempts:
            yield from _names(terms, exempt.needs)


def _rows(position: Position) -> Iterator[tuple[Terms, Row]]:
    yield from ((hit.terms, hit.row) for hit in position.forbids)
    yield from ((terms, row) for one in position.governors for terms in one.terms for row in terms.permits)


def _names(terms: Terms, needs: int) -> Iterator[str]:
    """What people call the evidence. A vendor's approval is of one document."""
    for need in needs_in(needs):
        yield f"{need} of {terms.contract.name}" if need == "vendor_approval" else need


def alike(position: Position, use: int) -> tuple[object, ...]:
    """Two uses of which this is the same are treated alike there."""
    rows = tuple((bool(row.uses & use), *(bool(one.uses & use) for one in row.exempts)) for _, row in _rows(position))
    return (*rows, *(bool(uses & use) for one in position.governors for uses, _ in one.adopted))


def regions_of(found: Iterable[Ground]) -> Iterator[Region]:
    """Their regions, which may overlap."""
    return (ground.region for ground in found)
