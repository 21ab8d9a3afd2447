"""The gate cuts what an order stops, at the next look and in the loop that it runs in, and nothing else."""

import asyncio
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from offramp.contracts.clock import ManualClock
from offramp.contracts.permission import NamesItsOrder, prohibited_by
from offramp.contracts.state import PermissionStore
from offramp.errors import Prohibited, StateError
from offramp.state import MemoryStore, StateGate, prohibit, wait_for_replicas
from offramp.types import Identity, Selector
from support.permission import Approved, Decide, Recorder, Unwatched, stop


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
