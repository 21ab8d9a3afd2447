"""`make bench`: prints what Offramp costs beside raw HTTP, and the figures that it should stay within."""

import argparse
import asyncio
import json
import platform
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from offramp.types import JsonObject
from offramp_conformance.bench.answers import CHUNKS
from offramp_conformance.bench.contestants import AT_ONCE, HISTORY
from offramp_conformance.bench.decisions import measure_decisions
from offramp_conformance.bench.measure import REFERENCE, Kind, Row, measure, measure_imports, server
from offramp_conformance.bench.profiled import Share, profiled
from offramp_conformance.bench.wires import wires
from offramp_conformance.whole_numbers import at_least_one

LIMITS: Final[dict[tuple[Kind, str], float]] = {
    ("call", "offramp"): 1.6,
    ("chunk", "offramp"): 3.0,
    ("history", f"{HISTORY + 1} messages"): 1.6,
    ("decision", "the usual path"): 1.0,
    ("import", "offramp"): 1.0,
}
"""Offramp with everything on, against the reference. The row with the ledger has no limit of its own."""

_TITLES: Final[dict[Kind, str]] = {
    "call": f"CPU of one call, {AT_ONCE} at once, µs",
    "chunk": f"CPU of one streamed chunk, {AT_ONCE} streams at once of {CHUNKS} chunks, µs",
    "history": f"CPU of one call with a history of {HISTORY} messages, {AT_ONCE} at once, µs",
    "decision": "CPU of one policy decision, two layers of 40 clauses beside the floor, µs",
    "import": "CPU of an import in a fresh interpreter, less an empty one's, µs",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it. The exit code says nothing of the figures: a busy machine is no defect."""
    options = _parser().parse_args(arguments)
    if options.json and options.json != Path("-"):
        options.json.touch()  # minutes of figures are not measured for a file that cannot be written
    rows, profiles = asyncio.run(_run(options))
    rows += measure_decisions(rounds=options.rounds)
    rows += measure_imports(rounds=options.rounds)
    if options.json:
        text = json.dumps(_json(rows, profiles), indent=2)
        if options.json == Path("-"):
            sys.stdout.write(f"{text}\n")
            return 0
        options.json.write_text(f"{text}\n", "utf-8")
    _show(rows, profiles)
    return 0


async def _run(options: argparse.Namespace) -> tuple[list[Row], dict[str, list[Share]]]:
    rows: list[Row] = []
    profiles: dict[str, list[Share]] = {}
    with server() as address:
        for wire in wires():
            if options.dialect and wire.dialect not in options.dialect:
                continue
            rows += await measure(wire, address, rounds=options.rounds, calls=options.calls, streams=options.streams)
            for stream in (False, True) if options.profile else ():
                name = f"{wire.dialect}, {'stream' if stream else 'call'}"
                profiles[name] = await profiled(wire, address, stream=stream, count=AT_ONCE * (2 if stream else 10))
    return rows, profiles


def _show(rows: Sequence[Row], profiles: dict[str, list[Share]]) -> None:
    out = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    for kind, title in _TITLES.items():
        table = Table("dialect", "what", "median", "lowest", "highest", f"to {REFERENCE[kind]}", "limit", title=title)
        for row in (each for each in rows if each.kind == kind):
            limit = LIMITS.get((kind, row.name))
            spread = (row.median_us, min(row.samples_us), max(row.samples_us))
            table.add_row(
                row.dialect or "",
                row.name,
                *(f"{number:.1f}" for number in spread),
                "" if row.ratio is None else f"{row.ratio:.2f}",
                "" if limit is None else f"{limit:g}",
                style=_style(row, limit),
            )
        out.print(table)
    for name, shares in profiles.items():
        table = Table("part", "own time, µs", "share", title=f"Where the time goes: {name} (profiled, so slower)")
        for each in shares:
            table.add_row(each.part, f"{each.us:.1f}", f"{each.share:.0%}")
        out.print(table)


def _style(row: Row, limit: float | None) -> str:
    if limit is None or row.ratio is None:
        return ""
    return "green" if row.ratio <= limit else "red"


def _json(rows: Sequence[Row], profiles: dict[str, list[Share]]) -> JsonObject:
    return {
        "schema": "offramp-bench/1",
        "python": platform.python_version(),
        "at_once": AT_ONCE,
        "limits": {kind: limit for (kind, _), limit in LIMITS.items()},
        "rows": [
            {
                "kind": row.kind,
                "dialect": row.dialect,
                "name": row.name,
                "median_us": row.median_us,
                "ratio": row.ratio,
                "samples_us": list(row.samples_us),
            }
            for row in rows
        ],
        "profiles": {
            name: [{"part": each.part, "us": each.us, "share": each.share} for each in shares]
            for name, shares in profiles.items()
        },
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m offramp_conformance.bench", description=__doc__)
    add = parser.add_argument
    add("--rounds", type=at_least_one, default=20, help="in each, every contestant has its turn")
    add("--calls", type=at_least_one, default=240, help="calls in a round")
    add("--streams", type=at_least_one, default=32, help="streamed answers in a round")
    add(
        "--dialect",
        action="append",
        choices=[wire.dialect for wire in wires()],
        help="only this one; may be given again",
    )
    add("--profile", action="store_true", help="show where the time goes, too")
    add("--json", type=Path, metavar="FILE", help="write the numbers to FILE, or to standard output for -")
    return parser
