"""Endpoints that were taken off a route without a word: what they forbade still holds, and the move is told.

A move that the files tell of, by `formerly` or by a carry-over contract, needs no memory.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, replace
from datetime import date

from offramp.contracts.policy import PolicyContract
from offramp.contracts.policy_memory import Seen
from offramp.contracts.uses import Channel
from offramp.policy.carry import carry_over
from offramp.policy.documents import Loaded, PolicySources
from offramp.policy.position import position_of_endpoint
from offramp.types import Identity, value


@value
class Move:
    """An endpoint that was left, and what of its terms no file carries over."""

    _: KW_ONLY
    identity: Identity
    last_seen: date
    contracts: tuple[PolicyContract, ...]

    def __str__(self) -> str:
        documents = ", ".join(f"{one.name} {one.version}" for one in self.contracts)
        who = f"{self.identity.endpoint} ({self.identity.developer} at {self.identity.host})"
        held = f"What {documents} forbids holds on, unless it is waived, and no file says so"
        return f"{who} was on its route until {self.last_seen}. {held}"

    @property
    def mend(self) -> str:
        """How the files come to tell of it."""
        name = self.identity.endpoint
        return f'list it, formerly = ["{name}"], or write it down: offramp policy carry-over {name}'


def seen_at(
    identities: Iterable[Identity], sources: PolicySources, day: date, *, channels: Mapping[str, Channel]
) -> tuple[Seen, ...]:
    """What the terms of each of these endpoints forbid on this day. Whose is not known is left out."""
    positions = [(one, position_of_endpoint(one, sources, day, channels=channels)) for one in identities]
    known = [(one, position) for one, position in positions if position.why_unknown is None]
    return tuple(Seen(identity=one, on=day, contracts=carry_over(position, day)) for one, position in known)


def moves(seen: Iterable[Seen], live: Sequence[Seen], contracts: Iterable[Loaded[PolicyContract]]) -> tuple[Move, ...]:
    """The endpoints that were left, as far as nothing else tells what they forbid.

    Args:
        seen: every endpoint that was ever on the route.
        live: those that are on it, or listed as formerly on it.
        contracts: the files of the configuration.
    """
    carried = [one.content for one in contracts if one.content.layer == "carry-over"]
    gone = [one for one in seen if one.place not in [other.place for other in live]]
    left = [(one, tuple(_untold(one, live, carried))) for one in gone]
    return tuple(Move(identity=one.identity, last_seen=one.on, contracts=rest) for one, rest in left if rest)


def _untold(gone: Seen, live: Sequence[Seen], carried: Sequence[PolicyContract]) -> Iterator[PolicyContract]:
    for contract in gone.contracts:
        if not (_is_live(contract, gone, live) or any(_carries(one, contract) for one in carried)):
            yield contract


def _is_live(contract: PolicyContract, gone: Seen, live: Sequence[Seen]) -> bool:
    """Whether the document still binds: in any version at the same endpoint with another model, else word by word."""
    return any(
        _same_text(other, contract)
        or (other.name == contract.name and _same_but_for_the_model(one.identity, gone.identity))
        for one in live
        for other in one.contracts
    )


def _same_text(one: PolicyContract, other: PolicyContract) -> bool:
    return (one.name, one.version, one.clauses) == (other.name, other.version, other.clauses)


def _same_but_for_the_model(one: Identity, other: Identity) -> bool:
    return replace(one, model="", account=None) == replace(other, model="", account=None)


def _carries(carried: PolicyContract, contract: PolicyContract) -> bool:
    return _same_text(carried, contract) and set(contract.carried_from) <= set(carried.carried_from)
