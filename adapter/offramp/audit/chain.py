"""Reads one file of the log from end to end: its lines, their links, and the Merkle roots on the way."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from offramp.audit.merkle import Growing
from offramp.audit.problems import Problem
from offramp.audit.records import FIRST, Record, leaf_of, read_line
from offramp.errors import StateError

Noted: TypeAlias = Callable[[str, int, Record], None]
"""Told of each sound record: file, line, record."""


@dataclass(slots=True)
class Chain:
    """What is known of a file so far. It grows with every line."""

    name: str
    records: dict[int, str] = field(default_factory=dict[int, str])
    """Hash by number."""
    problems: list[Problem] = field(default_factory=list[Problem])
    opened: Mapping[str, object] = field(default_factory=dict[str, object])
    closed: bool = False
    tree: Growing = field(default_factory=Growing)
    roots: dict[int, bytes] = field(default_factory=dict[int, bytes])
    """Root by size, for the sizes that were asked for."""

    @property
    def lines(self) -> int:
        """Whole lines, sound or not."""
        return self.tree.size


def read_chain(path: Path, *, sizes: Collection[int], noted: Noted) -> Chain:
    """Read a file. What is wrong with it is in the result; nothing is raised."""
    chain = Chain(path.name)
    last, number = FIRST, 0
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                last = _read_line(line, chain, last=last, number=number, noted=noted)
                if chain.lines in sizes and chain.lines == number:
                    chain.roots[number] = chain.tree.root()
    except OSError:
        chain.problems.append(Problem("unreadable", path.name, what="the file cannot be read"))
    if number == 0 and not chain.problems:
        chain.problems.append(Problem("altered", path.name, what="the file is empty"))
    return chain


def records_of(path: Path) -> Iterator[Record]:
    """The sound records of a file, in order. Raises StateError where it cannot be read."""
    for _, record in numbered_records_of(path):
        yield record


def numbered_records_of(path: Path) -> Iterator[tuple[int, Record]]:
    """The same, each with the number of its line."""
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                record = read_line(line.removesuffix(b"\n"))
                if record is not None:
                    yield number, record
    except OSError as error:
        raise StateError("a decision log cannot be read", where=str(path), mend="check its mode") from error


def _read_line(line: bytes, chain: Chain, *, last: str, number: int, noted: Noted) -> str:
    """Note what is wrong with a line; give the hash that the next one must name."""
    name = chain.name
    if not line.endswith(b"\n"):
        chain.problems.append(Problem("torn_tail", name, line=number, what="the last line has no end"))
        return last
    chain.tree.extend([leaf_of(line[:-1])])
    record = read_line(line[:-1])
    if record is None:
        chain.problems.append(Problem("altered", name, line=number, what="the line does not bear its own hash"))
        return last
    if record.prev != last or record.seq != number:
        what = f"record {record.seq} does not follow the one before it"
        chain.problems.append(Problem("out_of_place", name, line=number, what=what))
    if chain.closed:
        what = "a record stands behind the closing line"
        chain.problems.append(Problem("after_closed", name, line=number, what=what))
    _note(record, chain, number=number)
    noted(name, number, record)
    return record.hash


def _note(record: Record, chain: Chain, *, number: int) -> None:
    chain.records[record.seq] = record.hash
    if record.kind == "closed":
        chain.closed = True
    if number == 1:
        chain.opened = record.content.get("detail", {})
        if record.kind != "opened" or chain.opened.get("file") != chain.name:
            what = "the file does not begin with its own name"
            chain.problems.append(Problem("renamed", chain.name, line=1, what=what))
