"""Proofs that lines of one call stand in a log, for somebody who has none of its other lines.

A proof holds the call's own lines, the newest checkpoint over them and what leads from each to its root. Whether the
checkpoint is to be believed, its signature says, or a witness that holds the same.
"""

from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY
from pathlib import Path
from typing import Any, Final

from offramp.audit.checkpoints import Note, beside, log_file_of, read_notes
from offramp.audit.merkle import inclusion_path, is_included, root_of
from offramp.audit.records import leaf_of, read_line
from offramp.audit.verification import files_of
from offramp.errors import StateError
from offramp.types import JsonObject, value

_SCHEMA: Final = "offramp-proof/1"


@value
class ProvenLine:
    """A line that stands in a log as its checkpoint vouches."""

    _: KW_ONLY
    file: str
    number: int
    """Counted from 1."""
    line: str
    note: Note


def prove(log: Path, call_id: str) -> JsonObject:
    """A proof for every line of a call that is under a checkpoint.

    Raises:
        StateError: there is no log, it cannot be read, or no line of this call is under a checkpoint.
    """
    try:
        proofs = [proof for file in files_of(log) for proof in _proofs(file, call_id)]
    except (OSError, ValueError) as error:
        raise StateError(
            f"the log cannot be read: {error}", where=str(log), mend="see `offramp audit verify`"
        ) from error
    if not proofs:
        raise StateError(
            "no line of this call is under a checkpoint that agrees with the log",
            where=str(log),
            mend="wait for the next checkpoint, or see `offramp audit verify`",
        )
    return {"schema": _SCHEMA, "call_id": call_id, "proofs": proofs}


def check(proof: Any) -> tuple[ProvenLine, ...]:
    """The lines that a proof proves, each with the checkpoint to believe it by.

    Raises:
        ValueError: it proves nothing, or less than it says.
    """
    try:
        if proof["schema"] != _SCHEMA:
            raise ValueError("this is no proof of an inclusion")  # told as any other fault of form
        lines = tuple(line for each in proof["proofs"] for line in _checked(each, proof["call_id"]))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("this is no proof of an inclusion") from error
    if not lines:
        raise ValueError("it proves nothing")
    return lines


def _proofs(file: Path, call_id: str) -> Iterator[JsonObject]:
    lines = file.read_bytes().split(b"\n")[:-1]
    own = [number for number, line in enumerate(lines) if _call_id(line) == call_id]
    note = _newest(file, lines) if own else None
    if note is None:
        return
    leaves = [leaf_of(line) for line in lines[: note.checkpoint.size]]
    held = [index for index in own if index < len(leaves)]
    if held:
        yield {
            "checkpoint": str(note),
            "lines": [
                {
                    "index": index,
                    "line": lines[index].decode(),
                    "path": [each.hex() for each in inclusion_path(leaves, index)],
                }
                for index in held
            ],
        }


def _newest(file: Path, lines: Sequence[bytes]) -> Note | None:
    """The newest checkpoint of a file that agrees with its lines."""
    path = beside(file)
    notes = read_notes(path.read_bytes()) if path.exists() else ()
    for note in sorted(notes, key=lambda note: -note.checkpoint.size):
        size = note.checkpoint.size
        if size <= len(lines) and note.checkpoint.root == root_of([leaf_of(line) for line in lines[:size]]):
            return note
    return None


def _call_id(line: bytes) -> object:
    record = read_line(line)
    return record.content.get("call_id") if record else None


def _checked(each: Any, call_id: str) -> Iterator[ProvenLine]:
    (note,) = read_notes(each["checkpoint"].encode())
    head, file = note.checkpoint, log_file_of(note.checkpoint.origin)
    for one in each["lines"]:
        line, path = one["line"].encode(), [bytes.fromhex(step) for step in one["path"]]
        if file is None or _call_id(line) != call_id:
            raise ValueError("a line is of another call, or of no log")
        if not is_included(leaf_of(line), path, head.root, index=one["index"], size=head.size):
            raise ValueError("a line is not where its checkpoint would have it")
        yield ProvenLine(file=file, number=one["index"] + 1, line=one["line"], note=note)
