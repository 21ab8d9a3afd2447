"""The gate says that it has obeyed when all that the order stops has closed, and not before."""

import asyncio
from collections.abc import Callable

import pytest

from offramp.contracts.state import PermissionStore
from offramp.errors import Prohibited
from offramp.state import MemoryStore, StateGate, wait_for_replicas
from offramp.types import Identity
from support.permission import Decide, Recorder, acknowledged, stop


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


def test_an_unreadable_store_is_not_acknowledged(gate: StateGate, store: MemoryStore):
    gate.look()
    store.broken = True
    stop_seen = gate.look()

    assert stop_seen is False
    assert acknowledged(store) == [0]


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


async def test_an_idle_replica_acknowledges(opened: Callable[[], PermissionStore]):
    gate = StateGate(opened())

    given = stop(opened())
    standings = await asyncio.to_thread(wait_for_replicas, opened(), given.epoch)

    assert [standing.obedience for standing in standings] == ["acknowledged"]
    gate.close()
