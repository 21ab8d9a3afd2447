"""A mission as it is held in memory: its route, its policy, and what it demands."""

from dataclasses import KW_ONLY, field

from offramp.contracts.capability import Requirement
from offramp.contracts.needs import Demand
from offramp.contracts.provider import Endpoint, Provider
from offramp.negotiation import Negotiation, negotiate
from offramp.policy import CompiledPolicy
from offramp.resilience.breaker import CircuitBreaker
from offramp.types import Severity, value


@value
class Lane:
    """One endpoint of a route, ready to be asked."""

    provider: Provider
    breaker: CircuitBreaker

    @property
    def endpoint(self) -> Endpoint:
        """Whom it asks."""
        return self.provider.endpoint

    @property
    def name(self) -> str:
        """The endpoint's name in the configuration."""
        return self.provider.endpoint.identity.endpoint


@value
class MissionPlan:
    """An application's named need."""

    name: str
    _: KW_ONLY
    lanes: tuple[Lane, ...]
    """In order of preference."""
    policy: CompiledPolicy
    demand: Demand
    max_loss: Severity
    weights: dict[str, float]
    timeout_s: float
    _negotiated: dict[tuple[str, frozenset[Requirement]], Negotiation] = field(
        default_factory=dict[tuple[str, frozenset[Requirement]], Negotiation], repr=False
    )

    def negotiated(self, endpoint: Endpoint, implied: frozenset[Requirement]) -> Negotiation:
        """How an endpoint of the route meets the mission's demands and what a request implies; worked out once."""
        key = endpoint.identity.endpoint, implied
        known = self._negotiated.get(key)
        if known is None:
            known = self._negotiated[key] = negotiate(self.demand, endpoint, implied=implied)
        return known

    def lane(self, endpoint: str) -> Lane:
        """The lane of one endpoint of the route."""
        return next(lane for lane in self.lanes if lane.name == endpoint)
