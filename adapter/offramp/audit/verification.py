"""Verify a decision log: find what was altered, taken out, put in, moved or cut off, and what was not permitted.

Links find any changed byte, a missing or moved line, a missing file that a later one names, an end cut off before a
line that a later file names. Checkpoints signed by a key that the one who alters does not hold find a file written
anew. Only checkpoints that a witness has kept elsewhere find what the holder of the key has written anew, or an end or
a newest file that was taken away; a log without them is at best `unwitnessed`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY
from pathlib import Path
from typing import Literal, TypeAlias

from offramp.audit.chain import Chain, read_chain
from offramp.audit.conduct import Conduct
from offramp.audit.coverage import Coverage, KeptNotes, cover, read_kept
from offramp.audit.problems import Problem, Unknown
from offramp.contracts.document_facts import DocumentFacts
from offramp.errors import StateError
from offramp.types import value

Verdict: TypeAlias = Literal["broken", "unwitnessed", "ok"]


@value
class VerifyResult:
    """What a verification has found."""

    _: KW_ONLY
    files: int
    records: int
    problems: tuple[Problem, ...]
    open_ended: tuple[str, ...]
    """Files without a closing line: still written, or their process was killed, or their end was cut off."""
    unknown: tuple[Unknown, ...]
    """Calls whose end the log does not tell."""
    coverage: Coverage
    unjudged: int = 0
    """Permitted sends none of whose policy files is known: whether these were in force is not told."""

    @property
    def sound(self) -> bool:
        """Whether nothing wrong was found. Whoever could write the whole log anew may have done so."""
        return not self.problems

    @property
    def unwitnessed(self) -> int:
        """Records that no witness vouches for."""
        return self.records - self.coverage.witnessed

    @property
    def verdict(self) -> Verdict:
        """`ok` only where a witness vouches for every record."""
        if self.problems:
            return "broken"
        return "unwitnessed" if self.unwitnessed else "ok"


def verify(
    path: Path,
    *,
    keys: Sequence[bytes] = (),
    witness: Path | None = None,
    documents: Sequence[DocumentFacts] = (),
) -> VerifyResult:
    """Verify one file, or all of a folder and how they name each other.

    Args:
        path: a file of the log, or its folder.
        keys: public keys (Ed25519, 32 bytes), one of which must have signed each signed checkpoint.
        witness: folder in which `audit witness` keeps checkpoints.
        documents: policy files at hand, by their digests: they are believed before what the log tells of them.

    Raises:
        StateError: there is no log.
        ValueError: a key is not one.
        MissingExtraError: keys are given, and the extra `sign` is not installed.
    """
    files = files_of(path)
    own = read_kept(files[0].parent, only={file.name for file in files})
    kept = _witnessed(witness, only=None if path.is_dir() else {path.name})
    conduct = Conduct(documents)
    chains = read_chains(files, own, kept, conduct)
    coverage, unvouched = cover(chains, own, kept, keys)
    problems = [problem for chain in chains.values() for problem in chain.problems]
    if path.is_dir():
        problems += _missed(chains)
    problems += [*unvouched, *conduct.problems, *conduct.against_orders(), *conduct.in_force.judged()]
    return VerifyResult(
        files=len(chains),
        records=sum(len(chain.records) for chain in chains.values()),
        problems=tuple(problems),
        open_ended=tuple(name for name, chain in chains.items() if not chain.closed),
        unknown=conduct.unknown(),
        coverage=coverage,
        unjudged=conduct.in_force.unjudged,
    )


def files_of(path: Path) -> list[Path]:
    """The files of a log, the oldest first. Raises StateError where there is none."""
    files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    if not files or not path.exists():
        raise StateError(
            "there is no decision log here", where=str(path), mend="check the path; `audit` in offramp.toml"
        )
    return files


def read_chains(files: Sequence[Path], own: KeptNotes, kept: KeptNotes, conduct: Conduct) -> dict[str, Chain]:
    """Every file with its roots at the sizes that checkpoints speak of."""
    return {
        file.name: read_chain(file, sizes=own.sizes(file.name) | kept.sizes(file.name), noted=conduct.note)
        for file in files
    }


def _witnessed(witness: Path | None, *, only: set[str] | None) -> KeptNotes:
    if witness is None:
        return KeptNotes({}, ())
    if not witness.is_dir():
        raise StateError(
            "there is no such folder of a witness", where=str(witness), mend="fill it with `offramp audit witness`"
        )
    return read_kept(witness, only)


def _missed(chains: Mapping[str, Chain]) -> list[Problem]:
    """Files and ends of files that another one names and that are not there."""
    problems: list[Problem] = []
    for name, chain in chains.items():
        earlier, seq, digest = (chain.opened.get(key) for key in ("earlier", "earlier_seq", "earlier_hash"))
        if not isinstance(earlier, str):
            continue
        known = chains.get(earlier)
        if known is None:
            problems.append(Problem("file_missing", earlier, what=f"{name} names it, and it is not there"))
        elif isinstance(seq, int) and known.records.get(seq) != digest:
            problems.append(Problem("shortened", earlier, what=f"{name} names its record {seq}, and it is not there"))
    return problems
