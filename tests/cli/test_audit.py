"""`offramp audit`: verify the log, and read uses from it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from offramp.audit import DecisionLog
from offramp.contracts.audit import Entry
from offramp.types import Identity

Call = Callable[..., Any]
ACME = Identity(endpoint="a", developer="acme", host="cloud", model="m-1")


@pytest.fixture
def log(config: Path) -> Path:
    """A closed log with one use, in the folder that the configuration names."""
    made = DecisionLog(config.parent / "log")
    made.append(Entry("sent", mission="triage", endpoint="a", identity=ACME, epoch=0))
    made.close()
    assert made.path is None
    return config.parent / "log"


def test_verify_says_that_a_log_is_sound(offramp: Call, log: Path):
    ran = offramp("audit", "verify", "log")

    assert (ran.code, ran.out.strip()) == (0, "3 records in 1 files: sound")


def test_verify_names_file_and_line_of_what_was_altered(offramp: Call, log: Path):
    (file,) = log.glob("*.jsonl")
    file.write_bytes(file.read_bytes().replace(b"triage", b"other."))

    ran, as_json = offramp("audit", "verify", "log"), offramp("audit", "verify", "log", "--json")

    assert ran.code == 1
    assert f"{file.name}:2: the line does not bear its own hash" in ran.out
    assert as_json.json["problems"][0]["line"] == 2


def test_uses_counts_by_mission_and_endpoint(offramp: Call, log: Path):
    ran = offramp("audit", "uses", "developer:acme", "--since", "30d", "--json")

    (use,) = ran.json["uses"]
    assert (ran.code, use["mission"], use["endpoint"], use["sent"]) == (0, "triage", "a", 1)


def test_uses_says_that_there_is_none(offramp: Call, log: Path):
    ran = offramp("audit", "uses", "developer:bolt")

    assert (ran.code, ran.out.strip()) == (0, "The log tells of no use of developer:bolt.")


def test_uses_prints_a_table(offramp: Call, log: Path):
    ran = offramp("audit", "uses", "host:cloud", "--log", "log")

    assert "triage" in ran.out
    assert "acme" in ran.out


def test_uses_of_a_harmed_log_fails(offramp: Call, log: Path):
    (file,) = log.glob("*.jsonl")
    file.write_bytes(file.read_bytes()[10:])

    ran = offramp("audit", "uses", "developer:acme")

    assert ran.code == 1
    assert "NOT sound" in ran.out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["audit", "uses", "developer:acme", "--since", "yesterday"], "'yesterday' is not a time"),
        (["audit", "uses", "acme"], "not a selector"),
        (["audit", "verify", "nowhere"], "no decision log"),
        (["audit"], "command"),
    ],
)
def test_a_mistake_ends_in_one_line(offramp: Call, log: Path, arguments: list[str], told: str):
    ran = offramp(*arguments)

    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert told in ran.err
