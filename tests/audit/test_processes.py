"""Real processes: where the log cannot be written nothing is sent; what a killed one had begun is unknown."""

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from offramp.audit import verify
from support.deployment import write_deployment

SCRIPT = Path(__file__).parents[1] / "support" / "audited_calls.py"
UNSHARE = shutil.which("unshare")
MOUNTS = UNSHARE and subprocess.run([UNSHARE, "-rm", "true"], check=False, capture_output=True).returncode == 0


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "disk").mkdir()
    return write_deployment(tmp_path, b_vendor="anthropic", b_model="claude-sonnet-5-5")


def lines_of(folder: Path) -> Iterator[dict[str, Any]]:
    for file in sorted(folder.glob("*.jsonl")):
        yield from map(json.loads, file.read_bytes().splitlines())


def calls_of(folder: Path, *kinds: str) -> list[str]:
    return [line["call_id"] for line in lines_of(folder) if line["kind"] in kinds and line.get("allowed") is not False]


def killed_after(config: Path, mode: str, words: int) -> list[str]:
    """What a process had said when it was killed, which was after so many words."""
    with subprocess.Popen([sys.executable, SCRIPT, config, mode], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = [process.stdout.readline().strip() for _ in range(words)]
        process.send_signal(signal.SIGKILL)
        said += process.stdout.read().split()
    return said


@pytest.mark.parametrize("words", [1, 2, 3, 10, 41, 100, 301])
def test_what_a_killed_process_had_begun_is_unknown_and_nothing_is_missing(config: Path, words: int):
    said = killed_after(config, "forever", words)

    folder = config.parent / "audit"
    found = verify(folder)
    ended = set(calls_of(folder, "outcome", "failure"))
    assert found.problems == ()
    assert len(calls_of(folder, "sent")) >= said.count("sent") >= words // 2
    assert {one.call_id for one in found.unknown} == set(calls_of(folder, "decision")) - ended
    assert len(found.unknown) <= 2
    assert found.open_ended


def test_a_process_that_is_killed_between_decision_and_outcome_leaves_its_call_unknown(config: Path):
    said = killed_after(config, "held", 5)

    found = verify(config.parent / "audit")
    assert said == ["sent", "answered", "sent", "answered", "sent"]
    (unknown,) = found.unknown
    assert (found.problems, unknown.sent, unknown.endpoint) == ((), True, "a")
    assert unknown.call_id == calls_of(config.parent / "audit", "sent")[-1]


def test_a_process_that_may_write_no_file_sends_nothing_and_goes_on_when_it_may(config: Path):
    ran = subprocess.run([sys.executable, SCRIPT, config, "starved"], check=True, capture_output=True, text=True)

    folder = config.parent / "audit"
    assert ran.stdout.split() == ["sent", "answered", *["refused"] * 3, "sent", "answered"]
    assert (verify(folder).problems, len(calls_of(folder, "sent"))) == ((), 2)


@pytest.mark.skipif(not MOUNTS, reason="here no process may mount a disk of its own")
@pytest.mark.parametrize("mode", ["filling", "read_only"])
def test_on_a_disk_that_is_full_or_read_only_each_send_is_recorded_or_not_made(config: Path, mode: str):
    config.write_text(config.read_text().replace("schema = 1\n", 'schema = 1\naudit = "disk/audit"\n', 1))
    command = [str(UNSHARE), "-rm", sys.executable, str(SCRIPT), str(config), mode]

    ran = subprocess.run(command, check=False, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr

    said, folder = ran.stdout.split(), config.parent / "copy"
    assert said.count("refused") >= (1 if mode == "filling" else 3)
    assert said.count("sent") == len(calls_of(folder, "sent")) >= 1
    assert verify(folder).problems == ()
