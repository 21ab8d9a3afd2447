"""Whoever alters a log is found out, as far as somebody else holds what was; and is never told to be ok."""

import base64
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from offramp.audit import DecisionLog, VerifyResult, keep, signed_by, verify
from offramp.contracts.audit import Entry
from offramp.contracts.clock import ManualClock
from offramp.ed25519 import make_key_pair

SCRIPT = Path(__file__).parents[1] / "support" / "log_surgery.py"
OPERATIONS = ["bend", "edit", "cut", "swap", "append", "truncate", "drop"]

Calls = Callable[[DecisionLog, int], None]


def operate(folder: Path, operation: str, key: Path | None = None) -> None:
    command = [sys.executable, SCRIPT, folder, operation, *([key] if key else [])]
    subprocess.run(command, check=True)


@pytest.fixture
def calls(permitted: Entry, sent: Entry) -> Calls:
    """Writes whole calls."""

    def write(log: DecisionLog, many: int) -> None:
        for number in range(many):
            end = Entry("outcome", endpoint="a", call_id=f"c-{number}")
            log.append(replace(permitted, call_id=end.call_id), replace(sent, call_id=end.call_id), end)

    return write


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """The private key that signs the log."""
    make_key_pair(tmp_path / "audit.key")
    return tmp_path / "audit.key"


@pytest.fixture
def public(key: Path) -> bytes:
    return signed_by(key).key.public  # type: ignore[union-attr]  # it was given


@pytest.fixture
def kept(folder: Path, tmp_path: Path, key: Path, public: bytes, calls: Calls) -> Path:
    """Two closed files of a log, and the folder of its witness."""
    for number in range(2):
        clock = ManualClock()
        clock.advance(number)
        log = DecisionLog(folder, clock=clock, checkpointing=signed_by(key))
        calls(log, 3)
        log.close()
    assert keep(folder, tmp_path / "witness", keys=[public]).kept == 2
    return tmp_path / "witness"


def test_an_unharmed_log_is_ok_with_its_witness_and_unwitnessed_without(folder: Path, kept: Path, public: bytes):
    with_witness, without = verify(folder, keys=[public], witness=kept), verify(folder, keys=[public])

    assert (with_witness.verdict, with_witness.unwitnessed) == ("ok", 0)
    assert (without.verdict, without.coverage.signed, without.unwitnessed) == ("unwitnessed", 22, 22)


@pytest.mark.parametrize("with_key", [False, True])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_witness_finds_every_operation_even_by_the_holder_of_the_key(
    folder: Path, kept: Path, public: bytes, key: Path, operation: str, with_key: bool
):
    operate(folder, operation, key if with_key else None)

    assert verify(folder, keys=[public], witness=kept).verdict == "broken"
    assert verify(folder, witness=kept).verdict == "broken"
    assert keep(folder, kept, keys=[public]).kept == 0


@pytest.mark.parametrize("with_key", [False, True])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_without_a_witness_no_operation_leaves_a_log_that_is_ok(
    folder: Path, kept: Path, public: bytes, key: Path, operation: str, with_key: bool
):
    operate(folder, operation, key if with_key else None)

    assert verify(folder, keys=[public]).verdict in ("broken", "unwitnessed")
    assert verify(folder).verdict in ("broken", "unwitnessed")


@pytest.mark.parametrize("operation", ["edit", "cut", "swap", "append", "truncate"])
def test_who_does_not_hold_the_key_leaves_records_that_no_signature_vouches_for(
    folder: Path, kept: Path, public: bytes, operation: str
):
    operate(folder, operation)

    found = verify(folder, keys=[public])
    assert found.problems or found.coverage.signed < found.records


@pytest.mark.parametrize("operation", ["edit", "cut", "swap", "append", "truncate"])
def test_another_s_signature_is_a_problem(folder: Path, kept: Path, public: bytes, tmp_path: Path, operation: str):
    make_key_pair(tmp_path / "eve.key")

    operate(folder, operation, tmp_path / "eve.key")

    assert "signature_unknown" in kinds(verify(folder, keys=[public]))


@pytest.mark.parametrize("operation", ["edit", "cut", "swap", "append", "truncate"])
def test_old_checkpoints_beside_new_lines_are_a_problem(folder: Path, kept: Path, tmp_path: Path, operation: str):
    newest = max(folder.glob("*.checkpoints"))
    shutil.copy(newest, tmp_path / "old")

    operate(folder, operation)
    shutil.copy(tmp_path / "old", newest)

    assert kinds(verify(folder)) & {"root_differs", "shortened"}


def test_an_old_whole_log_in_the_place_of_the_new_one_is_found(
    folder: Path, tmp_path: Path, key: Path, public: bytes, calls: Calls
):
    log, witness = DecisionLog(folder, checkpointing=signed_by(key)), tmp_path / "witness"
    calls(log, 2)
    log.checkpoint()
    shutil.copytree(folder, tmp_path / "old")
    calls(log, 2)
    log.close()
    keep(folder, witness, keys=[public])

    shutil.rmtree(folder)
    shutil.copytree(tmp_path / "old", folder)

    assert verify(folder, keys=[public]).verdict == "unwitnessed"
    assert kinds(verify(folder, keys=[public], witness=witness)) == {"shortened"}


def test_what_came_after_the_last_kept_checkpoint_is_told_as_unwitnessed(
    folder: Path, tmp_path: Path, key: Path, public: bytes, calls: Calls
):
    log, witness = DecisionLog(folder, checkpointing=signed_by(key)), tmp_path / "witness"
    calls(log, 1)
    log.checkpoint()
    keep(folder, witness, keys=[public])
    calls(log, 2)

    found = verify(folder, keys=[public], witness=witness)
    assert (found.verdict, found.records, found.unwitnessed) == ("unwitnessed", 11, 6)


def test_a_witness_goes_on_with_the_log(folder: Path, tmp_path: Path, public: bytes, key: Path, calls: Calls):
    log, witness = DecisionLog(folder, checkpointing=signed_by(key)), tmp_path / "witness"
    told: list[tuple[int, int, int]] = []
    for _ in range(3):
        calls(log, 1)
        log.checkpoint()
        one = keep(folder, witness, keys=[public])
        told.append((one.kept, one.witnessed, one.records))
    again = keep(folder, witness, keys=[public])

    assert told == [(1, 5, 5), (1, 9, 9), (1, 13, 13)]
    assert (again.kept, again.witnessed) == (0, 13)


def test_a_witness_with_a_key_keeps_no_unsigned_checkpoint(folder: Path, tmp_path: Path, public: bytes, calls: Calls):
    log = DecisionLog(folder)
    calls(log, 1)
    log.close()

    assert keep(folder, tmp_path / "witness", keys=[public]).kept == 0
    assert keep(folder, tmp_path / "witness").kept == 1
    assert verify(folder, keys=[public], witness=tmp_path / "witness").verdict == "unwitnessed"


def test_unreadable_checkpoints_are_a_problem_and_no_error(folder: Path, kept: Path):
    max(folder.glob("*.checkpoints")).write_bytes(b"\xff")

    assert kinds(verify(folder)) == {"note_altered"}


def kinds(found: VerifyResult) -> set[str]:
    return {problem.kind for problem in found.problems}


def test_the_public_key_in_base64_is_the_one_that_was_printed(tmp_path: Path):
    printed = make_key_pair(tmp_path / "x.key")

    key = signed_by(tmp_path / "x.key").key
    assert key is not None
    assert base64.b64decode(printed) == key.public
