"""An endpoint: who is asked, where, by which rules, and what is claimed of it."""

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, field
from typing import Any

from offramp.contracts.capability import Capability, Requirement
from offramp.contracts.dialect import Target
from offramp.contracts.evidence import Evidence
from offramp.contracts.lapses import Lapses
from offramp.contracts.offer import Offer, Price
from offramp.contracts.profile import ModelFacts, Option, VendorProfile
from offramp.contracts.transport import Deadlines, Network
from offramp.types import Identity, Origin, value


@value
class Endpoint:
    """One model at one host under one agreement, with all that is needed to reach it."""

    _: KW_ONLY
    identity: Identity
    profile: VendorProfile
    base_url: str
    key: Callable[[], str | None]
    """Reads the credential at the moment of use; None where the host needs none. Never stored, never printed."""
    deadlines: Deadlines = field(default_factory=Deadlines)
    network: Network = field(default_factory=Network)
    """For the transport that the endpoint opens itself. One that is handed in keeps its own."""
    options: Mapping[str, Option] = field(default_factory=dict[str, Option])
    """The profile's options with the model's and the configuration's on top."""
    claims: Mapping[Requirement, Capability] = field(default_factory=dict[Requirement, Capability])
    """What the configuration itself claims of this endpoint. It wins over the profile."""
    lapses: Mapping[Requirement, tuple[Lapses, Evidence]] = field(
        default_factory=dict[Requirement, tuple[Lapses, Evidence]]
    )
    """How often what works here was seen to fail all the same. No claim is untrue for it."""
    offers: tuple[Offer, ...] = ()
    """What the configuration itself states of this endpoint, such as an agreement's terms. It wins over the profile."""

    @property
    def facts(self) -> ModelFacts | None:
        """What the profile knows of this endpoint's model."""
        return self.profile.models.get(self.identity.model)

    def capability(self, requirement: Requirement) -> Capability | None:
        """The claim about one requirement: the configuration's, else the model's, else the vendor's. None: nobody's."""
        if requirement in self.claims:
            return self.claims[requirement]
        facts = self.facts
        if facts is not None and requirement in facts.capabilities:
            return facts.capabilities[requirement]
        return self.profile.capabilities.get(requirement)

    def offered(self, name: str) -> tuple[Any, Evidence] | None:
        """What is stated of one field of `Offer`, and on what evidence. None: nobody states it."""
        for offer in (*self.offers, *self._profiled_offers()):
            stated: object = getattr(offer, name)
            if stated is not None:
                return stated, offer.evidence
        return None

    @property
    def prices(self) -> tuple[tuple[Price, Evidence], ...]:
        """Every price that is stated, and on what evidence. Of those that hold for a request, the first counts."""
        return tuple((each.price, each.evidence) for each in (*self.offers, *self._profiled_offers()) if each.price)

    def _profiled_offers(self) -> tuple[Offer, ...]:
        facts = self.facts
        if facts is None:
            return self.profile.offers
        sizes = Offer(
            evidence=facts.evidence, context_tokens=facts.context_tokens, max_output_tokens=facts.max_output_tokens
        )
        return (*facts.offers, sizes, *self.profile.offers)

    @property
    def origin(self) -> Origin:
        """As it is stamped on what this endpoint answers."""
        who = self.identity
        return Origin(
            developer=who.developer,
            host=who.host,
            dialect=self.profile.dialect,
            model=who.model,
            account=who.account,
            region=who.region,
        )

    @property
    def target(self) -> Target:
        """As encoders see it."""
        bound = self.facts.max_output_tokens if self.facts else None
        default = self.profile.default_max_output_tokens
        if default is not None and bound is not None:
            default = min(default, bound)
        return Target(origin=self.origin, default_max_output_tokens=default, options=self.options)
