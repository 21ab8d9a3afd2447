"""The policy files of a configuration: read once for all missions, compiled for each and its route."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from typing_extensions import TypeIs  # pydantic requires it; `typing` has it from Python 3.13

from offramp._policy_reader import reader_of
from offramp.catalog import load_profile, policy_text, vendor_names
from offramp.config import Config, EndpointTable, endpoint_of
from offramp.contracts.declaration import Organisation
from offramp.contracts.endpoint import Endpoint
from offramp.contracts.policy import PolicyContract
from offramp.contracts.policy_memory import Seen
from offramp.contracts.profile import VendorProfile
from offramp.contracts.uses import Channel
from offramp.errors import ConfigurationError, StateError
from offramp.policy import (
    CompiledPolicy,
    Loaded,
    PolicyFile,
    PolicyReader,
    PolicySources,
    Unreadable,
    compile_policy,
    contract_from,
    declaration_from,
    policy_from,
    waivers_from,
)
from offramp.policy.moves import Move, moves, seen_at
from offramp.policy.toml_text import contract_toml
from offramp.state.route_memory import FileRouteMemory
from offramp.types import value


@value
class SharedPolicy:
    """The policy files that all missions share."""

    organisations: tuple[Loaded[Organisation] | Unreadable, ...]
    contracts: tuple[Loaded[PolicyContract] | Unreadable, ...]
    reader: PolicyReader
    """For the files of single missions."""
    seen: Mapping[str, Seen]
    """What the terms of each endpoint forbid today, by its name, where that is known."""
    remembered: Mapping[str, Sequence[Seen]] | Unreadable
    """Every endpoint that was ever on a route, by mission."""


def read_policy(config: Config, *, today: date | None = None, remember: bool = False) -> SharedPolicy:
    """The configuration's own policy files, every vendor's shipped contract, and every agreement.

    What cannot be read stays in as such: it denies whatever it might have bound.

    Args:
        config: as loaded.
        today: UTC; the clock's where not given.
        remember: whether a signed file that is accepted here may never be rolled back.
    """
    today = today or datetime.now(UTC).date()
    reader = reader_of(config, today=today, remember=remember)
    organisations: list[Loaded[Organisation] | Unreadable] = []
    contracts: list[Loaded[PolicyContract] | Unreadable] = []
    for path in config.policy:
        read = reader.read(policy_from, config.at(path))
        if _is_organisation(read):
            organisations.append(read)
        else:
            contracts.append(read)
    tables = config.endpoints.values()
    for vendor in _vendors_of(config):
        shipped = policy_text(vendor)
        if shipped is not None:
            contracts.append(replace(contract_from(*shipped), shipped=True))
    agreements = dict.fromkeys(config.at(table.agreement) for table in tables if table.agreement)
    contracts.extend(reader.read(contract_from, path) for path in agreements)
    sources = _place_sources(config, organisations, contracts)
    identities = [endpoint_of(config, name).identity for name in config.endpoints]
    seen = {one.identity.endpoint: one for one in seen_at(identities, sources, today, channels=channels_of(config))}
    return SharedPolicy(tuple(organisations), tuple(contracts), reader, seen, _remembered(config))


def _vendors_of(config: Config) -> Iterator[str]:
    """Whose shipped contracts have a say: each endpoint's vendor, and the vendors whose own models it runs."""
    named: dict[str, None] = {}
    for name, table in config.endpoints.items():
        named[table.vendor] = None
        developer = endpoint_of(config, name).identity.developer
        if policy_text(table.vendor) is None or developer != load_profile(table.vendor).developer:
            named |= dict.fromkeys(each for each in vendor_names() if _develops(each, developer))
    return iter(named)


def _develops(vendor: str, developer: str) -> bool:
    try:
        known = load_profile(vendor).developer
    except ConfigurationError:
        return False  # somebody's broken package; without its contract the developer's terms are missing, which denies
    return known is not None and known.casefold() == developer.casefold()


def channels_of(config: Config) -> dict[str, Channel]:
    """How each endpoint is reached, where that is known."""
    known: dict[str, Channel] = {}
    for name, table in config.endpoints.items():
        channel = table.channel or load_profile(table.vendor).channel
        if channel is not None:
            known[name] = channel
    return known


