"""Boxes are sets: whatever is done with them is what is done with their members, and none is counted twice."""

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from offramp.policy.regions import Box, Region, Space

SPACE = Space((0b111, 0b11000, 0b1100000))
"""Three facets of 3, 2 and 2 values: twelve members."""
MEMBERS = [one | two | three for one, two, three in product((1, 2, 4), (8, 16), (32, 64))]

BOXES = st.tuples(st.integers(1, 7), st.integers(1, 3), st.integers(1, 3)).map(
    lambda parts: parts[0] | parts[1] << 3 | parts[2] << 5
)
LISTS = st.lists(BOXES, max_size=5)


def members(region: Region | list[Box]) -> list[Box]:
    """Every member as often as it lies in a box."""
    return [each for box in region for each in MEMBERS if each & box == each]


def apart(boxes: list[Box]) -> Region:
    """What lies in any of these boxes, as a region."""
    return SPACE.without((SPACE.whole,), SPACE.without((SPACE.whole,), boxes))


@settings(deadline=None)
@given(LISTS, LISTS)
def test_what_is_taken_away_is_gone_and_all_else_is_left_once(boxes: list[Box], holes: list[Box]):
    left = SPACE.without(apart(boxes), holes)

    assert sorted(members(left)) == sorted(set(members(boxes)) - set(members(holes)))


@settings(deadline=None)
@given(LISTS, LISTS)
def test_what_is_common_lies_in_both(boxes: list[Box], others: list[Box]):
    common = SPACE.common(apart(boxes), apart(others))

    assert sorted(members(common)) == sorted(set(members(boxes)) & set(members(others)))


@settings(deadline=None)
@given(LISTS)
def test_the_size_is_the_number_of_members_however_they_are_joined(boxes: list[Box]):
    region = apart(boxes)
    joined = SPACE.joined(region)

    assert SPACE.size(region) == SPACE.size(joined) == len(set(members(boxes)))
    assert sorted(members(joined)) == sorted(members(region))
    assert len(joined) <= len(region)


def test_the_whole_is_everything_and_a_box_without_a_value_of_a_facet_holds_nothing():
    assert members([SPACE.whole]) == MEMBERS
    assert SPACE.is_box(SPACE.whole)
    assert not SPACE.is_box(SPACE.whole & ~0b111)
    assert SPACE.without((SPACE.whole,), [SPACE.whole]) == ()
