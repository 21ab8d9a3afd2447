"""A client's parts, made from its configuration: state, gate, log, ledger, and each mission with policy and route."""

from collections.abc import Mapping
from dataclasses import KW_ONLY
from functools import partial

from offramp._exchange import Exchange
from offramp._mission import Lane, MissionPlan
from offramp._notices import ConfigWatch, Notices
from offramp._operations import count_for_size
from offramp._oversight import Books, Overseer
from offramp._policy_book import PolicyBook
from offramp._policy_files import compiled_policy, read_policy, remember_routes
from offramp.audit import DecisionLog, signed_by
from offramp.catalog import provider_for
from offramp.config import Config, demand_of, endpoint_of
from offramp.contracts.clock import Clock, SystemClock
from offramp.contracts.endpoint import Endpoint
from offramp.contracts.ledger import Ledger
from offramp.contracts.provider import Provider
from offramp.contracts.state import PermissionStore
from offramp.errors import ConfigurationError
from offramp.negotiation import severity_of
from offramp.oversight import Approvers
from offramp.policy import CompiledPolicy
from offramp.resilience import Breakers, RetryPolicy
from offramp.sessions import open_ledger
from offramp.state import PROMPT_S, FileApprovalBook, FileUseBook, FileWatchBook, OversightFile, StateGate, open_store
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
    notices = Notices(book, ConfigWatch(config, clock=clock))
    gate = StateGate(store, clock=clock, log=log, notices=notices)
    retry = RetryPolicy()
    oversight = OversightFile.beside(config.state, config.folder, clock=clock, wait_s=PROMPT_S)
    books = books_of(oversight)
    overseer = Overseer(
        books,
        approvers=Approvers(config.at(config.approvers)) if config.approvers else None,
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
        exchange=Exchange(
            gate=gate,
            log=log,
            clock=clock,
            retry=retry,
            budget=retry.budget(clock),
            overseer=overseer,
            count=count_for_size,
        ),
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
    remember_routes(config, shared)
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
