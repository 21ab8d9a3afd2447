"""Identities, decisions, stores and operators for the tests of permission."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from offramp.contracts.clock import ManualClock
from offramp.contracts.policy import Decision, Reason
from offramp.contracts.state import PermissionStore
from offramp.ed25519 import make_key_pair
from offramp.state import MemoryStore, StateGate, open_store
from offramp.types import Identity
from support.permission import Recorder

ACME = Identity(endpoint="a", developer="acme", host="cloud", model="m-1", region="eu", agreement="gov-1")


@pytest.fixture
def acme() -> Identity:
    return ACME


@pytest.fixture
def bolt() -> Identity:
    return Identity(endpoint="b", developer="bolt", host="bolt", model="b-1")


@pytest.fixture
def decide() -> Callable[..., Decision]:
    def make(*, allowed: bool = True) -> Decision:
        reason = Reason(layer="floor", effect="permit" if allowed else "forbid", clause="E1", text="a ground")
        at = datetime(2026, 11, 23, tzinfo=UTC)
        return Decision(allowed=allowed, mission="triage", endpoint="a", at=at, reasons=(reason,), digests=("d" * 64,))

    return make


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


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


@pytest.fixture
def operators(tmp_path: Path) -> Path:
    """A file that trusts one operator, ann, whose key lies beside it."""
    public = make_key_pair(tmp_path / "ann.key")
    file = tmp_path / "operators.toml"
    file.write_text(f'[operators.ann]\npublic_key = "{public}"\nvalid_until = {date(2030, 1, 1)}\n')
    return file


@pytest.fixture(params=["file:state.json", "sqlite:state.db"])
def url(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def opened(url: str, tmp_path: Path, clock: ManualClock) -> Iterator[Callable[[], PermissionStore]]:
    """Opens further handles on one store, and closes them all at the end."""
    handles: list[PermissionStore] = []

    def open_one() -> PermissionStore:
        handles.append(open_store(url, base=tmp_path, clock=clock))
        return handles[-1]

    yield open_one
    for handle in handles:
        handle.close()
