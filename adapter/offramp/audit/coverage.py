"""How far checkpoints vouch for a log: those beside its files, and those that a witness has kept elsewhere."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY
from pathlib import Path

from offramp.audit.chain import Chain
from offramp.audit.checkpoints import ENDING, Note, log_file_of, read_notes
from offramp.audit.problems import Problem
from offramp.types import value


@value
class KeptNotes:
    """The notes of one folder, by the file of the log that they speak of."""

    notes: Mapping[str, tuple[Note, ...]]
    problems: tuple[Problem, ...]

    def sizes(self, log_file: str) -> frozenset[int]:
        """At which sizes of this file a root must be known."""
        return frozenset(note.checkpoint.size for note in self.notes.get(log_file, ()))


@value
class Coverage:
    """Of how many records checkpoints speak that agree with the log."""

    _: KW_ONLY
    checkpointed: int = 0
    """Records under a checkpoint beside the log."""
    signed: int = 0
    """Records under one that a key of those given has signed."""
    witnessed: int = 0
    """Records under one that a witness has kept; where keys are given, only if one of them has signed it."""
    unsigned_notes: int = 0
    """Checkpoints beside the log that nobody has signed."""


def read_kept(folder: Path, only: Collection[str] | None = None) -> KeptNotes:
    """The notes in a folder, or those on some files of the log. What cannot be read is a problem."""
    notes: dict[str, tuple[Note, ...]] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob(f"*{ENDING}")):
        log_file = path.with_suffix(".jsonl").name
        if only is not None and log_file not in only:
            continue
        try:
            found = read_notes(path.read_bytes())
        except (OSError, ValueError) as error:
            problems.append(Problem("note_altered", path.name, what=f"the checkpoints cannot be read: {error}"))
            continue
        if any(log_file_of(note.checkpoint.origin) != log_file for note in found):
            problems.append(Problem("note_altered", path.name, what="a checkpoint speaks of another file"))
        notes[log_file] = tuple(note for note in found if log_file_of(note.checkpoint.origin) == log_file)
    return KeptNotes(notes, tuple(problems))


def cover(
    chains: Mapping[str, Chain], own: KeptNotes, witness: KeptNotes, keys: Sequence[bytes]
) -> tuple[Coverage, list[Problem]]:
    """Hold every checkpoint against the lines."""
    problems = [*own.problems, *witness.problems, *_lost(chains, witness)]
    total = Coverage()
    for name, chain in chains.items():
        beside, kept = own.notes.get(name, ()), witness.notes.get(name, ())
        problems += [problem for note in (*beside, *kept) for problem in _disagreements(note, chain)][:1]
        problems += [problem for note in beside for problem in _foreign(note, name, keys)][:1]
        total = _sum(total, _coverage(chain, beside, kept, keys))
    return total, problems


def agrees(note: Note, chain: Chain) -> bool:
    """Whether the log had this root at this size."""
    size = note.checkpoint.size
    return size <= chain.lines and chain.roots.get(size) == note.checkpoint.root


def is_trusted(note: Note, keys: Sequence[bytes]) -> bool:
    """Whether one of these keys has signed it."""
    return any(note.is_signed_by(key) for key in keys)


def _coverage(chain: Chain, beside: Sequence[Note], kept: Sequence[Note], keys: Sequence[bytes]) -> Coverage:
    beside = [note for note in beside if agrees(note, chain)]
    kept = [note for note in kept if agrees(note, chain)]
    return Coverage(
        checkpointed=_furthest(beside),
        signed=_furthest([note for note in beside if is_trusted(note, keys)]),
        witnessed=_furthest([note for note in kept if not keys or is_trusted(note, keys)]),
        unsigned_notes=sum(not note.signatures for note in beside),
    )


def _furthest(notes: Sequence[Note]) -> int:
    return max((note.checkpoint.size for note in notes), default=0)


def _sum(one: Coverage, other: Coverage) -> Coverage:
    return Coverage(
        checkpointed=one.checkpointed + other.checkpointed,
        signed=one.signed + other.signed,
        witnessed=one.witnessed + other.witnessed,
        unsigned_notes=one.unsigned_notes + other.unsigned_notes,
    )


def _lost(chains: Mapping[str, Chain], witness: KeptNotes) -> Iterator[Problem]:
    for name, notes in witness.notes.items():
        if notes and name not in chains:
            yield Problem("file_missing", name, what="a witness has kept checkpoints of it, and it is not there")


def _disagreements(note: Note, chain: Chain) -> Iterator[Problem]:
    size = note.checkpoint.size
    if size > chain.lines:
        what = f"a checkpoint speaks of {size} records, and {chain.lines} are there"
        yield Problem("shortened", chain.name, what=what)
    elif not agrees(note, chain):
        what = f"the first {size} records are not those that a checkpoint vouches for"
        yield Problem("root_differs", chain.name, line=size or None, what=what)


def _foreign(note: Note, name: str, keys: Sequence[bytes]) -> Iterator[Problem]:
    if keys and note.signatures and not is_trusted(note, keys):
        what = "the checkpoint here is signed by none of the keys given, or its signature is false"
        yield Problem("signature_unknown", name, line=note.checkpoint.size, what=what)
