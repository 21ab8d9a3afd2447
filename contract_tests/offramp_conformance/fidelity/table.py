"""The report as tables to read."""

from collections.abc import Iterator

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from offramp_conformance.fidelity.report import Crossed, Report, Same

_PIECES = ("request", "answer", "stream", "error")
_MOST = 20
"""Differences that are listed of each row; `--json` has them all."""


def show(found: Report, out: Console) -> None:
    """Print it."""
    out.print(_same(found))
    for row in found.same:
        _list(out, f"{row.api} {row.vendor}", row.differences)
    if found.crossed:
        out.print(_crossed(found))
    for each in found.crossed:
        _list(out, f"{each.source} → {each.wire}, silent", each.silent)
    out.print(_uncovered(found))
    out.print(_verdict(found))


def _same(found: Report) -> Table:
    table = Table("API", "vendor", "interactions", "exact", *(f"{piece}s" for piece in _PIECES))
    table.title = "There and back in the same dialect (of a stream, its events are counted)"
    for row in found.same:
        counts = [_of(row, piece) for piece in _PIECES]
        style = "green" if row.exact == row.interactions else "red"
        table.add_row(row.api, row.vendor, str(row.interactions), f"{row.exact}  {_share(row)}", *counts, style=style)
    return table


def _share(row: Same) -> str:
    return f"{row.exact / row.interactions:.0%}" if row.interactions else ""


def _of(row: Same, piece: str) -> str:
    exact, units = row.pieces.get(piece, (0, 0))
    return f"{exact}/{units}" if units else ""


def _crossed(found: Report) -> Table:
    table = Table("from", "to", "requests", "answers", "streams", "silent")
    table.title = "To every other dialect: equal / named as lost / refused"
    for row in found.crossed:
        counts = [_fates(row, way) for way in ("request", "answer", "stream")]
        table.add_row(row.source, row.wire, *counts, str(len(row.silent)), style="red" if row.silent else "green")
    return table


def _fates(row: Crossed, way: str) -> str:
    fates = row.fates.get(way)
    return " / ".join(str(fates.get(fate, 0)) for fate in ("equal", "named", "refused")) if fates else ""


def _uncovered(found: Report) -> Table:
    table = Table("API", "interactions", "why", title="Recorded, and not covered")
    for each in found.uncovered:
        table.add_row(each.api, str(each.interactions), each.why)
    return table


def _list(out: Console, title: str, lines: list[str]) -> None:
    for line in _cut(lines):
        out.print(f"  [red]{escape(title)}[/red]: {escape(line)}")


def _cut(lines: list[str]) -> Iterator[str]:
    yield from lines[:_MOST]
    if len(lines) > _MOST:
        yield f"and {len(lines) - _MOST} more; --json has them all"


def _verdict(found: Report) -> str:
    interactions = sum(row.interactions for row in found.same)
    exact = sum(row.exact for row in found.same)
    silent = sum(len(row.silent) for row in found.crossed)
    left = sum(each.interactions for each in found.uncovered)
    told = f"{exact} of {interactions} interactions exact in the same dialect"
    return f"{told}; {silent} differences in silence across dialects; {left} interactions not covered"
