"""The gate gives tokens, reads the store at the last hop, cuts what an order stops, and says when it has obeyed."""

import asyncio
import gc
import os
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from offramp.contracts.audit import Entry
from offramp.contracts.clock import ManualClock
from offramp.contracts.permission import NamesItsOrder, prohibited_by
from offramp.contracts.policy import Decision
from offramp.contracts.state import Order, PermissionStore, Snapshot
from offramp.errors import PolicyDenied, Prohibited, StateError
from offramp.state import MemoryStore, StateGate, open_store, prohibit, wait_for_replicas
from offramp.types import Identity, Selector

Decide = Callable[..., Decision]


class Recorder:
    """A decision log in memory; `full` makes it fail as a full disk would."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.full = False

    def append(self, *entries: Entry) -> None:
        if self.full:
            raise StateError("a decision could not be recorded")
        self.entries += entries

    def defer(self, entry: Entry) -> None:
        self.append(entry)

    def kinds(self) -> list[str]:
        return [entry.kind for entry in self.entries]


@pytest.fixture
def store(clock: ManualClock) -> MemoryStore:
    return MemoryStore(clock=clock)


@pytest.fixture
def log() -> Recorder:
    return Recorder()


@pytest.fixture
def gate(store: MemoryStore, clock: ManualClock, log: Recorder) -> Iterator[StateGate]:
    """Without a watcher: tests look by themselves."""
    made = StateGate(store, clock=clock, log=log, watch=False)
    yield made
    made.close()


def stop(store: PermissionStore, word: str = "developer:acme") -> Order:
    return prohibit(store, Selector.parse(word), reason="ORDER-17", by="ann")


def acknowledged(store: PermissionStore) -> list[int | None]:
    return [report.epoch_acknowledged for report in store.replicas()]


def test_a_token_is_spent_once(gate: StateGate, acme: Identity, decide: Decide):
    token = gate.admit(acme, decision=decide())
    token.spend()

    with pytest.raises(StateError, match="twice"):
        token.spend()


def test_a_released_token_cannot_be_spent(gate: StateGate, acme: Identity, decide: Decide):
    token = gate.admit(acme, decision=decide())
    token.release()
    token.release()

    with pytest.raises(StateError):
        token.spend()


def test_no_token_is_given_against_a_denial(gate: StateGate, log: Recorder, acme: Identity, decide: Decide):
    with pytest.raises(PolicyDenied, match="triage") as denied:
        gate.admit(acme, decision=decide(allowed=False), call_id="c-1")

    assert denied.value.reasons
    assert (log.entries[0].kind, log.entries[0].allowed, log.entries[0].call_id) == ("decision", False, "c-1")
    assert log.entries[0].reasons == ("floor:E1:forbid",)


def test_an_order_refuses_the_token_and_names_itself(
    gate: StateGate, store: MemoryStore, log: Recorder, acme: Identity, bolt: Identity, decide: Decide
):
    given = stop(store)

    with pytest.raises(Prohibited, match="ORDER-17") as refused:
        gate.admit(acme, decision=decide())
    gate.admit(bolt, decision=decide()).spend()

    assert (refused.value.selector, refused.value.epoch) == ("developer:acme", 1)
    assert log.entries[0].reasons == (f"order:{given.id}:prohibited",)


def test_an_order_between_token_and_last_hop_stops_the_send(
    gate: StateGate, store: MemoryStore, log: Recorder, acme: Identity, decide: Decide
):
    token = gate.admit(acme, decision=decide())
    stop(store)

    with pytest.raises(Prohibited):
        token.spend()

    assert [(entry.kind, entry.allowed) for entry in log.entries] == [("decision", True), ("decision", False)]
    assert gate.look() is False


def test_an_order_and_a_look_within_the_last_read_still_stop_the_send(
    gate: StateGate, store: MemoryStore, acme: Identity, decide: Decide, monkeypatch: pytest.MonkeyPatch
):
    """The narrowest race: the last hop has read the old epoch, and the watcher looks before it goes on."""
    token = gate.admit(acme, decision=decide())
    read = store.read

    def read_then_be_overtaken() -> Snapshot:
        old = read()
        monkeypatch.setattr(store, "read", read)
        stop(store)
        gate.look()
        return old

    monkeypatch.setattr(store, "read", read_then_be_overtaken)

    with pytest.raises(Prohibited):
        token.spend()


def test_a_send_is_recorded_before_it_is_made(gate: StateGate, log: Recorder, acme: Identity, decide: Decide):
    token = gate.admit(acme, decision=decide(), call_id="c-1")
    token.spend()
    token.release()

    permit, sent = log.entries
    assert (permit.kind, permit.allowed, permit.digests, permit.epoch) == ("decision", True, ("d" * 64,), 0)
    assert (sent.kind, sent.mission, sent.identity, sent.epoch, sent.call_id) == ("sent", "triage", acme, 0, "c-1")
    assert permit.call_id == sent.call_id


def test_a_permit_that_is_not_used_is_recorded_once(gate: StateGate, log: Recorder, acme: Identity, decide: Decide):
    token = gate.admit(acme, decision=decide(), call_id="c-1")
    token.release()
    token.release()

    assert [(entry.kind, entry.allowed, entry.call_id) for entry in log.entries] == [("decision", True, "c-1")]


def test_a_permit_that_cannot_be_recorded_after_its_use_harms_nobody(
    gate: StateGate, log: Recorder, acme: Identity, decide: Decide
):
    token = gate.admit(acme, decision=decide())
    log.full = True

    token.release()

    assert (token.released, gate.look()) == (True, False)


class Approved:
    """A condition that a person has met, and the log knows of."""

    def __init__(self, log: Recorder) -> None:
        self.log = log

    def at_last_hop(self) -> None:
        self.log.append(Entry("approval"))

    def broken(self) -> str | None:
        return None


def test_what_a_decision_asks_for_stands_between_it_and_its_send(
    gate: StateGate, log: Recorder, acme: Identity, decide: Decide
):
    gate.admit(acme, decision=decide(), condition=Approved(log)).spend()

    assert log.kinds() == ["decision", "approval", "sent"]


class Unwatched(Approved):
    """A condition that held at the last hop, and holds no more."""

    def broken(self) -> str | None:
        return "nobody watches"


def test_a_look_cuts_what_nobody_oversees_any_more_and_nothing_else(
    gate: StateGate, log: Recorder, acme: Identity, decide: Decide
):
    watched = gate.admit(acme, decision=decide(), condition=Approved(log))
    unwatched = gate.admit(acme, decision=decide(), condition=Unwatched(log))
    for token in (watched, unwatched):
        token.spend()

    gate.look()

    assert (watched.cut, unwatched.cut) == (False, True)
    assert unwatched.prohibition is not None
    assert "nobody watches" in str(unwatched.prohibition)


def test_a_token_that_was_cut_before_it_was_used_never_departs(gate: StateGate, acme: Identity, decide: Decide):
    token, gone = gate.admit(acme, decision=decide()), list[int]()
    token.stop(Prohibited("cut", selector="developer:acme", epoch=1))

    with pytest.raises(Prohibited, match="cut"):
        token.depart(lambda: gone.append(1), lambda _: None)

    assert gone == []


def test_a_send_that_cannot_be_recorded_is_not_made(gate: StateGate, log: Recorder, acme: Identity, decide: Decide):
    token = gate.admit(acme, decision=decide())
    log.full = True

    with pytest.raises(StateError, match="recorded"):
        token.spend()

    assert gate.look() is False


def test_an_unreadable_store_permits_nothing(gate: StateGate, store: MemoryStore, acme: Identity, decide: Decide):
    token = gate.admit(acme, decision=decide())
    store.broken = True

    for ask in (token.spend, lambda: gate.check(acme), lambda: gate.admit(acme, decision=decide())):
        with pytest.raises(Prohibited, match="cannot be read") as refused:
            ask()
        assert refused.value.selector is None


def test_a_look_cuts_what_the_order_names_and_nothing_else(
    gate: StateGate, store: MemoryStore, log: Recorder, acme: Identity, bolt: Identity, decide: Decide
):
    closed: list[str] = []
    for identity in (acme, bolt):
        token = gate.admit(identity, decision=decide())
        token.spend()
        token.on_cut(lambda name=identity.developer: closed.append(name))

    stop(store)
    gate.look()
    gate.look()

    assert closed == ["acme"]
    assert log.kinds().count("cut") == 1


def test_a_cut_token_names_its_order(gate: StateGate, store: MemoryStore, acme: Identity, decide: Decide):
    token = gate.admit(acme, decision=decide())
    token.on_cut(lambda: None)
    assert not token.cut

    stop(store)
    gate.look()

    assert token.cut
    assert isinstance(token, NamesItsOrder)
    assert prohibited_by(token).selector == "developer:acme"
    with pytest.raises(Prohibited):
        token.spend()


def test_a_cut_falls_on_whoever_comes_late(gate: StateGate, store: MemoryStore, acme: Identity, decide: Decide):
    token, closed = gate.admit(acme, decision=decide()), list[int]()
    token.spend()
    stop(store)
    gate.look()

    token.on_cut(lambda: closed.append(1))

    assert closed == [1]


def test_a_released_exchange_is_not_cut(gate: StateGate, store: MemoryStore, acme: Identity, decide: Decide):
    token, closed = gate.admit(acme, decision=decide()), list[int]()
    token.spend()
    token.on_cut(lambda: closed.append(1))
    token.release()

    stop(store)
    gate.look()

    assert closed == []


def test_an_unreadable_store_cuts_everything(
    gate: StateGate, store: MemoryStore, acme: Identity, bolt: Identity, decide: Decide
):
    tokens = [gate.admit(identity, decision=decide()) for identity in (acme, bolt)]
    for token in tokens:
        token.spend()

    store.broken = True
    gate.look()

    assert [token.cut for token in tokens] == [True, True]


def test_a_notice_cuts_at_its_date_without_a_new_order(
    gate: StateGate, store: MemoryStore, clock: ManualClock, acme: Identity, decide: Decide
):
    due = clock.now() + timedelta(hours=1)
    prohibit(store, Selector("host", "cloud"), reason="ORDER-18", by="ann", notice_until=due)
    token = gate.admit(acme, decision=decide())
    token.spend()
    gate.look()
    assert not token.cut

    clock.advance(3600)
    gate.look()

    assert token.cut
    with pytest.raises(Prohibited):
        gate.check(acme)


def test_an_epoch_is_acknowledged_only_after_what_it_stops_has_closed(
    gate: StateGate, store: MemoryStore, log: Recorder, acme: Identity, decide: Decide
):
    gate.look()
    token = gate.admit(acme, decision=decide())
    token.spend()  # no `on_cut` yet: bytes may be on their way, and nobody can close the connection

    stop(store)
    gate.look()
    assert acknowledged(store) == [0]

    token.release()
    gate.look()
    assert acknowledged(store) == [1]
    assert log.entries[-1].kind == "acknowledged"


@pytest.mark.parametrize("is_late", [True, False])
def test_an_epoch_is_acknowledged_once_all_that_it_stops_has_closed(
    gate: StateGate, store: MemoryStore, acme: Identity, decide: Decide, is_late: bool
):
    gate.look()
    token = gate.admit(acme, decision=decide())
    token.spend()
    if not is_late:
        token.on_cut(lambda: None)

    stop(store)
    gate.look()
    if is_late:
        token.on_cut(lambda: None)
    gate.look()

    assert acknowledged(store) == [1]


def test_a_close_that_fails_is_not_acknowledged_and_keeps_no_other_open(
    gate: StateGate, store: MemoryStore, acme: Identity, decide: Decide
):
    def fail() -> None:
        raise OSError("the connection does not close")

    closed: list[int] = []
    for close in (fail, lambda: closed.append(1)):
        token = gate.admit(acme, decision=decide())
        token.spend()
        token.on_cut(close)

    stop(store)
    gate.look()
    gate.look()

    assert closed == [1]
    assert acknowledged(store) == [None]


async def test_an_epoch_is_not_acknowledged_while_the_loop_has_yet_to_close_what_was_aborted(
    gate: StateGate, store: MemoryStore, acme: Identity, decide: Decide
):
    loop = asyncio.get_running_loop()
    closed: list[int] = []
    seen: list[tuple[list[int], list[int | None]]] = []

    def look() -> None:
        gate.look()
        seen.append((list(closed), acknowledged(store)))

    token = gate.admit(acme, decision=decide())
    token.on_cut(lambda: loop.call_soon(closed.append, 1) and None)  # as `transport.abort` does it
    token.spend()
    stop(store)
    gate.look()
    loop.call_soon(look)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    look()

    assert seen == [([], [None]), ([1], [1])]


def test_an_exchange_with_somebody_else_does_not_delay_the_acknowledgement(
    gate: StateGate, store: MemoryStore, bolt: Identity, decide: Decide
):
    gate.admit(bolt, decision=decide()).spend()

    stop(store)
    gate.look()

    assert acknowledged(store) == [1]


def test_an_unreadable_store_is_not_acknowledged(gate: StateGate, store: MemoryStore):
    gate.look()
    store.broken = True
    stop_seen = gate.look()

    assert stop_seen is False
    assert acknowledged(store) == [0]


def test_a_replica_reports_once_a_second(gate: StateGate, store: MemoryStore, clock: ManualClock):
    gate.look()
    first = store.replicas()[0].heartbeat_at

    clock.advance(0.5)
    gate.look()
    assert store.replicas()[0].heartbeat_at == first

    clock.advance(0.5)
    gate.look()
    assert store.replicas()[0].heartbeat_at == clock.now()


def test_closing_cuts_what_is_open_and_leaves_the_list(store: MemoryStore, acme: Identity, decide: Decide):
    gate = StateGate(store)
    token, closed = gate.admit(acme, decision=decide()), list[int]()
    token.spend()
    token.on_cut(lambda: closed.append(1))

    gate.close()
    gate.close()

    assert closed == [1]
    assert store.replicas() == ()
    with pytest.raises(StateError, match="closed"):
        gate.admit(acme, decision=decide())


def test_a_closed_gate_looks_no_more(store: MemoryStore):
    before = threading.active_count()
    gate = StateGate(store)

    gate.close()

    assert threading.active_count() == before


def test_a_forgotten_gate_leaves_the_list_and_ends_its_thread(store: MemoryStore):
    gate = StateGate(store)
    before = threading.active_count()

    del gate
    gc.collect()

    assert store.replicas() == ()
    assert threading.active_count() < before


async def test_an_order_closes_a_stream_in_its_own_loop(
    opened: Callable[[], PermissionStore], acme: Identity, decide: Decide
):
    gate, closed = StateGate(opened()), asyncio.Event()
    token = gate.admit(acme, decision=decide())
    threads: list[int] = []
    token.on_cut(lambda: (threads.append(threading.get_ident()), closed.set()))
    token.spend()

    given = stop(opened())
    await asyncio.wait_for(closed.wait(), 5)
    standings = await asyncio.to_thread(wait_for_replicas, opened(), given.epoch)

    assert threads == [threading.get_ident()]
    assert [standing.obedience for standing in standings] == ["acknowledged"]
    gate.close()


async def test_an_idle_replica_acknowledges(opened: Callable[[], PermissionStore]):
    gate = StateGate(opened())

    given = stop(opened())
    standings = await asyncio.to_thread(wait_for_replicas, opened(), given.epoch)

    assert [standing.obedience for standing in standings] == ["acknowledged"]
    gate.close()


def test_one_gate_cuts_in_several_loops(opened: Callable[[], PermissionStore], acme: Identity, decide: Decide):
    gate, ready, cut = StateGate(opened()), threading.Barrier(4), list[bool]()

    async def stream() -> None:
        closed = asyncio.Event()
        token = gate.admit(acme, decision=decide())
        token.on_cut(closed.set)
        token.spend()
        await asyncio.to_thread(ready.wait, 5)
        await asyncio.wait_for(closed.wait(), 5)
        cut.append(token.cut)

    loops = [threading.Thread(target=lambda: asyncio.run(stream())) for _ in range(3)]
    for loop in loops:
        loop.start()
    ready.wait(5)
    stop(opened())
    for loop in loops:
        loop.join()

    assert cut == [True, True, True]
    gate.close()


def test_a_loop_that_has_ended_does_not_block_the_acknowledgement(
    gate: StateGate, store: MemoryStore, acme: Identity, decide: Decide
):
    async def open_and_forget() -> None:
        token = gate.admit(acme, decision=decide())
        token.spend()
        token.on_cut(lambda: None)

    asyncio.run(open_and_forget())
    stop(store)
    gate.look()

    assert acknowledged(store) == [1]


def test_a_forked_child_is_a_replica_of_its_own(url: str, tmp_path: os.PathLike[str], acme: Identity, decide: Decide):
    from pathlib import Path

    store = open_store(url, base=Path(tmp_path))
    gate = StateGate(store)
    mine = gate.replica

    child = os.fork()
    if child == 0:
        gate.admit(acme, decision=decide()).spend()
        names = {report.replica for report in store.replicas()}
        os._exit(0 if len(names) == 2 and gate.replica != mine else 1)
    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 0
    assert gate.replica == mine
    gate.close()
    store.close()


def test_a_gate_that_cannot_register_does_not_open(
    opened: Callable[[], PermissionStore], monkeypatch: pytest.MonkeyPatch
):
    store = opened()

    def refuse(report: object) -> None:
        raise StateError("the list of replicas cannot be written")

    monkeypatch.setattr(store, "report", refuse)

    with pytest.raises(StateError, match="replicas"):
        StateGate(store)


def test_an_epoch_that_a_call_has_seen_is_not_acknowledged_by_a_blind_look(
    gate: StateGate, store: MemoryStore, acme: Identity, decide: Decide
):
    gate.admit(acme, decision=decide()).spend()
    stop(store)
    with pytest.raises(Prohibited):
        gate.check(acme)

    store.broken = True
    gate.look()

    assert gate.epoch == 1
    assert acknowledged(store) == [None]
