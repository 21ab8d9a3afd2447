"""`offramp audit`: verify the log, and read uses from it."""

import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest

from offramp.audit import DecisionLog, ProblemKind, signed_by
from offramp.contracts.audit import Entry
from offramp.ed25519 import make_key_pair
from offramp.types import Identity

Call = Callable[..., Any]
ACME = Identity(endpoint="a", developer="acme", host="cloud", model="m-1")


@pytest.fixture
def log(config: Path) -> Path:
    """A closed log with one use, in the folder that the configuration names."""
    made = DecisionLog(config.parent / "log")
    made.append(
        Entry("decision", mission="triage", endpoint="a", identity=ACME, allowed=True, digests=("d" * 64,)),
        Entry("sent", mission="triage", endpoint="a", identity=ACME, epoch=0),
        Entry("outcome", endpoint="a", identity=ACME),
    )
    made.close()
    assert made.path is None
    return config.parent / "log"


def test_a_log_without_a_witness_is_never_ok(offramp: Call, log: Path):
    ran, as_json = offramp("audit", "verify", "log"), offramp("audit", "verify", "log", "--json")

    assert (ran.code, as_json.code) == (3, 3)
    assert "5 records in 1 files: nothing wrong was found, but NOT everything is witnessed" in ran.out
    assert "1 checkpoints are unsigned" in ran.out
    assert (as_json.json["verdict"], as_json.json["ok"], as_json.json["unwitnessed"]) == ("unwitnessed", False, 5)


def test_a_witnessed_log_is_ok(offramp: Call, log: Path):
    kept = offramp("audit", "witness", "elsewhere")

    ran = offramp("audit", "verify", "log", "--witness", "elsewhere")

    assert (kept.code, kept.out.strip()) == (0, "1 new checkpoints kept; 5 of 5 records are witnessed")
    assert (ran.code, ran.out.splitlines()[0]) == (0, "5 records in 1 files: ok, and witnessed")


def test_a_witness_keeps_nothing_of_a_log_that_denies_what_it_has_kept(offramp: Call, log: Path):
    offramp("audit", "witness", "elsewhere")
    (file,) = log.glob("*.jsonl")
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:-1]))
    file.with_suffix(".checkpoints").unlink()

    ran = offramp("audit", "witness", "elsewhere")

    assert ran.code == 1
    assert "a checkpoint speaks of 5 records, and 4 are there" in ran.out
    assert "0 new checkpoints kept" in ran.out


@pytest.mark.parametrize("word", ["", "nowhere", "AAAA", "log"])
def test_what_is_no_public_key_is_told_in_one_line(offramp: Call, log: Path, word: str):
    ran = offramp("audit", "verify", "log", "--key", word)

    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "no public key" in ran.err


def test_verify_names_file_and_line_of_what_was_altered(offramp: Call, log: Path):
    (file,) = log.glob("*.jsonl")
    file.write_bytes(file.read_bytes().replace(b"triage", b"other."))

    ran, as_json = offramp("audit", "verify", "log"), offramp("audit", "verify", "log", "--json")

    assert ran.code == 1
    assert f"{file.name}:2: the line does not bear its own hash" in ran.out
    assert as_json.json["problems"][0]["line"] == 2


def harmed(log: Path) -> None:
    (file,) = log.glob("*.jsonl")
    file.write_bytes(file.read_bytes().replace(b"triage", b"other."))


def left_open(log: Path) -> None:
    made = DecisionLog(log)
    made.append(Entry("decision", endpoint="a", identity=ACME, allowed=True, digests=("d" * 64,), call_id="c-2"))


@pytest.mark.parametrize(("happens", "key"), [(None, None), (harmed, "problems"), (left_open, "unknown")])
def test_the_report_is_as_its_published_schema_says(
    offramp: Call, log: Path, happens: Callable[[Path], None] | None, key: str | None
):
    schema = json.loads((files("offramp.audit") / "verify-report.schema.json").read_text("utf-8"))
    if happens is not None:
        happens(log)

    report = offramp("audit", "verify", "log", "--json").json

    jsonschema.validate(report, schema, cls=jsonschema.Draft202012Validator)
    assert key is None or report[key]


def test_the_schema_knows_every_kind_of_problem():
    schema = json.loads((files("offramp.audit") / "verify-report.schema.json").read_text("utf-8"))

    assert schema["properties"]["problems"]["items"]["properties"]["kind"]["enum"] == list(get_args(ProblemKind))


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


def test_a_call_is_proven_to_somebody_who_has_nothing_else(offramp: Call, config: Path):
    public = make_key_pair(config.parent / "audit.key")
    made = DecisionLog(config.parent / "log", checkpointing=signed_by(config.parent / "audit.key"))
    made.append(Entry("outcome", endpoint="a", identity=ACME, call_id="c-7"))
    made.close()
    proof = config.parent / "proof.json"
    proof.write_text(offramp("audit", "prove", "c-7").out)

    by_key = offramp("audit", "check-proof", "proof.json", "--key", public)
    by_none = offramp("audit", "check-proof", "proof.json")
    proof.write_text(proof.read_text().replace("c-7", "c-8"))
    forged = offramp("audit", "check-proof", "proof.json", "--key", public)

    assert (by_key.code, by_none.code, forged.code) == (0, 3, 1)
    assert '"call_id":"c-7"' in by_key.out
    assert "NO key given vouches" in by_none.out
    assert "NOT proven" in forged.out
