"""Ledgers to test, and what goes into them."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from offramp.contracts.clock import ManualClock
from offramp.contracts.ledger import Ledger
from offramp.sessions import MemoryLedger, SQLiteLedger


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def ledger_path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


@pytest.fixture
async def open_sqlite(ledger_path: Path, clock: ManualClock) -> AsyncIterator[Callable[..., SQLiteLedger]]:
    """Opens ledgers on one file, as several processes would, and closes them at the end."""
    opened: list[SQLiteLedger] = []

    def another(**options: object) -> SQLiteLedger:
        opened.append(SQLiteLedger(ledger_path, clock=clock, **options))  # type: ignore[arg-type]  # a test's options
        return opened[-1]

    yield another
    for ledger in opened:
        await ledger.aclose()


@pytest.fixture(params=["memory", "sqlite"])
async def ledger(
    request: pytest.FixtureRequest, open_sqlite: Callable[..., SQLiteLedger], clock: ManualClock
) -> Ledger:
    return MemoryLedger(retention_days=30, clock=clock) if request.param == "memory" else open_sqlite(retention_days=30)
