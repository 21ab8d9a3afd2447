"""A gate is one replica in the list for as long as it lives: it reports, and it leaves with its thread."""

import gc
import os
import threading
from collections.abc import Callable

import pytest

from offramp.contracts.clock import ManualClock
from offramp.contracts.state import PermissionStore
from offramp.errors import StateError
from offramp.state import MemoryStore, StateGate, open_store
from offramp.types import Identity
from support.permission import Decide


def test_a_replica_reports_once_a_second(gate: StateGate, store: MemoryStore, clock: ManualClock):
    gate.look()
    first = store.replicas()[0].heartbeat_at

    clock.advance(0.5)
    gate.look()
    assert store.replicas()[0].heartbeat_at == first

    clock.advance(0.5)
    gate.look()
    assert store.replicas()[0].heartbeat_at == clock.now()


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
