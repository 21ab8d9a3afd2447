"""Orders survive, add up and are seen by every handle; a state that cannot be trusted is not read."""

import json
import os
import sqlite3
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from offramp.contracts.clock import ManualClock
from offramp.contracts.state import PermissionStore
from offramp.errors import ConfigurationError, StateError
from offramp.state import open_store, prohibit
from offramp.types import Identity, Selector
from support.permission import stop

Opened = Callable[[], PermissionStore]
DEVELOPER = Selector("developer", "acme")


def state_file(folder: Path) -> Path:
    return next(path for path in folder.iterdir() if path.suffix in (".json", ".db"))


def test_a_new_state_prohibits_nothing(opened: Opened, acme: Identity):
    snapshot = opened().read()

    assert snapshot.epoch == 0
    assert snapshot.stop_for(acme, at=datetime.now(UTC)) is None


def test_an_order_is_seen_by_another_handle_at_once(opened: Opened, acme: Identity):
    reader, writer = opened(), opened()
    reader.read()

    given = stop(writer)

    assert reader.epoch() == 1
    assert reader.read().stop_for(acme, at=given.at) == given


@pytest.mark.parametrize(
    "word", ["developer:ACME", "host:cloud", "model:m-1", "endpoint:a", "region:eu", "agreement:gov-1"]
)
def test_an_order_stops_by_any_part_of_the_identity(opened: Opened, acme: Identity, bolt: Identity, word: str):
    store = opened()

    given = stop(store, word)

    assert store.read().stop_for(acme, at=given.at) == given
    assert store.read().stop_for(bolt, at=given.at) is None


def test_history_survives_reopening_and_keeps_every_order(opened: Opened):
    first = opened()
    given = [stop(first), stop(first, "host:cloud", rights=("traffic", "export"))]
    first.close()

    again = opened()

    assert list(again.history()) == given
    assert [one.epoch for one in again.history()] == [1, 2]


def test_a_notice_stops_from_its_date_on(opened: Opened, acme: Identity, clock: ManualClock):
    store = opened()
    due = clock.now() + timedelta(days=3)

    stop(store, notice_until=due)

    assert store.read().stop_for(acme, at=due - timedelta(seconds=1)) is None
    assert store.read().stop_for(acme, at=due) is not None


def test_a_notice_after_a_prohibition_loosens_nothing(opened: Opened, acme: Identity, clock: ManualClock):
    store = opened()
    stop(store)

    stop(store, notice_until=clock.now() + timedelta(days=3))

    assert store.read().stop_for(acme, at=clock.now()) is not None


def test_an_order_against_traffic_leaves_export_and_deletion(opened: Opened, acme: Identity):
    store = opened()

    given = stop(store)

    assert store.read().stop_for(acme, at=given.at, right="export") is None
    assert store.read().stop_for(acme, at=given.at, right="deletion") is None


def test_an_order_has_the_instant_of_its_commit(opened: Opened, clock: ManualClock):
    clock.advance(12.5)

    given = stop(opened())

    assert given.committed_monotonic_s == 12.5
    assert given.at == clock.now()


def test_an_unchanged_store_gives_the_very_same_snapshot(opened: Opened):
    store = opened()
    stop(store)

    assert store.read() is store.read()


def test_many_writers_lose_no_order(opened: Opened):
    writers = [threading.Thread(target=lambda: [stop(opened()) for _ in range(5)]) for _ in range(4)]

    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert [one.epoch for one in opened().history()] == list(range(1, 21))


