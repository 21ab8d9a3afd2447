"""Regions are sets: whatever is done with them is done with their members, and the same set is the same number."""

import random
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from offramp.policy.regions import EVERYTHING, NOTHING, Box, Region, Space

MASKS = (0b111, 0b11000, 0b1100000)
"""Three facets of 3, 2 and 2 values: twelve members."""
MEMBERS = [one | two | three for one, two, three in product((1, 2, 4), (8, 16), (32, 64))]

BOXES = st.tuples(st.integers(0, 7), st.integers(0, 3), st.integers(0, 3)).map(
    lambda parts: parts[0] | parts[1] << 3 | parts[2] << 5
)
LISTS = st.lists(BOXES, max_size=5)


def members(boxes: list[Box]) -> list[Box]:
    """Every member as often as it lies in a box."""
    return sorted(each for box in boxes for each in MEMBERS if each & box == each)


def held(space: Space, region: Region) -> list[Box]:
    return members(list(space.boxes(region)))


def any_of(space: Space, boxes: list[Box]) -> Region:
    """What lies in any of these boxes."""
    others = space.without(EVERYTHING, map(space.region, boxes))
    return space.without(EVERYTHING, [others])


@settings(deadline=None)
@given(LISTS, LISTS)
def test_what_is_taken_away_is_gone_and_all_else_is_left_once(boxes: list[Box], holes: list[Box]):
    space = Space(MASKS)

    left = space.without(any_of(space, boxes), map(space.region, holes))

    assert held(space, left) == sorted(set(members(boxes)) - set(members(holes)))


@settings(deadline=None)
@given(LISTS, LISTS)
def test_what_is_common_lies_in_both(boxes: list[Box], others: list[Box]):
    space = Space(MASKS)

    common = space.common(any_of(space, boxes), any_of(space, others))

    assert held(space, common) == sorted(set(members(boxes)) & set(members(others)))


@settings(deadline=None)
@given(LISTS)
def test_the_size_is_the_number_of_members(boxes: list[Box]):
    space = Space(MASKS)

    assert space.size(any_of(space, boxes)) == len(set(members(boxes)))


@settings(deadline=None)
@given(LISTS, st.randoms(use_true_random=False))
def test_the_same_set_is_the_same_number_however_it_came_to_be(boxes: list[Box], chance: random.Random):
    space = Space(MASKS)
    singly = members(boxes)
    chance.shuffle(singly)

    assert any_of(space, boxes) == any_of(space, singly)


def test_everything_and_nothing():
    space = Space(MASKS)

    assert space.region(space.whole) == EVERYTHING
    assert space.region(space.whole & ~MASKS[1]) == NOTHING
    assert (space.size(EVERYTHING), space.size(NOTHING)) == (12, 0)
    assert list(space.boxes(EVERYTHING)) == [space.whole]
    assert list(space.boxes(NOTHING)) == []
