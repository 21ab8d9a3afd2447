"""One drill from the command line: rehearse, ask the promises, write the report, print it."""

import asyncio
import json
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.live import Live

from offramp.cli._ending import naming
from offramp.types import JsonObject
from offramp_conformance.drill.evidence import Evidence
from offramp_conformance.drill.figures import figures
from offramp_conformance.drill.orchestrator import Show, rehearse
from offramp_conformance.drill.page import headline, page
from offramp_conformance.drill.promises import Promise, broken, check
from offramp_conformance.drill.report import report
from offramp_conformance.drill.settings import DrillSettings
from offramp_conformance.drill.view import error_console, live, summary


def run(settings: DrillSettings, folder: Path, *, as_json: bool) -> bool:
    """Run a drill and say on standard output what came of it; each broken promise is one line on standard error.

    Args:
        settings: of the drill.
        folder: where the two report files go; made where it is missing.
        as_json: print the report itself instead of tables.

    Returns:
        Whether no promise was broken.

    Raises:
        DrillFailed, ConfigurationError: it could not be carried out.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _shown() as show:
        evidence = asyncio.run(rehearse(settings, show))
    promises = check(evidence)
    content = report(evidence, promises, seed=settings.seed, workers=settings.workers)
    _write(folder, content)
    _print(evidence, promises, content, folder, as_json=as_json)
    return not broken(promises)


@contextmanager
def _shown() -> Generator[Show]:
    """The live view where there is a terminal; elsewhere nothing."""
    console = error_console()
    if not console.is_terminal:
        yield lambda _: None
        return
    with Live(console=console, refresh_per_second=8, transient=True) as view:
        yield lambda progress: view.update(live(progress))


def _write(folder: Path, content: JsonObject) -> None:
    for name, text in (("json", json.dumps(content, indent=2) + "\n"), ("html", page(content))):
        file = folder / f"drill-report.{name}"
        with naming(file):
            file.write_text(text, encoding="utf-8")


def _print(evidence: Evidence, promises: list[Promise], content: JsonObject, folder: Path, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(content, indent=2) + "\n")
    else:
        out = Console(markup=False, highlight=False, width=None if sys.stdout.isatty() else 160)
        out.print(summary(evidence, promises, figures(evidence)))
        out.print(f"{headline(content)}.")
        out.print(f"Report: {folder / 'drill-report.html'} and {folder / 'drill-report.json'}")
    for promise in broken(promises):
        sys.stderr.write(f"broken: {promise.id}: {promise.title}: {promise.why}\n")
