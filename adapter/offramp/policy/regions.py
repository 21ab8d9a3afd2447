"""Sets of declarations, exactly: as decision diagrams over the facets, so that nothing is walked through one by one.

The space of declarations is finite, and large: nine million for each use. A region asks facet by facet, leads values
that are alike the same way, and holds each further question once. So what two documents have in common, and how much it
is, costs little even where their clauses cross in every way.
"""

from collections.abc import Iterable, Iterator, Mapping
from math import prod
from typing import Final, Literal, TypeAlias

from offramp.types import value

Box: TypeAlias = int
"""A set of values for each facet, one bit a value as in `table`: whatever has one of them for each."""
Region: TypeAlias = int
"""A region of one space, by its number: 0 where it holds nothing, and the same number for the same declarations."""

NOTHING: Final = 0
EVERYTHING: Final = 1


@value
class _Question:
    """One facet: where each of its values leads. Facets that make no difference are asked nowhere."""

    level: int
    ways: tuple[tuple[Region, Box], ...]


class Space:
    """The facets, and whatever else a clause may rest on, each by the bits of its values."""

    def __init__(self, masks: tuple[Box, ...]) -> None:
        self.masks = masks
        self.whole: Box = sum(masks)
        """Every declaration."""
        nowhere = _Question(len(masks), ())
        self._questions = [nowhere, nowhere]
        self._numbers: dict[tuple[int, tuple[tuple[Region, Box], ...]], Region] = {}
        self._answers: dict[tuple[Literal["common", "without"], Region, Region], Region] = {}
        self._sizes: dict[Region, int] = {NOTHING: 0, EVERYTHING: 1}

    def region(self, box: Box) -> Region:
        """The region of one box."""
        found: Region = EVERYTHING
        for level in reversed(range(len(self.masks))):
            inside = box & self.masks[level]
            outside = self.masks[level] & ~inside
            found = self._asked(level, {NOTHING: outside, found: inside}) if found else NOTHING
        return found

    def common(self, one: Region, other: Region) -> Region:
        """What lies in both."""
        if other in (one, EVERYTHING):
            return one
        if NOTHING in (one, other):
            return NOTHING
        return other if one == EVERYTHING else self._combined("common", one, other)

    def without(self, region: Region, holes: Iterable[Region]) -> Region:
        """What lies in the region, and in none of the others."""
        for hole in holes:
            region = self._outside(region, hole)
        return region

    def size(self, region: Region) -> int:
        """How many declarations it holds."""
        return self._below(region) * self._skipped(0, region)

    def boxes(self, region: Region) -> Iterator[Box]:
        """The region in boxes that do not overlap."""
        if region == EVERYTHING:
            yield self.whole
        question = self._questions[region]
        for way, values in question.ways:
            others = self.whole & ~self.masks[question.level]
            yield from (box & others | values for box in self.boxes(way))

    def _outside(self, one: Region, other: Region) -> Region:
        if one == NOTHING or other in (one, EVERYTHING):
            return NOTHING
        return one if other == NOTHING else self._combined("without", one, other)

    def _combined(self, how: Literal["common", "without"], one: Region, other: Region) -> Region:
        """Facet by facet, each pair of questions once."""
        if (held := self._answers.get((how, one, other))) is not None:
            return held
        level = min(self._questions[one].level, self._questions[other].level)
        ways: dict[Region, Box] = {}
        combine = self.common if how == "common" else self._outside
        for left, mine in self._ways(one, level):
            for right, yours in self._ways(other, level):
                if values := mine & yours:
                    way = combine(left, right)
                    ways[way] = ways.get(way, 0) | values
        made = self._answers[how, one, other] = self._asked(level, ways)
        return made

    def _ways(self, region: Region, level: int) -> tuple[tuple[Region, Box], ...]:
        question = self._questions[region]
        return question.ways if question.level == level else ((region, self.masks[level]),)

    def _asked(self, level: int, ways: Mapping[Region, Box]) -> Region:
        """The question with these ways; none where all values lead the same way."""
        real = tuple(sorted((way, values) for way, values in ways.items() if values))
        if len(real) < 2:
            return real[0][0] if real else NOTHING
        if (level, real) not in self._numbers:
            self._numbers[level, real] = len(self._questions)
            self._questions.append(_Question(level, real))
        return self._numbers[level, real]

    def _below(self, region: Region) -> int:
        """How many combinations of the facets from its question on it holds."""
        if region not in self._sizes:
            question = self._questions[region]
            self._sizes[region] = sum(
                values.bit_count() * self._below(way) * self._skipped(question.level + 1, way)
                for way, values in question.ways
            )
        return self._sizes[region]

    def _skipped(self, level: int, region: Region) -> int:
        """How many combinations of the facets there are between a level and the region's question."""
        return prod(mask.bit_count() for mask in self.masks[level : self._questions[region].level])
