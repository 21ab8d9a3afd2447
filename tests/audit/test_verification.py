"""Verification finds every changed byte, every missing line and every missing file that it can find."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from offramp.audit import DecisionLog, verify
from offramp.audit.records import FIRST, write_line
from offramp.contracts.audit import Entry
from offramp.contracts.clock import ManualClock
from offramp.errors import StateError

Harm = Callable[[list[bytes]], list[bytes]]


def written(folder: Path, refused: Entry, *, close: bool = True, entries: int = 4) -> Path:
    """A log file with this many entries between its first and its last line."""
    clock = ManualClock()
    clock.advance(len(list(folder.glob("*.jsonl"))) if folder.exists() else 0)
    log = DecisionLog(folder, clock=clock)
    for _ in range(entries):
        log.append(refused)
    path = log.path
    assert path is not None
    if close:
        log.close()
    return path


def kinds(path: Path) -> set[str]:
    return {problem.kind for problem in verify(path).problems}


def test_a_sound_log_is_sound(folder: Path, refused: Entry):
    written(folder, refused)
    written(folder, refused)

    found = verify(folder)

    assert (found.sound, found.files, found.records, found.open_ended) == (True, 2, 12, ())


def test_an_open_end_is_told_and_is_no_problem(folder: Path, refused: Entry):
    path = written(folder, refused, close=False)

    found = verify(folder)

    assert found.sound
    assert found.open_ended == (path.name,)


@pytest.mark.parametrize("bit", range(8))
def test_each_changed_bit_is_found(folder: Path, refused: Entry, bit: int):
    path = written(folder, refused, entries=1)
    sound = path.read_bytes()

    missed = []
    for at in range(len(sound)):
        harmed = bytearray(sound)
        harmed[at] ^= 1 << bit
        path.write_bytes(harmed)
        if verify(path).sound:
            missed.append(at)

    assert missed == []


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_change_of_the_bytes_is_found(folder: Path, refused: Entry, data: st.DataObject):
    path = next(iter(folder.glob("*.jsonl")), None) or written(folder, refused, entries=3)
    sound = path.read_bytes()
    start = data.draw(st.integers(0, len(sound) - 1))
    end = data.draw(st.integers(start, min(len(sound), start + 300)))
    harmed = sound[:start] + data.draw(st.binary(max_size=20)) + sound[end:]

    path.write_bytes(harmed)
    found = verify(path)
    path.write_bytes(sound)

    assert harmed == sound or not found.sound or found.open_ended == (path.name,)
    assert found.open_ended == () or sound.startswith(harmed) or not found.sound


@pytest.mark.parametrize(
    ("harm", "kind"),
    [
        (lambda lines: lines[:2] + lines[3:], "out_of_place"),
        (lambda lines: [lines[0], lines[2], lines[1], *lines[3:]], "out_of_place"),
        (lambda lines: [*lines[:2], lines[1], *lines[2:]], "out_of_place"),
        (lambda lines: lines[1:], "renamed"),
        (lambda lines: [*lines, lines[-1]], "after_closed"),
        (lambda lines: [*lines[:-1], lines[-1][:-1]], "torn_tail"),
        (lambda lines: [*lines[:-1], lines[-1][:40]], "torn_tail"),
        (lambda _lines: [], "altered"),
    ],
)
def test_lines_taken_out_put_in_or_moved_are_found(folder: Path, refused: Entry, harm: Harm, kind: str):
    path = written(folder, refused)
    lines = path.read_bytes().splitlines(keepends=True)

    path.write_bytes(b"".join(harm(lines)))

    assert kind in kinds(path)


def test_a_line_written_anew_with_its_hash_breaks_the_chain(folder: Path, refused: Entry):
    path = written(folder, refused)
    lines = path.read_bytes().splitlines(keepends=True)
    before = json.loads(lines[1])["hash"]

    forged, _ = write_line(Entry("handoff", mission="other"), seq=3, at="2026-11-23T00:00:00+00:00", prev=before)
    path.write_bytes(b"".join([*lines[:2], forged, *lines[3:]]))

    assert kinds(path) == {"out_of_place", "root_differs"}


def test_a_wrong_number_is_found_although_the_hashes_fit(folder: Path, refused: Entry):
    path = written(folder, refused, close=False)
    last = json.loads(path.read_bytes().splitlines()[-1])["hash"]

    forged, _ = write_line(Entry("handoff"), seq=9, at="2026-11-23T00:00:00+00:00", prev=last)
    path.write_bytes(path.read_bytes() + forged)

    assert kinds(path) == {"out_of_place"}


def test_a_lost_file_is_missed_by_the_next_one(folder: Path, refused: Entry):
    first, _, _ = [written(folder, refused) for _ in range(3)]

    first.unlink()

    assert kinds(folder) == {"file_missing"}


def test_a_cut_off_end_is_missed_by_the_next_file(folder: Path, refused: Entry):
    first = written(folder, refused)
    written(folder, refused)

    lines = first.read_bytes().splitlines(keepends=True)
    first.write_bytes(b"".join(lines[:-2]))

    assert kinds(folder) == {"shortened"}


def test_a_renamed_file_is_found(folder: Path, refused: Entry):
    path = written(folder, refused)

    path.rename(path.with_name("20200101T000000.000000Z-1-abcdef.jsonl"))

    assert kinds(folder) == {"renamed"}


def test_a_cut_off_end_of_the_newest_file_shows_against_the_head_kept_elsewhere(folder: Path, refused: Entry):
    """What the file alone cannot show: an unclosed end that was cut looks like a killed process."""
    log = DecisionLog(folder)
    for _ in range(3):
        log.append(refused)
    head, path = log.head, log.path
    assert head is not None
    assert path is not None

    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]))

    assert verify(path).sound
    assert head[1] not in path.read_text()


def test_a_checkpoint_counts_the_records_before_it(folder: Path, refused: Entry):
    log = DecisionLog(folder)
    log.append(refused)
    log.checkpoint()

    assert log.path is not None
    last = json.loads(log.path.read_bytes().splitlines()[-1])
    assert (last["kind"], last["detail"]) == ("checkpoint", {"records": 2})


def test_the_first_line_names_no_earlier_hash(folder: Path, refused: Entry):
    path = written(folder, refused)

    assert json.loads(path.read_bytes().splitlines()[0])["prev"] == FIRST


def test_no_log_is_an_error(tmp_path: Path):
    for place in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(StateError, match="no decision log"):
            verify(place)


def test_an_unreadable_file_is_a_problem(folder: Path, refused: Entry):
    path = written(folder, refused)

    path.unlink()
    path.mkdir()

    assert kinds(folder) == {"unreadable", "shortened"}