def test_one_handle_serves_several_threads(opened: Opened):
    store, seen = opened(), list[int]()
    stop(store)

    readers = [threading.Thread(target=lambda: seen.extend(store.epoch() for _ in range(50))) for _ in range(4)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()

    assert seen == [1] * 200


@pytest.mark.parametrize("damage", [b"", b"nonsense", b"{}"])
def test_a_damaged_file_is_not_read(opened: Opened, tmp_path: Path, damage: bytes):
    store = opened()
    stop(store)

    state_file(tmp_path).write_bytes(damage)

    with pytest.raises(StateError, match="state"):
        store.read()
    with pytest.raises(StateError):
        opened()


def test_a_vanished_file_is_not_read_nor_made_anew(opened: Opened, tmp_path: Path):
    store = opened()
    stop(store)

    for path in tmp_path.glob("state.*[nbml]"):
        if path.is_file():
            path.unlink()

    with pytest.raises(StateError, match="cannot be found"):
        store.read()
    with pytest.raises(StateError, match="vanished"):
        opened()


def test_a_state_made_anew_in_its_place_is_not_believed(opened: Opened, url: str, tmp_path: Path):
    store = opened()
    stop(store)
    (tmp_path / "else").mkdir()
    open_store(url, base=tmp_path / "else").close()

    state_file(tmp_path / "else").replace(state_file(tmp_path))

    with pytest.raises(StateError):
        store.read()


def test_an_older_state_put_back_is_not_believed(opened: Opened, tmp_path: Path):
    first = opened()
    first.close()
    saved = state_file(tmp_path).read_bytes()
    store = opened()
    stop(store)
    store.read()

    draft = tmp_path / "draft"
    draft.write_bytes(saved)
    for path in tmp_path.glob("*-wal"):
        path.unlink()
    draft.replace(state_file(tmp_path))

    with pytest.raises(StateError, match="went back"):
        store.read()


def test_the_state_is_read_again_once_it_is_whole_again(opened: Opened, tmp_path: Path):
    store = opened()
    stop(store)
    file = state_file(tmp_path)
    file.rename(tmp_path / "away")
    with pytest.raises(StateError):
        store.read()

    (tmp_path / "away").rename(file)

    assert store.epoch() == 1


def test_a_changed_word_in_the_file_is_found(tmp_path: Path):
    store = open_store("file:state.json", base=tmp_path)
    stop(store)
    file = tmp_path / "state.json"

    file.write_text(file.read_text().replace('"acme"', '"acmf"'))

    with pytest.raises(StateError, match="damaged"):
        store.read()


def test_an_order_cut_out_of_the_file_is_found(tmp_path: Path):
    store = open_store("file:state.json", base=tmp_path)
    stop(store)
    stop(store, "host:cloud")
    file = tmp_path / "state.json"
    content = json.loads(file.read_text())

    del content["orders"][0]
    file.write_text(json.dumps(content | {"epoch": 1}))

    with pytest.raises(StateError, match="damaged"):
        open_store("file:state.json", base=tmp_path)


def test_sqlite_refuses_to_change_history(tmp_path: Path):
    store = open_store("sqlite:state.db", base=tmp_path)
    stop(store)
    store.close()
    connection = sqlite3.connect(tmp_path / "state.db")

    for statement in ("DELETE FROM orders", "UPDATE orders SET record = ''"):
        with pytest.raises(sqlite3.IntegrityError, match="only added"):
            connection.execute(statement)
    connection.close()


def test_a_store_works_in_a_forked_child(opened: Opened):
    store = opened()
    stop(store)

    child = os.fork()
    if child == 0:
        stop(store, "host:cloud")
        os._exit(store.epoch())
    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 2
    assert store.epoch() == 2


def test_a_reader_makes_no_state(url: str, tmp_path: Path):
    with pytest.raises(StateError, match="no state here"):
        open_store(url, base=tmp_path, create=False)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("postgres://u:secret@h/d", "postgres"),
        ("valkey://h", "valkey"),
        ("nonsense", "nonsense"),
        ("sqlite:", "sqlite"),
    ],
)
def test_an_unknown_url_is_refused_without_repeating_its_secrets(url: str, word: str):
    with pytest.raises(ConfigurationError, match=word) as refused:
        open_store(url)

    assert "secret" not in str(refused.value)


def test_an_order_without_reason_is_refused(opened: Opened):
    with pytest.raises(ConfigurationError, match="reason"):
        prohibit(opened(), DEVELOPER, reason=" ", by="ann")


def test_a_notice_without_time_zone_is_refused(opened: Opened):
    with pytest.raises(ConfigurationError, match="time zone"):
        stop(opened(), notice_until=datetime(2027, 1, 1))  # noqa: DTZ001  # the very thing that is refused


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, url: str):
    with pytest.raises(StateError, match="nowhere"):
        open_store(url, base=tmp_path / "nowhere")
