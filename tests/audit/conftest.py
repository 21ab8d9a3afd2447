"""A log, and an entry to put into it."""

from dataclasses import replace
from pathlib import Path

import pytest

from offramp.audit import DecisionLog
from offramp.contracts.audit import Entry
from offramp.contracts.clock import ManualClock
from offramp.types import Identity


@pytest.fixture
def acme() -> Identity:
    return Identity(endpoint="a", developer="acme", host="cloud", model="m-1", agreement="gov-1")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "audit"


@pytest.fixture
def log(folder: Path, clock: ManualClock) -> DecisionLog:
    return DecisionLog(folder, clock=clock)


@pytest.fixture
def sent(acme: Identity) -> Entry:
    return Entry("sent", mission="triage", endpoint="a", identity=acme, epoch=3, call_id="c-1")


@pytest.fixture
def permitted(refused: Entry) -> Entry:
    """What must stand before a send."""
    return replace(refused, allowed=True, reasons=("vendor:V1:permit",))


@pytest.fixture
def refused(acme: Identity) -> Entry:
    """A decision behind which nothing need follow."""
    reasons = ("floor:E1:forbid",)
    return Entry(
        "decision",
        mission="triage",
        endpoint="a",
        identity=acme,
        allowed=False,
        reasons=reasons,
        digests=("d" * 64,),
        epoch=3,
        call_id="c-1",
    )
