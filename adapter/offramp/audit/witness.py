"""A witness: keeps the checkpoints of a log where whoever writes the log cannot reach them."""

import os
from collections.abc import Sequence
from dataclasses import KW_ONLY
from pathlib import Path

from offramp.audit.chain import Chain
from offramp.audit.checkpoints import ENDING, Note, write_notes
from offramp.audit.conduct import Conduct
from offramp.audit.coverage import KeptNotes, agrees, cover, is_trusted, read_kept
from offramp.audit.problems import Problem
from offramp.audit.verification import files_of, read_chains
from offramp.errors import StateError
from offramp.types import value


@value
class Witnessed:
    """What a witness has done."""

    _: KW_ONLY
    kept: int
    """New checkpoints."""
    witnessed: int
    """Records that the witness now vouches for."""
    records: int
    problems: tuple[Problem, ...]
    """Where the log is broken, or denies what was kept before. Then nothing new was kept."""


def keep(log: Path, folder: Path, *, keys: Sequence[bytes] = ()) -> Witnessed:
    """Keep the newest checkpoint of every file of the log, if the log still is what was kept before.

    Args:
        log: folder of the log.
        folder: where checkpoints are kept; made where it is missing.
        keys: public keys, one of which must have signed what is kept. None given: unsigned ones are kept too.

    Raises:
        StateError: there is no log, or nothing can be kept.
    """
    files = files_of(log)
    own, earlier = read_kept(files[0].parent, {file.name for file in files}), read_kept(folder)
    chains = read_chains(files, own, earlier, Conduct())
    coverage, problems = cover(chains, own, earlier, keys)
    # A line that is being written has no end yet.
    problems += [problem for chain in chains.values() for problem in chain.problems if problem.kind != "torn_tail"]
    records = sum(chain.lines for chain in chains.values())
    if problems:
        return Witnessed(kept=0, witnessed=coverage.witnessed, records=records, problems=tuple(problems))
    fresh = {name: note for name, chain in chains.items() if (note := _fresh(chain, own, earlier, keys)) is not None}
    for name, note in fresh.items():
        _append(folder / f"{Path(name).stem}{ENDING}", note)
    gained = sum(note.checkpoint.size - _size(earlier, name) for name, note in fresh.items())
    return Witnessed(kept=len(fresh), witnessed=coverage.witnessed + gained, records=records, problems=())


def _fresh(chain: Chain, own: KeptNotes, earlier: KeptNotes, keys: Sequence[bytes]) -> Note | None:
    """The newest checkpoint of a file, where it goes further than what is kept."""
    known = own.notes.get(chain.name, ())
    notes = [note for note in known if agrees(note, chain) and (not keys or is_trusted(note, keys))]
    newest = max(notes, key=lambda note: note.checkpoint.size, default=None)
    if newest is None or newest.checkpoint.size <= _size(earlier, chain.name):
        return None
    return newest


def _size(kept: KeptNotes, name: str) -> int:
    return max((note.checkpoint.size for note in kept.notes.get(name, ())), default=0)


def _append(path: Path, note: Note) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(write_notes([note]))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise StateError(
            f"a checkpoint cannot be kept ({error.strerror or error})", where=str(path), mend="make the folder writable"
        ) from error