def unresearched_in(config: Config) -> frozenset[str]:
    """Endpoints at somebody else's host for whom no contract ships: the vendor has none, or the host is another."""
    channels = channels_of(config)
    return frozenset(
        name
        for name, table in config.endpoints.items()
        if channels.get(name) not in ("self-host", "edge")
        and (policy_text(table.vendor) is None or _is_elsewhere(table, load_profile(table.vendor)))
    )


def _is_elsewhere(table: EndpointTable, profile: VendorProfile) -> bool:
    """Whether it is neither the vendor's own host nor that of the models' developer."""
    return table.host not in (None, profile.host, table.developer) or table.reseller not in (None, profile.reseller)


def place_sources(config: Config, shared: SharedPolicy) -> PolicySources:
    """The files that have a say at an endpoint whatever the mission is."""
    return _place_sources(config, shared.organisations, shared.contracts)


def _place_sources(
    config: Config,
    organisations: Sequence[Loaded[Organisation] | Unreadable],
    contracts: Sequence[Loaded[PolicyContract] | Unreadable],
) -> PolicySources:
    return PolicySources(
        declaration=Unreadable(where="", what="no mission is looked at"),
        organisations=organisations,
        contracts=contracts,
        allow_unreviewed=config.allow_unreviewed,
        unresearched=unresearched_in(config),
    )


def _remembered(config: Config) -> Mapping[str, Sequence[Seen]] | Unreadable:
    try:
        return FileRouteMemory.beside(config.state, config.folder).seen()
    except StateError as error:
        return Unreadable(where="the memory of routes", what=str(error))


def remember_routes(config: Config, shared: SharedPolicy) -> None:
    """Keep who is on each route, so that nobody leaves it without a word. Raises StateError."""
    if isinstance(shared.remembered, Unreadable):
        return  # it denies everything; what is in it is not to be lost
    now = {name: _live(config, name, shared) for name in config.missions}
    FileRouteMemory.beside(config.state, config.folder).remember(now)


def moves_of(config: Config, name: str, shared: SharedPolicy) -> tuple[Move, ...]:
    """Who was taken off a mission's route without a file that tells what they forbade."""
    if isinstance(shared.remembered, Unreadable):
        return ()
    contracts = [one for one in shared.contracts if isinstance(one, Loaded)]
    return moves(shared.remembered.get(name, ()), _live(config, name, shared), contracts)


def _live(config: Config, name: str, shared: SharedPolicy) -> list[Seen]:
    table = config.missions[name]
    return [shared.seen[each] for each in (*table.route, *table.formerly) if each in shared.seen]


def _is_organisation(read: PolicyFile | Unreadable) -> TypeIs[Loaded[Organisation]]:
    return isinstance(read, Loaded) and isinstance(read.content, Organisation)


def compiled_policy(
    config: Config, name: str, endpoints: Mapping[str, Endpoint], shared: SharedPolicy
) -> CompiledPolicy:
    """One mission's policy, on all endpoints of its route and those that were taken off it."""
    table, reader = config.missions[name], shared.reader
    unreadable = [shared.remembered] if isinstance(shared.remembered, Unreadable) else []
    sources = PolicySources(
        declaration=reader.read(declaration_from, config.at(table.declaration)),
        organisations=shared.organisations,
        contracts=[*shared.contracts, *unreadable],
        remembered=[_as_read(contract) for move in moves_of(config, name, shared) for contract in move.contracts],
        waivers=[reader.read(waivers_from, config.at(path)) for path in table.waivers],
        former_declarations=[reader.insist(declaration_from, config.at(path)) for path in table.former_declarations],
        allow_unreviewed=config.allow_unreviewed,
        unresearched=unresearched_in(config),
    )
    return compile_policy(
        name,
        sources,
        route=[endpoints[each].identity for each in table.route],
        formerly=[endpoints[each].identity for each in table.formerly],
        channels=channels_of(config),
    )


def _as_read(contract: PolicyContract) -> Loaded[PolicyContract]:
    """A contract out of the memory of routes."""
    sha256 = hashlib.sha256(contract_toml(contract).encode()).hexdigest()
    return Loaded(contract, where="the memory of routes", sha256=sha256)
