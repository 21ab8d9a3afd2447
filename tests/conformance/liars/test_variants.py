"""Honest but unusual vendors: no check accuses any of them. `make liars` tries them by all checks."""

import pytest

from offramp_conformance.checks import catalogue
from offramp_conformance.liars.places import PLACES
from offramp_conformance.liars.trying import try_variant
from offramp_conformance.liars.variants import variants
from offramp_conformance.liars.variants.variant import Variant

AREAS = ("text", "streaming", "tools", "served", "usage")
FOUND = variants()


def test_there_are_more_than_ten():
    assert len(FOUND) > 10
    assert len({each.id for each in FOUND}) == len(FOUND)


@pytest.mark.parametrize(("place", "variant"), list(enumerate(FOUND)), ids=[each.id for each in FOUND])
async def test_nobody_accuses_it(place: int, variant: Variant):
    dialect = variant.dialects[place % len(variant.dialects)]
    checks = [each for each in catalogue() if each.area in AREAS]

    tried = await try_variant(PLACES[dialect], variant, checks)

    assert tried.reasons == {} or tried.accused == ()
    assert tried.proven > len(checks) // 2
