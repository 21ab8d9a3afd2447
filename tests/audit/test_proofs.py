"""A proof shows that a call's lines stand under a checkpoint, to somebody who has nothing else; and nothing more."""

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from offramp.audit import DecisionLog, check, prove, signed_by
from offramp.contracts.audit import Entry
from offramp.ed25519 import make_key_pair
from offramp.errors import StateError

Harm = Callable[[Any], object]


@pytest.fixture
def proof(folder: Path, tmp_path: Path, permitted: Entry, sent: Entry) -> Any:
    """Of the third of five calls."""
    make_key_pair(tmp_path / "audit.key")
    log = DecisionLog(folder, checkpointing=signed_by(tmp_path / "audit.key"))
    for number in range(5):
        log.append(*[replace(entry, call_id=f"c-{number}") for entry in (permitted, sent)])
    log.close()
    return json.loads(json.dumps(prove(folder, "c-2")))


def test_a_proof_gives_the_lines_of_its_call(proof: Any, folder: Path, tmp_path: Path):
    key = signed_by(tmp_path / "audit.key").key
    (file,) = folder.glob("*.jsonl")

    lines = check(proof)

    assert [(line.file, line.number) for line in lines] == [(file.name, 6), (file.name, 7)]
    assert [line.line for line in lines] == file.read_text().splitlines()[5:7]
    assert key is not None
    assert all(line.note.is_signed_by(key.public) for line in lines)


@pytest.mark.parametrize(
    "harm",
    [
        lambda proof: proof.update(call_id="c-3"),
        lambda proof: proof.update(schema="offramp-proof/2"),
        lambda proof: proof.update(proofs=[]),
        lambda proof: proof.pop("proofs"),
        lambda proof: first(proof).update(index=4),
        lambda proof: first(proof).update(index="5"),
        lambda proof: first(proof)["path"].pop(),
        lambda proof: first(proof)["path"].append("00" * 32),
        lambda proof: first(proof)["path"].reverse(),
        lambda proof: first(proof).update(line=first(proof)["line"].replace("triage", "sieved")),
        lambda proof: proof["proofs"][0].update(checkpoint="nothing"),
    ],
)
def test_a_proof_that_was_changed_proves_nothing(proof: Any, harm: Harm):
    harmed = deepcopy(proof)
    harm(harmed)

    assert harmed != proof
    with pytest.raises(ValueError, match=r"proof|proves|line|note"):
        check(harmed)


def test_another_size_under_the_same_root_is_not_what_was_signed(proof: Any, tmp_path: Path):
    key = signed_by(tmp_path / "audit.key").key
    each = proof["proofs"][0]
    each["checkpoint"] = each["checkpoint"].replace("\n12\n", "\n13\n")

    assert key is not None
    assert not any(line.note.is_signed_by(key.public) for line in check(proof))


def first(proof: Any) -> Any:
    return proof["proofs"][0]["lines"][0]


@pytest.mark.parametrize("call_id", ["c-9", ""])
def test_a_call_that_is_not_there_cannot_be_proven(proof: Any, folder: Path, call_id: str):
    with pytest.raises(StateError, match="no line of this call"):
        prove(folder, call_id)


def test_a_log_that_denies_its_checkpoints_proves_nothing(proof: Any, folder: Path):
    (file,) = folder.glob("*.jsonl")
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:-1]))

    with pytest.raises(StateError, match="no line of this call"):
        prove(folder, "c-2")
