"""Another process that keeps the file of oversight: a client waits less long than an order may take, and denies."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from offramp import StateError
from offramp.contracts.clock import ManualClock
from support.overseen import Desk

Opens = Callable[..., Any]
BOUNDS = "\n[bounds]\nsubjects = 9\n"
OBEYED_S = 2.0
"""The longest time that an order may take."""


@contextmanager
def kept(desk: Desk) -> Iterator[None]:
    """Another process is in the middle of writing."""
    file = desk.folder / "state.db.oversight"
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


async def test_a_call_that_cannot_be_counted_is_not_sent_and_the_next_one_is(opens: Opens):
    desk = await opens(oversight="advisory", scale="individual", bounds=BOUNDS)
    await desk.mission.generate("hi", subject="ann")

    with kept(desk), pytest.raises(StateError, match="cannot be used"):
        await desk.mission.generate("hi", subject="ben")
    await desk.mission.generate("hi", subject="ben")

    assert desk.sent == 2


async def test_a_client_waits_less_long_than_an_order_may_take(opens: Opens):
    desk = await opens(oversight="advisory", scale="individual", bounds=BOUNDS)
    await desk.mission.generate("hi", subject="ann")

    (waits_ms,) = desk.client._parts.oversight.rows("PRAGMA busy_timeout")[0]

    assert 0 < waits_ms / 1000 < OBEYED_S / 2


async def test_who_only_looks_waits_for_nobody(opens: Opens):
    desk = await opens(oversight="supervise")
    desk.begin_watch("ann")

    with kept(desk):
        await desk.mission.generate("hi")

    assert desk.sent == 1


async def test_a_heartbeat_that_could_not_be_written_is_followed_by_the_next(opens: Opens, monkeypatch: Any):
    clock = ManualClock()
    desk = await opens(oversight="supervise", clock=clock)
    book = desk.client._parts.books.watches
    beats, beat = list[int](), book.beat

    def now_and_then(watch: int) -> bool:
        beats.append(watch)
        if len(beats) == 2:
            raise StateError("the file is kept")
        return len(beats) < 4 and beat(watch)

    monkeypatch.setattr(book, "beat", now_and_then)
    async with desk.client.supervise("triage", by="ann", key=desk.folder / "ann.key") as watch:
        await watch._beating

    assert len(beats) == 4
