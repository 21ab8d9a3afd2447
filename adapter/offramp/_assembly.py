"""A client's parts, made from its configuration: state, gate, log, ledger, and each mission with policy and route."""

from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, replace
from datetime import UTC, date, datetime
from functools import partial

from typing_extensions import TypeIs  # pydantic requires it; `typing` has it from Python 3.13

from offramp._exchange import Exchange
from offramp._mission import Lane, MissionPlan
from offramp._oversight import Books, Overseer
from offramp._policy_book import PolicyBook
from offramp._policy_reader import reader_of
from offramp.audit import DecisionLog, signed_by
from offramp.catalog import load_profile, policy_text, provider_for, vendor_names
from offramp.config import Config, EndpointTable, demand_of, endpoint_of
from offramp.contracts.clock import Clock, SystemClock
from offramp.contracts.declaration import Organisation
from offramp.contracts.endpoint import Endpoint
from offramp.contracts.ledger import Ledger
from offramp.contracts.policy import PolicyContract
from offramp.contracts.profile import VendorProfile
from offramp.contracts.provider import Provider
from offramp.contracts.state import PermissionStore
from offramp.contracts.uses import Channel
from offramp.errors import ConfigurationError
from offramp.negotiation import severity_of
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
from offramp.resilience import Breakers, RetryPolicy
from offramp.sessions import open_ledger
from offramp.state import FileApprovalBook, FileUseBook, FileWatchBook, OversightFile, StateGate, open_store
from offramp.types import value


@value
class Parts:
    """What one client holds, and closes."""

    _: KW_ONLY
    clock: Clock
    store: PermissionStore
    log: DecisionLog
    gate: StateGate
    ledger: Ledger
    exchange: Exchange
    providers: Mapping[str, Provider]
    plans: Mapping[str, MissionPlan]
    oversight: OversightFile
    books: Books
    book: PolicyBook
    """Every mission's policy, as the files have it now."""

    async def aclose(self) -> None:
        """Close all of it, the gate first: nothing is sent from then on. Safe to call twice."""
        self.gate.close()
        for provider in self.providers.values():
            await provider.aclose()
        await self.ledger.aclose()
        self.log.close()
        self.oversight.close()
        self.store.close()


def assemble(config: Config, providers: Mapping[str, Provider], clock: Clock | None) -> Parts:
    """Open what the configuration names. Nothing is sent.

    Raises:
        ConfigurationError, StateError: something is missing, contradictory or unreadable.
    """
    clock = clock or SystemClock()
    endpoints = {name: endpoint_of(config, name) for name in config.endpoints}
    book = PolicyBook(config, partial(_policies, config, endpoints, clock), clock=clock)
    plans = plan_missions(config, made := providers_of(endpoints, providers), Breakers(clock), book)
    operators = config.at(config.operators) if config.operators else None
    store = open_store(config.state, base=config.folder, operators=operators, clock=clock)
    key = config.at(config.audit_key) if config.audit_key else None
    log = DecisionLog(config.at(config.audit), clock=clock, checkpointing=signed_by(key))
    gate = StateGate(store, clock=clock, log=log)
    retry = RetryPolicy()
    books = books_of(oversight := OversightFile.beside(config.state, config.folder, clock=clock))
    overseer = Overseer(
        books,
        approvers=config.at(config.approvers) if config.approvers else None,
        keep_content=config.approvals.keep_content,
        wait_s=config.approvals.wait_s,
        clock=clock,
        log=log,
    )
    return Parts(
        clock=clock,
        store=store,
        log=log,
        gate=gate,
        ledger=ledger_of(config, clock=clock),
        exchange=Exchange(gate=gate, log=log, clock=clock, retry=retry, budget=retry.budget(clock), overseer=overseer),
        oversight=oversight,
        books=books,
        providers=made,
        plans=plans,
        book=book,
    )


def ledger_of(config: Config, *, clock: Clock | None = None) -> Ledger:
    """The ledger that a configuration names. Its file is not opened yet."""
    table = config.ledger
    return open_ledger(table.url, base=config.folder, retention_days=table.retention_days, clock=clock)


def books_of(file: OversightFile) -> Books:
    """Where oversight is kept, beside the state."""
    return Books(FileApprovalBook(file), FileWatchBook(file), FileUseBook(file))


def _policies(config: Config, endpoints: Mapping[str, Endpoint], clock: Clock) -> dict[str, CompiledPolicy]:
    """Every mission's policy, read anew. What is accepted here may never be rolled back."""
    shared = read_policy(config, today=clock.now().date(), remember=True)
    return {name: compiled_policy(config, name, endpoints, shared) for name in config.missions}


def providers_of(endpoints: Mapping[str, Endpoint], given: Mapping[str, Provider]) -> dict[str, Provider]:
    """A provider for each endpoint: the caller's own where given, else by its profile."""
    unknown = given.keys() - endpoints.keys()
    if unknown:
        raise ConfigurationError(
            f"a provider is given for {sorted(unknown)[0]!r}, which is not configured", mend="add it to [endpoints]"
        )
    return {name: given.get(name) or provider_for(endpoint) for name, endpoint in endpoints.items()}


def plan_missions(
    config: Config, providers: Mapping[str, Provider], breakers: Breakers, book: PolicyBook
) -> dict[str, MissionPlan]:
    """Every mission with its route made ready."""
    return {
        name: MissionPlan(
            name,
            lanes=tuple(Lane(providers[each], breakers.of(each), providers[each].endpoint) for each in table.route),
            book=book,
            demand=demand_of(config, name),
            max_loss=severity_of(table.max_loss),
            weights=dict(table.weights),
            timeout_s=table.timeout_s,
        )
        for name, table in config.missions.items()
    }


@value
class SharedPolicy:
    """The policy files that all missions share."""

    organisations: tuple[Loaded[Organisation] | Unreadable, ...]
    contracts: tuple[Loaded[PolicyContract] | Unreadable, ...]
    reader: PolicyReader
    """For the files of single missions."""


def read_policy(config: Config, *, today: date | None = None, remember: bool = False) -> SharedPolicy:
    """The configuration's own policy files, every vendor's shipped contract, and every agreement.

    What cannot be read stays in as such: it denies whatever it might have bound.

    Args:
        config: as loaded.
        today: UTC; the clock's where not given.
        remember: whether a signed file that is accepted here may never be rolled back.
    """
    reader = reader_of(config, today=today or datetime.now(UTC).date(), remember=remember)
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
    return SharedPolicy(tuple(organisations), tuple(contracts), reader)


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
    return PolicySources(
        declaration=Unreadable(where="", what="no mission is looked at"),
        organisations=shared.organisations,
        contracts=shared.contracts,
        allow_unreviewed=config.allow_unreviewed,
        unresearched=unresearched_in(config),
    )


def _is_organisation(read: PolicyFile | Unreadable) -> TypeIs[Loaded[Organisation]]:
    return isinstance(read, Loaded) and isinstance(read.content, Organisation)


def compiled_policy(
    config: Config, name: str, endpoints: Mapping[str, Endpoint], shared: SharedPolicy
) -> CompiledPolicy:
    """One mission's policy, on all endpoints of its route and those that were taken off it."""
    table, reader = config.missions[name], shared.reader
    sources = PolicySources(
        declaration=reader.read(declaration_from, config.at(table.declaration)),
        organisations=shared.organisations,
        contracts=shared.contracts,
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
