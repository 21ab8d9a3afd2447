"""Verify a decision log: find what was altered, taken out, put in, moved or cut off.

What can be found: any changed byte, a missing or moved line, a missing file that a later one names, an end cut off
before a line that a later file names. What cannot: a cut-off end of the newest file
(without a closing line it looks like a killed process's), and a file that was written anew with all its hashes. Against
these keep `DecisionLog.head` elsewhere.
"""

from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from offramp.audit.records import FIRST, Record, read_line
from offramp.errors import StateError
from offramp.types import value

ProblemKind: TypeAlias = Literal[
    "altered", "out_of_place", "torn_tail", "after_closed", "renamed", "file_missing", "shortened", "unreadable"
]


@value
class Problem:
    """One thing that is wrong with a log."""

    kind: ProblemKind
    file: str
    _: KW_ONLY
    line: int | None = None
    """Counted from 1; None where the whole file is meant."""
    what: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.what}"


@value
class VerifyResult:
    """What a verification has found."""

    _: KW_ONLY
    files: int
    records: int
    problems: tuple[Problem, ...]
    open_ended: tuple[str, ...]
    """Files without a closing line: still written, or their process was killed, or their end was cut off."""

    @property
    def ok(self) -> bool:
        """Whether nothing was found. `open_ended` files do not count: what they may lack cannot be told."""
        return not self.problems


@dataclass(slots=True)
class _FileResult:
    """What is known of a file so far. It grows with every line."""

    records: dict[int, str]
    """Hash by number."""
    problems: list[Problem]
    opened: Mapping[str, object]
    closed: bool


def verify(path: Path) -> VerifyResult:
    """Verify one file, or all of a folder and how they name each other.

    Raises:
        StateError: there is no log.
    """
    folder = path if path.is_dir() else path.parent
    files = sorted(folder.glob("*.jsonl")) if path.is_dir() else [path]
    if not files or not path.exists():
        raise StateError(
            "there is no decision log here", where=str(path), mend="check the path; `audit` in offramp.toml"
        )
    results = {file.name: _verify_file(file) for file in files}
    problems = [problem for result in results.values() for problem in result.problems]
    if path.is_dir():
        problems += _missed(results)
    return VerifyResult(
        files=len(results),
        records=sum(len(result.records) for result in results.values()),
        problems=tuple(problems),
        open_ended=tuple(name for name, result in results.items() if not result.closed),
    )


def records_of(path: Path) -> Iterator[Record]:
    """The sound records of a file, in order. Raises StateError where it cannot be read."""
    try:
        with path.open("rb") as lines:
            for line in lines:
                record = read_line(line.removesuffix(b"\n"))
                if record is not None:
                    yield record
    except OSError as error:
        raise StateError("a decision log cannot be read", where=str(path), mend="check its mode") from error


def _verify_file(path: Path) -> _FileResult:
    result = _FileResult({}, [], {}, closed=False)
    last, number = FIRST, 0
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                last = _verify_line(line, result, last=last, number=number, name=path.name)
    except OSError:
        result.problems.append(Problem("unreadable", path.name, what="the file cannot be read"))
    if number == 0 and not result.problems:
        result.problems.append(Problem("altered", path.name, what="the file is empty"))
    return result


def _verify_line(line: bytes, result: _FileResult, *, last: str, number: int, name: str) -> str:
    """Note what is wrong with a line; give the hash that the next one must name."""
    if not line.endswith(b"\n"):
        result.problems.append(Problem("torn_tail", name, line=number, what="the last line has no end"))
        return last
    record = read_line(line[:-1])
    if record is None:
        result.problems.append(Problem("altered", name, line=number, what="the line does not bear its own hash"))
        return last
    if record.prev != last or record.seq != number:
        what = f"record {record.seq} does not follow the one before it"
        result.problems.append(Problem("out_of_place", name, line=number, what=what))
    if result.closed:
        result.problems.append(
            Problem("after_closed", name, line=number, what="a record stands behind the closing line")
        )
    _note(record, result, number=number, name=name)
    return record.hash


def _note(record: Record, result: _FileResult, *, number: int, name: str) -> None:
    result.records[record.seq] = record.hash
    if record.kind == "closed":
        result.closed = True
    if number == 1:
        result.opened = record.content.get("detail", {})
        if record.kind != "opened" or result.opened.get("file") != name:
            result.problems.append(Problem("renamed", name, line=1, what="the file does not begin with its own name"))


def _missed(results: Mapping[str, _FileResult]) -> list[Problem]:
    """Files and ends of files that another one names and that are not there."""
    problems: list[Problem] = []
    for name, result in results.items():
        earlier, seq, digest = (result.opened.get(key) for key in ("earlier", "earlier_seq", "earlier_hash"))
        if not isinstance(earlier, str):
            continue
        known = results.get(earlier)
        if known is None:
            problems.append(Problem("file_missing", earlier, what=f"{name} names it, and it is not there"))
        elif isinstance(seq, int) and known.records.get(seq) != digest:
            problems.append(Problem("shortened", earlier, what=f"{name} names its record {seq}, and it is not there"))
    return problems
