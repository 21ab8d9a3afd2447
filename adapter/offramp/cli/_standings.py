"""How endpoints and missions stand: what is in the way, what is about to end, and who would carry a call."""

from collections.abc import Iterable
from dataclasses import KW_ONLY
from datetime import datetime
from typing import Final, Literal, TypeAlias

from offramp.contracts.endpoint import Endpoint
from offramp.contracts.policy import Decision, Reason
from offramp.policy import PolicyWarning
from offramp.policy.moves import Move
from offramp.state import ReplicaStanding
from offramp.types import value

ObstacleKind: TypeAlias = Literal[
    "without", "order", "policy", "key", "capability", "oversight", "reach", "state", "log"
]
_ENDS_THE_CALL: Final[frozenset[ObstacleKind]] = frozenset({"policy", "key", "oversight", "state", "log"})


@value
class Obstacle:
    """Why an endpoint does not carry a mission."""

    kind: ObstacleKind
    why: str
    mend: str | None = None

    @property
    def ends_the_call(self) -> bool:
        """Whether a call that meets it fails there. Otherwise the route's next endpoint is asked."""
        return self.kind in _ENDS_THE_CALL


@value
class Standing:
    """One endpoint by itself."""

    endpoint: Endpoint
    _: KW_ONLY
    key: str | None
    """What is wrong with the key; None where it is at hand, or none is needed."""
    tried: bool
    """Whether connecting was tried. What is stopped is not connected to."""
    reach: str | None
    """What went wrong with connecting; None where nothing did, or nobody looked."""
    stop: str | None
    """What stops it: an order in force, or `--without`."""
    notes: tuple[str, ...]
    """What is about to end, and what is not known."""

    @property
    def name(self) -> str:
        """As the configuration calls it."""
        return self.endpoint.identity.endpoint


@value
class Step:
    """One endpoint on one mission's route."""

    endpoint: str
    obstacle: Obstacle | None
    decision: Decision
    until: datetime | None
    """The first instant at which policy denies; None where nothing that is known ends it."""


@value
class Darkness:
    """The instant from which policy lets nobody carry a mission, and the first ground of it."""

    at: datetime
    endpoint: str
    reason: Reason


@value
class MissionStanding:
    """Who can carry a mission."""

    mission: str
    _: KW_ONLY
    steps: tuple[Step, ...]
    goes_dark: Darkness | None
    """None: it is dark already, or nothing that is known ends it."""
    warnings: tuple[PolicyWarning, ...]
    refused: tuple[Reason, ...]
    """Signed policy files that did not hold, and gave way to the last good ones."""
    overseen: tuple[str, ...]
    """What people still have to do, and what is observed of the mission."""
    moves: tuple[Move, ...]
    """Endpoints that were taken off its route, and no file tells what they forbade."""

    @property
    def carriers(self) -> tuple[str, ...]:
        """The endpoints that a call would reach, in order. Empty: the mission goes dark."""
        return carriers_of(self.steps)


def carriers_of(steps: Iterable[Step]) -> tuple[str, ...]:
    """The endpoints that a call would reach, walking the route."""
    found: list[str] = []
    for step in steps:
        if step.obstacle is None:
            found.append(step.endpoint)
        elif step.obstacle.ends_the_call:
            break
    return tuple(found)


@value
class Readiness:
    """All that `offramp check` has found."""

    _: KW_ONLY
    endpoints: tuple[Standing, ...]
    missions: tuple[MissionStanding, ...]
    blocked: Obstacle | None
    """What is wrong with the state or the decision log; until it is mended nothing is sent."""
    ledger: str | None
    """What is wrong with the ledger; until it is mended no session is kept."""
    replicas: tuple[ReplicaStanding, ...]
    """The clients that run, each with what it says of its own files."""

    @property
    def dark(self) -> tuple[str, ...]:
        """The missions that nobody can carry."""
        return tuple(each.mission for each in self.missions if not each.carriers)
