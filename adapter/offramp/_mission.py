"""A mission as it is held in memory: its route, its policy, and what it demands."""

from dataclasses import KW_ONLY, field

from offramp._policy_book import PolicyBook
from offramp.contracts.capability import Requirement
from offramp.contracts.endpoint import Endpoint
from offramp.contracts.needs import Demand
from offramp.contracts.provider import Provider
from offramp.negotiation import Negotiation, negotiate
from offramp.policy import CompiledPolicy
from offramp.resilience.breaker import CircuitBreaker
from offramp.routing import RouteDecision, choose
from offramp.types import Severity, filled, value


@value
class Lane:
    """One endpoint of a route, ready to be asked."""

    provider: Provider
    breaker: CircuitBreaker
    endpoint: Endpoint
    """Whom it asks."""

    @property
    def name(self) -> str:
        """The endpoint's name in the configuration."""
        return self.endpoint.identity.endpoint


@value
class MissionPlan:
    """An application's named need."""

    name: str
    _: KW_ONLY
    lanes: tuple[Lane, ...]
    """In order of preference."""
    book: PolicyBook
    """Holds the policies of all missions as they are now."""
    demand: Demand
    max_loss: Severity
    weights: dict[str, float]
    timeout_s: float
    usual_route: RouteDecision = field(init=False, repr=False)
    """The lanes in their order, for a call that belongs to no endpoint yet. With weights each call has its own."""
    _negotiated: dict[tuple[str, frozenset[Requirement]], Negotiation] = field(
        default_factory=dict[tuple[str, frozenset[Requirement]], Negotiation], repr=False
    )

    def __post_init__(self) -> None:
        """Put the lanes in a row once, not for every call."""
        filled(self, usual_route=choose([each.endpoint.identity for each in self.lanes], conversation=""))

    @property
    def policy(self) -> CompiledPolicy:
        """As its files have it now. Whoever decides more than once by the same one keeps it."""
        return self.book.now().policies[self.name]

    def negotiated(self, endpoint: Endpoint, implied: frozenset[Requirement]) -> Negotiation:
        """How an endpoint of the route meets the mission's demands and what a request implies; worked out once."""
        key = endpoint.identity.endpoint, implied
        known = self._negotiated.get(key)
        if known is None:
            known = self._negotiated[key] = negotiate(self.demand, endpoint, implied=implied)
        return known

    def lane(self, endpoint: str) -> Lane:
        """The lane of one endpoint of the route."""
        for lane in self.lanes:
            if lane.endpoint.identity.endpoint == endpoint:
                return lane
        raise KeyError(endpoint)

    def route_for(self, conversation: str, *, preferred: str | None) -> RouteDecision:
        """Whom to ask, in order.

        Args:
            conversation: its id; for a single exchange, the call's.
            preferred: the endpoint that it is with already.
        """
        if preferred is None and not self.weights:
            return self.usual_route
        route = self.usual_route.order
        return choose(route, conversation=conversation, weights=self.weights, sticky_to=preferred)
