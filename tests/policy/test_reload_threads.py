"""Policy files that change while many threads, or a forked child, decide by them."""

import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from offramp import load_config
from offramp._policy_book import PolicyBook
from offramp._policy_files import compiled_policy, read_policy
from offramp.config import endpoint_of
from offramp.contracts.clock import ManualClock
from offramp.contracts.policy import Decision
from support.deployment import rewrite, write_deployment
from support.running import LOOK_S


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_deployment(tmp_path, b_vendor="anthropic", b_model="claude-sonnet-5-5")


NOT_APPROVED = ("org.toml", 'mission = "triage"', 'mission = "other"')


def policies(path: Path) -> dict[str, Any]:
    config = load_config(path)
    endpoints = {name: endpoint_of(config, name) for name in config.endpoints}
    shared = read_policy(config)
    return {name: compiled_policy(config, name, endpoints, shared) for name in config.missions}


def test_a_forked_child_looks_although_its_parent_was_looking_when_it_forked(
    path: Path, monkeypatch: pytest.MonkeyPatch
):
    clock = ManualClock(datetime.now(UTC))
    book = PolicyBook(load_config(path), lambda: policies(path), clock=clock)
    rewrite(path.with_name(NOT_APPROVED[0]), *NOT_APPROVED[1:])
    clock.advance(LOOK_S)

    with book._lock:
        monkeypatch.setattr("offramp._policy_book.process_id", lambda: -1)
        edition = book.now()

    assert not edition.policies["triage"].decide(endpoint_of(load_config(path), "a").identity, clock.now()).allowed


def test_who_comes_while_another_reads_waits_for_what_it_reads(path: Path):
    clock, reading, may_end = ManualClock(datetime.now(UTC)), threading.Event(), threading.Event()

    def slowly() -> dict[str, Any]:
        if reading.is_set() or clock.monotonic() > 0:
            reading.set()
            may_end.wait(10)
        return policies(path)

    book = PolicyBook(load_config(path), slowly, clock=clock)
    first = book.now()
    rewrite(path.with_name(NOT_APPROVED[0]), *NOT_APPROVED[1:])
    clock.advance(LOOK_S)
    seen: list[Any] = []
    threads = [threading.Thread(target=lambda: seen.append(book.now())) for _ in range(2)]
    threads[0].start()
    reading.wait(10)
    threads[1].start()
    may_end.set()
    for thread in threads:
        thread.join()

    assert all(each is not first for each in seen)


def test_two_hundred_threads_decide_by_one_version_or_the_other_while_files_are_swapped(path: Path):
    clock = ManualClock(datetime.now(UTC))
    book = PolicyBook(load_config(path), lambda: policies(path), clock=clock)
    identity = endpoint_of(load_config(path), "a").identity
    at = clock.now()

    def decided() -> tuple[bool, tuple[str, ...], str]:
        decision: Decision = book.now().policies["triage"].decide(identity, at)
        return decision.allowed, decision.digests, str(decision.reasons)

    first = decided()
    rewrite(path.with_name(NOT_APPROVED[0]), *NOT_APPROVED[1:])
    book.reload()
    second = decided()
    seen: list[set[tuple[bool, tuple[str, ...], str]]] = []
    swapped = threading.Event()

    def keep_deciding() -> None:
        own = {decided()}
        while not swapped.wait(0.01):  # which lets the others have their turn
            own |= {decided() for _ in range(3)}
        seen.append(own)

    threads = [threading.Thread(target=keep_deciding) for _ in range(200)]
    for thread in threads:
        thread.start()
    for turn in range(20):
        name, one, other = NOT_APPROVED
        rewrite(path.with_name(name), *((other, one) if turn % 2 == 0 else (one, other)))
        clock.advance(LOOK_S)  # whichever thread comes first takes it up
        if turn % 3 == 0:
            book.reload()
    swapped.set()
    for thread in threads:
        thread.join()

    assert first[0] is True
    assert second[0] is False
    assert len(seen) == 200
    assert set().union(*seen) == {first, second}
