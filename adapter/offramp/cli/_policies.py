"""Every mission's policy as the configuration has it, for the commands that only look."""

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from offramp._policy_files import compiled_policy, moves_of, read_policy
from offramp.config import endpoint_of, load_config
from offramp.contracts.declaration import Declaration
from offramp.contracts.policy import Decision
from offramp.errors import ConfigurationError
from offramp.policy import CompiledPolicy
from offramp.policy.moves import Move
from offramp.types import Identity, value

OnOption = Annotated[datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="Decide as on this day, UTC.")]
MissionArgument = Annotated[str, typer.Argument(help="The mission's name in the configuration.")]


@value
class Policies:
    """Of all missions."""

    _: KW_ONLY
    of: Mapping[str, CompiledPolicy]
    routes: Mapping[str, Sequence[Identity]]
    moves: Mapping[str, Sequence[Move]]
    """Endpoints that were taken off a route, and no file tells what they forbade."""

    def mission(self, name: str, *, where: Path) -> CompiledPolicy:
        """One of them. Raises ConfigurationError."""
        if name not in self.of:
            raise ConfigurationError(f"there is no mission {name!r}", where=str(where), mend=one_of(list(self.of)))
        return self.of[name]


@value
class Cell:
    """One mission at one endpoint."""

    decision: Decision
    until: datetime | None
    """The first instant of denial; None where nothing that is known ends it."""
    declaration: Declaration | None
    """What the mission declares; None where it could not be read."""


def policies_in(file: Path) -> Policies:
    """Read and compile them. Raises ConfigurationError."""
    config = load_config(file)
    endpoints = {name: endpoint_of(config, name) for name in config.endpoints}
    shared = read_policy(config)
    return Policies(
        of={name: compiled_policy(config, name, endpoints, shared) for name in config.missions},
        moves={name: moves_of(config, name, shared) for name in config.missions},
        routes={name: [endpoints[one].identity for one in table.route] for name, table in config.missions.items()},
    )


def cells_of(policies: Policies, at: datetime, *, mission: str | None = None) -> list[Cell]:
    """Every mission, or one, at every endpoint of its route."""
    return [
        Cell(
            policy.decide(identity, at),
            policy.allowed_until(identity, at),
            policy.case.declaration if policy.case else None,
        )
        for name, policy in policies.of.items()
        if mission in (None, name)
        for identity in policies.routes[name]
    ]


def verdict(cells: Sequence[Cell]) -> int:
    """The exit code: 1 where anything is denied."""
    return 0 if all(cell.decision.allowed for cell in cells) else 1


def instant(on: datetime | None) -> datetime:
    """The day that was named, or now."""
    return on.replace(tzinfo=UTC) if on else datetime.now(UTC)


def one_of(names: Sequence[str]) -> str:
    """A mend that lists what there is."""
    return f"use one of {', '.join(names)}"
