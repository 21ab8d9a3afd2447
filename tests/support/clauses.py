"""A pool of clauses made by chance, always the same."""

import random

from offramp.contracts.policy import Clause, ClauseException, Conditions, NotIn
from offramp.contracts.uses import FACETS, UNSTATED, USE_CODES
from support.policies import clause

_CHANCE = random.Random(20261123)  # noqa: S311  # a reproducible pool, not a secret
_PATTERNS = ("*", "gen.*", "surv.*", "force.*", "decide.*", *USE_CODES[::5])


def _conditions(*, unstated: bool) -> Conditions:
    """Up to two conditions, by chance."""
    when: Conditions = {}
    for facet in _CHANCE.sample(list(FACETS), _CHANCE.randrange(3)):
        words = [word for word in FACETS[facet] if unstated or word != UNSTATED]
        names = tuple(_CHANCE.sample(words, _CHANCE.randint(1, 3)))
        when[facet] = names if _CHANCE.random() < 0.6 else NotIn(not_in=names)
    return when


def _clause(effect: str) -> Clause:
    exempt = ClauseException(
        uses=(_CHANCE.choice(_PATTERNS),), when=_conditions(unstated=effect == "permit"), needs=("role",)
    )
    return clause(
        effect,
        *_CHANCE.sample(_PATTERNS, 2),
        when=_conditions(unstated=effect == "forbid"),
        exceptions=(exempt,) if _CHANCE.random() < 0.3 else (),
    )


# A pool made by chance once: hypothesis choosing from it is fifty times faster than hypothesis making each clause.
FORBIDS = [_clause("forbid") for _ in range(150)]
PERMITS = [clause("permit", "*", id="all"), *(_clause("permit") for _ in range(50))]
