"""An order stops every process of the host, whatever has become of the state or of another replica."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from offramp.contracts.state import PermissionStore
from offramp.state import open_store, prohibit, wait_for_replicas
from offramp.types import Selector

Process = subprocess.Popen[str]
Start = Callable[[int], list[Process]]
SCRIPT = Path(__file__).parents[1] / "support" / "replica.py"


@pytest.fixture
def place(url: str, tmp_path: Path) -> str:
    scheme, _, name = url.partition(":")
    return f"{scheme}:{tmp_path / name}"


@pytest.fixture
def store(place: str) -> Iterator[PermissionStore]:
    opened = open_store(place)
    yield opened
    opened.close()


@pytest.fixture
def start(place: str, store: PermissionStore) -> Iterator[Start]:
    """Starts replicas, and ends them all."""
    started: list[Process] = []

    def begin(count: int) -> list[Process]:
        new = [
            subprocess.Popen([sys.executable, SCRIPT, place], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(count)
        ]
        started.extend(new)
        for process in new:
            assert "ready" in heard(process)
        return new

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def heard(process: Process) -> dict[str, Any]:
    """The next line of a replica; the test's own time limit is the runner's."""
    assert process.stdout is not None
    return json.loads(process.stdout.readline())


def stop(store: PermissionStore):
    return prohibit(store, Selector("developer", "ACME"), reason="ORDER-17", by="ann")


def test_an_order_cuts_every_exchange_of_three_processes(start: Start, store: PermissionStore):
    replicas = start(3)

    order = stop(store)
    said = [heard(process) for process in replicas]
    standings = wait_for_replicas(store, order.epoch)

    latest = max(instant for words in said for instant in words["cut"])
    assert [len(words["cut"]) for words in said] == [8, 8, 8]
    assert {words["epoch"] for words in said} == {1}
    assert latest - order.committed_monotonic_s < 2.0
    assert [standing.obedience for standing in standings] == ["acknowledged"] * 3
    assert all(one.report.acknowledged_monotonic_s - order.committed_monotonic_s < 2.0 for one in standings)


def test_a_killed_replica_is_seen_as_gone_and_holds_nobody_up(start: Start, store: PermissionStore):
    dead, *living = start(3)
    dead.kill()
    dead.wait()

    order = stop(store)
    standings = wait_for_replicas(store, order.epoch)

    assert sorted(standing.obedience for standing in standings) == ["acknowledged", "acknowledged", "gone"]
    assert all(len(heard(process)["cut"]) == 8 for process in living)


def test_a_stopped_replica_is_not_taken_for_obedient(start: Start, store: PermissionStore):
    frozen, _ = start(2)
    frozen.send_signal(signal.SIGSTOP)

    order = stop(store)
    standings = wait_for_replicas(store, order.epoch, timeout_s=0.5)
    frozen.send_signal(signal.SIGCONT)

    assert [one.obedience for one in standings if one.report.pid == frozen.pid] in (["pending"], ["silent"])
    assert len(heard(frozen)["cut"]) == 8


@pytest.mark.parametrize("harm", ["vanish", "corrupt", "empty"])
def test_processes_fail_closed_when_the_state_is_harmed(start: Start, store: PermissionStore, place: str, harm: str):
    replicas = start(2)
    file = Path(place.partition(":")[2])

    began = time.monotonic()
    match harm:
        case "vanish":
            file.unlink()
        case "corrupt":
            file.write_bytes(file.read_bytes()[:100] + b"\xff" * 5000)
        case _:
            file.write_bytes(b"")
    said = [heard(process) for process in replicas]

    assert all(words["selector"] is None for words in said)
    assert max(instant for words in said for instant in words["cut"]) - began < 2.0


def test_a_replica_that_ends_in_good_order_leaves_the_list(start: Start, store: PermissionStore):
    (replica,) = start(1)
    stop(store)
    heard(replica)

    replica.communicate()

    assert replica.returncode == 0
    assert store.replicas() == ()
