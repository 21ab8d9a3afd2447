"""Sets of declarations, exactly: a region is some boxes apart from each other, a box one set of values for each facet.

The space of declarations is finite, and too large to walk through (nine million for each use). With boxes, what two
documents have in common and how much it is are found without walking, and without leaving anything out.
"""

from collections.abc import Iterable, Iterator
from math import prod
from typing import TypeAlias

from offramp.types import value

Box: TypeAlias = int
"""One bit a value, as in `table`: those that the box holds. Empty where it holds no value of one of the facets."""
Region: TypeAlias = tuple[Box, ...]
"""No two of its boxes overlap."""


@value
class Space:
    """The facets, and whatever else a clause may rest on, each by the bits of its values."""

    masks: tuple[int, ...]

    @property
    def whole(self) -> Box:
        """Every declaration."""
        return sum(self.masks)

    def common(self, one: Region, other: Region) -> Region:
        """What lies in both."""
        both = (left & right for left in one for right in other)
        return tuple(box for box in both if self.is_box(box))

    def without(self, region: Region, holes: Iterable[Box]) -> Region:
        """What lies in the region and in none of the boxes, which may overlap."""
        for hole in holes:
            region = tuple(part for box in region for part in self._around(box, hole))
        return region

    def size(self, region: Region) -> int:
        """How many declarations it holds."""
        return sum(prod((box & mask).bit_count() for mask in self.masks) for box in region)

    def joined(self, region: Region) -> Region:
        """The same in fewer boxes where two differ in one facet alone, so that people read less."""
        boxes = list(region)
        for mask in self.masks:
            alike: dict[int, int] = {}
            for box in boxes:
                alike[box & ~mask] = alike.get(box & ~mask, 0) | box
            boxes = list(alike.values())
        return tuple(boxes)

    def is_box(self, box: Box) -> bool:
        """Whether it holds anything."""
        return all(box & mask for mask in self.masks)

    def _around(self, box: Box, hole: Box) -> Iterator[Box]:
        """The parts of a box outside of another: facet by facet, what sticks out."""
        if not self.is_box(box & hole):
            yield box
            return
        for mask in self.masks:
            if outside := box & mask & ~hole:
                yield (box & ~mask) | outside
            box &= ~mask | hole
