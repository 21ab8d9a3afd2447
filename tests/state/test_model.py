"""Any sequence of orders, damage and time agrees with a model that is one list, on every handle."""

import shutil
import tempfile
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, precondition, rule

from offramp.contracts.clock import ManualClock
from offramp.contracts.policy import Decision
from offramp.contracts.state import OrderDraft, PermissionStore
from offramp.ed25519 import make_key_pair
from offramp.errors import ConfigurationError, Prohibited, StateError
from offramp.state import StateGate, allow, open_store, prohibit
from offramp.types import Identity, Selector

IDENTITIES = [
    Identity(endpoint="a", developer="acme", host="cloud", model="m-1", region="eu"),
    Identity(endpoint="b", developer="acme", host="other", model="m-1", reseller="shop"),
    Identity(endpoint="c", developer="bolt", host="cloud", model="b-1"),
]
SELECTORS = [
    Selector("developer", "acme"),
    Selector("developer", "ACME"),
    Selector("host", "cloud"),
    Selector("reseller", "shop"),
    Selector("endpoint", "c"),
    Selector("region", "us"),
]
DRAFT_FIELDS = [field.name for field in fields(OrderDraft)]


class Orders(RuleBasedStateMachine):
    """The model: each stop as [selector, from when, whether it was lifted]."""

    url: str
    handles = Bundle("handles")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.clock = ManualClock()
        self.stops: list[tuple[Selector, datetime]] = []
        self.epoch = 0
        self.seen = 0
        self.away = False
        self.signed: list[OrderDraft] = []
        self.open: list[PermissionStore] = []
        self.operators = self.folder / "operators.toml"
        public = make_key_pair(self.folder / "ann.key")
        self.operators.write_text(f'[operators.ann]\npublic_key = "{public}"\nvalid_until = 2030-01-01\n')
        self.file = self.folder / self.url.partition(":")[2]
        self.gate = StateGate(self.handle(), clock=self.clock, watch=False)
        self.tokens = [self.gate.admit(who, decision=decision(who)) for who in IDENTITIES]
        for token in self.tokens:
            token.spend()
        self.cut = [False] * len(self.tokens)

    def handle(self) -> PermissionStore:
        self.open.append(open_store(self.url, base=self.folder, clock=self.clock))
        return self.open[-1]

    def teardown(self) -> None:
        self.gate.close()
        for store in self.open:
            store.close()
        shutil.rmtree(self.folder)

    @initialize(target=handles)
    def first(self) -> PermissionStore:
        return self.handle()

    @precondition(lambda self: not self.away)
    @rule(target=handles)
    def reopen(self) -> PermissionStore:
        return self.handle()

    @precondition(lambda self: not self.away)
    @rule(store=handles, selector=st.sampled_from(SELECTORS))
    def stop(self, store: PermissionStore, selector: Selector) -> None:
        prohibit(store, selector, reason="r", by="ann")
        self.stops.append((selector, datetime.min.replace(tzinfo=UTC)))
        self.epoch += 1

    @precondition(lambda self: not self.away)
    @rule(store=handles, selector=st.sampled_from(SELECTORS), hours=st.integers(0, 48))
    def give_notice(self, store: PermissionStore, selector: Selector, hours: int) -> None:
        due = self.clock.now() + timedelta(hours=hours)
        prohibit(store, selector, reason="r", by="ann", notice_until=due)
        self.stops.append((selector, due))
        self.epoch += 1

    @precondition(lambda self: not self.away)
    @rule(store=handles, selector=st.sampled_from(SELECTORS))
    def lift(self, store: PermissionStore, selector: Selector) -> None:
        names = [str(stopped).casefold() for stopped, _ in self.stops]
        key = self.folder / "ann.key"
        if str(selector).casefold() not in names:
            with pytest.raises(ConfigurationError):
                allow(store, selector, reason="r", by="ann", key=key, operators=self.operators, clock=self.clock)
            return
        order = allow(store, selector, reason="r", by="ann", key=key, operators=self.operators, clock=self.clock)
        self.signed.append(OrderDraft(**{name: getattr(order, name) for name in DRAFT_FIELDS}))
        self.stops = [one for one in self.stops if str(one[0]).casefold() != str(selector).casefold()]
        self.epoch += 1

    @precondition(lambda self: not self.away)
    @rule(store=handles, selector=st.sampled_from(SELECTORS))
    def lift_unsigned(self, store: PermissionStore, selector: Selector) -> None:
        store.commit(OrderDraft(selector=selector, state="allowed", reason="r", by="eve"))
        self.epoch += 1

    @precondition(lambda self: self.signed and not self.away)
    @rule(store=handles, data=st.data())
    def lift_once_more(self, store: PermissionStore, data: st.DataObject) -> None:
        """A signature used again lifts only what it has lifted before."""
        store.commit(data.draw(st.sampled_from(self.signed)))
        self.epoch += 1

    @rule(hours=st.integers(1, 24))
    def wait(self, hours: int) -> None:
        self.clock.advance(hours * 3600)

    @precondition(lambda self: not self.away)
    @rule()
    def lose_the_file(self) -> None:
        self.file.rename(self.folder / "away")
        self.away = True

    @precondition(lambda self: not self.away and self.url.startswith("file:"))
    @rule(at=st.integers(0, 10**6))
    def damage_the_file(self, at: int) -> None:
        shutil.copy(self.file, self.folder / "away")
        content = bytearray(self.file.read_bytes())
        content[at % len(content)] = 0
        self.file.write_bytes(content)
        self.away = True

    @precondition(lambda self: self.away)
    @rule()
    def find_the_file(self) -> None:
        (self.folder / "away").replace(self.file)
        self.away = False

    @rule(store=consumes(handles))
    def close(self, store: PermissionStore) -> None:
        store.close()

    @rule(store=handles)
    def read_by(self, store: PermissionStore) -> None:
        if self.away:
            with pytest.raises(StateError):
                store.read()
        else:
            assert [stop.selector for stop in store.read().stops] == [selector for selector, _ in self.stops]

    @invariant()
    def the_gate_agrees(self) -> None:
        self.gate.look()
        for number, who in enumerate(IDENTITIES):
            stopped = self.away or any(
                selector.matches(who) and self.clock.now() >= since for selector, since in self.stops
            )
            self.cut[number] = self.cut[number] or stopped
            assert self.refuses(who) == stopped
            assert self.tokens[number].cut == self.cut[number]

    @invariant()
    def the_epoch_never_falls(self) -> None:
        if not self.away:
            epoch = self.open[0].epoch()
            assert epoch == self.epoch >= self.seen
            self.seen = epoch

    def refuses(self, who: Identity) -> bool:
        try:
            token = self.gate.admit(who, decision=decision(who))
            token.spend()
        except Prohibited:
            return True
        token.release()
        return False


def decision(who: Identity) -> Decision:
    return Decision(allowed=True, mission="m", endpoint=who.endpoint, at=datetime(2026, 11, 23, tzinfo=UTC), reasons=())


LIMITS = settings(max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck))


class FileOrders(Orders):
    """The model against a file."""

    url = "file:state.json"


class SqliteOrders(Orders):
    """The model against SQLite."""

    url = "sqlite:state.db"


TestFileOrders = FileOrders.TestCase
TestFileOrders.settings = LIMITS
TestSqliteOrders = SqliteOrders.TestCase
TestSqliteOrders.settings = LIMITS
