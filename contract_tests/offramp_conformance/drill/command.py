"""`offramp drill`: rehearse an offboarding, and say which promises held."""

import asyncio
import json
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live

from offramp.errors import ConfigurationError
from offramp.types import JsonObject
from offramp_conformance.drill.evidence import Evidence
from offramp_conformance.drill.figures import figures
from offramp_conformance.drill.orchestrator import Show, rehearse
from offramp_conformance.drill.page import page
from offramp_conformance.drill.promises import Promise, broken, check
from offramp_conformance.drill.report import report
from offramp_conformance.drill.settings import SABOTAGES, DrillSettings, OwnConfig, Sabotage
from offramp_conformance.drill.view import error_console, live, summary


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("drill")(drill)


def drill(  # a command's options are its parameters
    *,
    seed: Annotated[int, typer.Option("--seed", help="The same seed asks the same questions.")] = 7,
    conversations: Annotated[int, typer.Option("--conversations", min=2, help="How many run at once.")] = 24,
    folder: Annotated[Path, typer.Option("--report", help="Folder for the two report files.")] = Path(),
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    sabotage: Annotated[
        str | None, typer.Option("--sabotage", help=f"Build in a fault: {', '.join(SABOTAGES)}.")
    ] = None,
    config: Annotated[Path | None, typer.Option("--config", help="Between two real endpoints of this file.")] = None,
    first: Annotated[str | None, typer.Option("--from", help="The endpoint that is lost. Needs --config.")] = None,
    second: Annotated[str | None, typer.Option("--to", help="The one that takes over. Needs --config.")] = None,
) -> None:
    """Lose a vendor in the middle of the work, and see whether the work goes on. Exit code 1: a promise was broken."""
    settings = DrillSettings(
        seed=seed,
        conversations=conversations,
        sabotage=_sabotage(sabotage),
        own=_own(config, first, second),
    )
    folder.mkdir(parents=True, exist_ok=True)
    with _shown() as show:
        evidence = asyncio.run(rehearse(settings, show))
    promises = check(evidence)
    content = report(evidence, promises, seed=seed, workers=settings.workers)
    _write(folder, content)
    _print(evidence, promises, content, folder, as_json=as_json)
    if broken(promises):
        raise typer.Exit(1)


def _sabotage(name: str | None) -> Sabotage | None:
    for known in SABOTAGES:
        if name == known:
            return known
    if name is None:
        return None
    raise ConfigurationError(
        f"there is no fault {name!r}", where="--sabotage", mend=f"use one of {', '.join(SABOTAGES)}"
    )


def _own(config: Path | None, first: str | None, second: str | None) -> OwnConfig | None:
    if config is None and first is None and second is None:
        return None
    if config is None or first is None or second is None:
        raise ConfigurationError("--config, --from and --to go together", mend="give all three, or none of them")
    return OwnConfig(config, first=first, second=second)


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
    (folder / "drill-report.json").write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    (folder / "drill-report.html").write_text(page(content), encoding="utf-8")


def _print(evidence: Evidence, promises: list[Promise], content: JsonObject, folder: Path, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(content, indent=2) + "\n")
    else:
        out = Console(markup=False, highlight=False, width=None if sys.stdout.isatty() else 160)
        out.print(summary(evidence, promises, figures(evidence)))
        out.print(f"Report: {folder / 'drill-report.html'} and {folder / 'drill-report.json'}")
    for promise in broken(promises):
        sys.stderr.write(f"broken: {promise.id}: {promise.title}: {promise.why}\n")
