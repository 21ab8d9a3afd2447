"""One run from the command line: say what it will take, ask, run, write the report, print it."""

import asyncio
import hashlib
import json
import sys
from pathlib import Path
from typing import Final

import typer
from rich.console import Console

from offramp.ed25519 import PrivateKey, read_private_key
from offramp.state.place import write_durably
from offramp.types import JsonObject
from offramp_conformance.conform.folder import held
from offramp_conformance.conform.junit import junit
from offramp_conformance.conform.observed import observed
from offramp_conformance.conform.page import page
from offramp_conformance.conform.report import ConformRun, report
from offramp_conformance.conform.running import Prepared, conform, prepare
from offramp_conformance.conform.settings import ConformSettings
from offramp_conformance.conform.view import shown, summary
from offramp_conformance.evidence.dsse import seal
from offramp_conformance.evidence.statement import statement
from offramp_conformance.evidence.verifying import ENVELOPE, REPORT

PAGE: Final = "conform-report.html"
JUNIT: Final = "conform-report.junit.xml"


def carry_out(settings: ConformSettings, *, asks: bool, as_json: bool, key: Path | None = None) -> bool:
    """Run, and say on standard output what came of it.

    Args:
        settings: of the run.
        asks: whether a person at a terminal is asked before the first call.
        as_json: print the report itself instead of tables.
        key: the private key that signs the report. None: it is not signed.

    Returns:
        Whether the endpoint passed.

    Raises:
        ConfigurationError, StateError: it could not be carried out.
    """
    signer = read_private_key(key, needed_for="signing a report") if key else None
    prepared = prepare(settings)
    with held(settings.folder):
        _announce(prepared, asks=asks)
        with shown(prepared) as show:
            run = asyncio.run(conform(prepared, show))
        content = report(run, prepared.checks)
        _write(settings.folder, run, content, signer)
    if as_json:
        sys.stdout.write(json.dumps(content, indent=2) + "\n")
    else:
        out = Console(markup=False, highlight=False, width=None if sys.stdout.isatty() else 160)
        out.print(summary(run))
        files = (PAGE, REPORT, JUNIT, *((ENVELOPE,) if signer else ()))
        out.print(f"Report in {settings.folder}: {', '.join(files)}")
    return run.passed


def _announce(prepared: Prepared, *, asks: bool) -> None:
    count, bounds = len(prepared.selection.checks), _bounds(prepared.settings)
    for name, estimate in prepared.estimates.items():
        sys.stderr.write(f"{count} checks at {name}: {estimate}{bounds}\n")
    if prepared.questions:
        sys.stderr.write(f"parity: at most {prepared.questions:,} calls about the golden set{bounds}\n")
    if asks and sys.stdin.isatty() and sys.stderr.isatty():
        typer.confirm("Begin?", abort=True, err=True)


def _bounds(settings: ConformSettings) -> str:
    """What the caller allows, in words."""
    calls = "" if settings.max_calls is None else f"; ends at {settings.max_calls:,} (--max-calls)"
    cost = "" if settings.max_cost_usd is None else f"; no call begins beyond ${settings.max_cost_usd} (--max-cost)"
    return calls + cost


def _write(folder: Path, run: ConformRun, content: JsonObject, signer: PrivateKey | None) -> None:
    raw = (json.dumps(content, indent=2) + "\n").encode()
    write_durably(folder / REPORT, raw)
    write_durably(folder / PAGE, page(content).encode())
    write_durably(folder / JUNIT, junit(content))
    digest = hashlib.sha256(raw).hexdigest()
    (folder / ENVELOPE).unlink(missing_ok=True)  # an earlier one would be of another report
    if signer is not None:
        envelope = json.dumps(seal(statement(content, digest), signer), indent=1)
        write_durably(folder / ENVELOPE, f"{envelope}\n".encode())
    for each in run.runs:
        seen = observed(each.endpoint, each.results, each.verdict, report_sha256=digest, today=each.begun.date())
        # A configuration that rests on it may be read at any moment.
        file = folder / f"observed-{each.endpoint.identity.endpoint}.json"
        write_durably(file, (json.dumps(seen, indent=2) + "\n").encode())
