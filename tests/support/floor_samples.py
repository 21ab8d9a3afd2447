"""Declarations from anywhere in the grid, with what the oracle says of each, as the tables of policy take them."""

import random
from functools import cache
from typing import Any, NamedTuple, get_args

from offramp.contracts.policy import EvidenceNeed
from offramp.contracts.uses import FACETS, Facets
from offramp.policy.table import facet_bits, need_bits
from support.policy_oracle import Point, forbidden, grid

ALL_EVIDENCE = need_bits(get_args(EvidenceNeed))


class Sampled(NamedTuple):
    """One declaration, and whether the floor must forbid it. Neither evidence nor other facets may matter."""

    facets: int
    evidence: int
    forbidden: bool


@cache
def every_point() -> list[Point]:
    """The whole grid."""
    return list(grid())


@cache
def sample(use: str) -> list[Sampled]:
    """A reproducible sample for one use."""
    chance = random.Random(use)  # noqa: S311  # a reproducible sample, not a secret
    return [
        Sampled(
            facet_bits(Facets(**{**point._asdict(), **_others(chance)})),
            chance.choice((0, ALL_EVIDENCE)),
            forbidden(use, point),
        )
        for point in chance.sample(every_point(), 3000)
    ]


def _others(chance: random.Random) -> dict[str, Any]:
    return {facet: chance.choice(FACETS[facet]) for facet in ("customer", "channel")}
