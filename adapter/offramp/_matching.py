"""Which endpoints could carry a mission, by what they are known to do. Neither policy nor orders are asked."""

from collections.abc import Sequence

from offramp.config import Config, demand_of, endpoint_of
from offramp.errors import ConfigurationError
from offramp.negotiation import Negotiation, negotiate
from offramp.types import value


@value
class Match:
    """A mission's demands held against endpoints."""

    mission: str
    negotiations: tuple[Negotiation, ...]
    """One an endpoint."""

    @property
    def fitting(self) -> tuple[str, ...]:
        """The endpoints that meet all of it."""
        return tuple([each.endpoint for each in self.negotiations if each.fits])


def match_mission(config: Config, mission: str, endpoints: Sequence[str] = ()) -> Match:
    """Hold a mission's demands against endpoints.

    Args:
        config: as read by `load_config`.
        mission: its name.
        endpoints: their names, on its route or not. None given: those of its route.

    Raises:
        ConfigurationError: there is no such mission or endpoint, or its schema of answers cannot be read.
    """
    if mission not in config.missions:
        raise _unknown("mission", mission, sorted(config.missions))
    for name in endpoints:
        if name not in config.endpoints:
            raise _unknown("endpoint", name, sorted(config.endpoints))
    demand = demand_of(config, mission)
    names = dict.fromkeys(endpoints or config.missions[mission].route)
    return Match(mission, tuple([negotiate(demand, endpoint_of(config, name)) for name in names]))


def _unknown(what: str, name: str, known: Sequence[str]) -> ConfigurationError:
    return ConfigurationError(f"there is no {what} {name!r}", mend=f"use one of {', '.join(known)}")
