"""A vendor's profile: where to talk, and to whom. Data only, read from `profile.toml`."""

from dataclasses import KW_ONLY, field, replace
from datetime import date
from fnmatch import fnmatchcase
from typing import Literal, TypeAlias

from offramp.contracts.capability import Capability, Requirement
from offramp.contracts.evidence import Evidence
from offramp.contracts.offer import Offer
from offramp.contracts.uses import Channel
from offramp.types import value

Option: TypeAlias = bool | int | float | str | tuple[str, ...]


@value
class ModelFacts:
    """What is known of one model. None is unknown."""

    _: KW_ONLY
    developer: str | None = None
    """None: the vendor's own `developer`."""
    context_tokens: int | None = None
    max_output_tokens: int | None = None
    deprecated: date | None = None
    retires: date | None = None
    successor: str | None = None
    evidence: Evidence
    capabilities: dict[Requirement, Capability] = field(default_factory=dict[Requirement, Capability])
    """Where this model differs from its vendor's table."""
    offers: tuple[Offer, ...] = ()
    """Prices, speed and terms of this model, one table a source. What an earlier one states wins."""
    served_as: tuple[str, ...] = ()
    """Names under which the vendor reports this model in answers; shell patterns allowed."""
    options: dict[str, Option] = field(default_factory=dict[str, Option])


@value
class ModelFamily:
    """What holds for all models whose names fit a pattern. Never whose they are: no order rests on how a name looks."""

    _: KW_ONLY
    evidence: Evidence
    capabilities: dict[Requirement, Capability] = field(default_factory=dict[Requirement, Capability])
    options: dict[str, Option] = field(default_factory=dict[str, Option])


@value
class FurtherApi:
    """Another API of the same host, at the same address and with the same key, in another dialect."""

    _: KW_ONLY
    evidence: Evidence
    capabilities: dict[Requirement, Capability]
    """Where it differs from the vendor's table."""
    default_max_output_tokens: int | None = None
    routing_fields: tuple[str, ...] = ()
    options: dict[str, Option] = field(default_factory=dict[str, Option])
    """In place of the vendor's, in the names of its own dialect."""


@value
class VendorProfile:
    """One vendor: how it is reached, what it claims, on what evidence."""

    _: KW_ONLY
    schema: Literal[1]
    vendor: str
    title: str
    developer: str | None = None
    """The default developer of its models. None: it runs models of many; an endpoint says whose its own is."""
    host: str | None = None
    """Who runs them. None: it passes requests on to many; an endpoint says to whom."""
    reseller: str | None = None
    channel: Channel | None = None
    """How it is reached, where that is always the same: `self-host` for a server that its user runs."""
    dialect: str
    apis: dict[str, FurtherApi] = field(default_factory=dict[str, FurtherApi])
    """Further APIs by their dialects, for endpoints that name one."""
    base_url: str
    """May hold a `{place}` that differs by customer. `{region}` and `{account}` are the endpoint's own; for any other,
    such as a resource's name, the endpoint gives the whole address."""
    addresses: dict[str, str] = field(default_factory=dict[str, str])
    """Base URLs of single regions, where they are not built as `base_url` is."""
    auth: Literal["bearer", "bearer-optional", "x-api-key", "api-key", "x-goog-api-key", "sigv4", "none"]
    """Where the key goes. `bearer-optional`: a server that asks for one only if its operator has set one. `sigv4`: an
    access key signs each request; a key of another form is a bearer token."""
    key_variable: str | None = None
    """The environment variable from which its own SDK reads the key. None: its name in capitals, and `_API_KEY`."""
    first_choice: str | None = None
    """Why `offramp init` takes it where nobody names a vendor and no key is set. None: it is not among the first."""
    signing: str | None = None
    """The service that signatures are made for."""
    framing: Literal["aws_event_chunks"] | None = None
    """How events lie in its streams, where that is not as its dialect has it."""
    headers: dict[str, str] = field(default_factory=dict[str, str])
    """Sent with every request; never a secret."""
    evidence: Evidence
    """Of the address, the authentication and the headers."""
    default_max_output_tokens: int | None = None
    """Given where the dialect requires a bound and the caller gave none; recorded as an injected loss."""
    capabilities: dict[Requirement, Capability]
    offers: tuple[Offer, ...] = ()
    """Terms that hold for all its models, one table a source. What a model's own states wins."""
    routing_fields: tuple[str, ...] = ()
    """Vendor fields that decide who sees the data and may be used here. All others are refused."""
    options: dict[str, Option] = field(default_factory=dict[str, Option])
    """Rules of this host, in the names that its dialect documents."""
    models: dict[str, ModelFacts] = field(default_factory=dict[str, ModelFacts])
    families: dict[str, ModelFamily] = field(default_factory=dict[str, ModelFamily])
    """By shell pattern of models' names. Of several that fit, the longest holds; what a model's own table says wins."""
    sources: dict[str, str] = field(default_factory=dict[str, str])
    """Where documents that claims name, such as a specification with its version, can be opened: https addresses."""

    def facts_of(self, model: str) -> ModelFacts | None:
        """What is known of a model, its family's rules included. None: nothing but what holds for all."""
        own, family = self.models.get(model), self.families.get(self.family_of(model) or "")
        if family is None:
            return own
        if own is None:
            own = ModelFacts(evidence=family.evidence)
        return replace(
            own,
            capabilities={**family.capabilities, **own.capabilities},
            options={**family.options, **own.options},
        )

    def family_of(self, model: str) -> str | None:
        """The pattern that holds for a model. None: its name fits no family's."""
        return max((each for each in self.families if fnmatchcase(model, each)), key=len, default=None)

    @property
    def dialects(self) -> tuple[str, ...]:
        """All that it speaks, its own first."""
        return (self.dialect, *self.apis)

    def speaking(self, dialect: str) -> "VendorProfile":
        """The profile of the API in this dialect, which must be one of `dialects`."""
        if dialect == self.dialect:
            return self
        api = self.apis[dialect]
        return replace(
            self,
            dialect=dialect,
            capabilities={**self.capabilities, **api.capabilities},
            default_max_output_tokens=api.default_max_output_tokens,
            routing_fields=api.routing_fields,
            options=api.options,
        )
