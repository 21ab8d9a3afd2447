"""Whether a drill may use a user's own endpoints: by the real orders and the real policy, not by the drill's copies."""

from datetime import UTC, datetime

from offramp.cli._readiness import readiness
from offramp.cli._standings import Step
from offramp.config import load_config
from offramp.errors import ConfigurationError, OfframpError, Prohibited
from offramp.policy import denial
from offramp_conformance.drill.settings import OwnConfig


def refuse_unless_permitted(own: OwnConfig, mission: str) -> None:
    """Look at the user's own state and policy files as they are now.

    Raises:
        Prohibited: an order stops one of the two endpoints, or the state cannot be read.
        PolicyDenied: the mission may not use one of them.
        ConfigurationError: the key of one of them cannot be read.
    """
    found = readiness(load_config(own.config), without=(), connect=None, now=datetime.now(UTC))
    for endpoint in found.endpoints:
        if endpoint.name in (own.first, own.second) and endpoint.key:
            raise ConfigurationError(endpoint.key, where=f"endpoints.{endpoint.name}.key", mend="set it, then drill")
    for standing in found.missions:
        if standing.mission == mission:
            for step in standing.steps:
                if step.endpoint in (own.first, own.second):
                    _refuse(step)


def _refuse(step: Step) -> None:
    why = _why(step)
    if why is not None:
        raise why


def _why(step: Step) -> OfframpError | None:
    match step.obstacle.kind if step.obstacle else None:
        case "order" | "state":
            return Prohibited(
                f"no drill at {step.endpoint}: {step.obstacle.why if step.obstacle else ''}",
                selector=None,
                epoch=None,
                mend="drill with other endpoints, or without --config, between emulated vendors",
            )
        case "policy":
            return denial(step.decision)
        case _:
            return None
