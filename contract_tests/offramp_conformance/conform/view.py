"""A run on a terminal: a bar while it goes on, what was refuted as it happens, and the tables at its end."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from offramp_conformance.conform.parity import parity_word
from offramp_conformance.conform.report import ConformRun, EndpointRun
from offramp_conformance.conform.running import Prepared, Show
from offramp_conformance.suite.results import CheckResult, State

_STYLES: Final[dict[str, str]] = {
    "proven": "green",
    "refuted": "bold red",
    "inconclusive": "yellow",
    "not_tried": "dim",
    "known_gap": "magenta",
    "passed": "green",
    "failed": "bold red",
    "beyond": "bold red",
    "within": "dim",
    "undecided": "yellow",
}
_ORDER: Final[tuple[State, ...]] = ("proven", "refuted", "inconclusive", "not_tried", "known_gap")


@contextmanager
def shown(prepared: Prepared) -> Generator[Show]:
    """The bar on standard error, where that is a terminal; what is refuted is told as it happens."""
    console = Console(stderr=True, markup=False, highlight=False)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        total = len(prepared.selection.checks)
        bars = {name: progress.add_task(name, total=total) for name in prepared.endpoints}

        def show(endpoint: str, result: CheckResult) -> None:
            progress.advance(bars[endpoint])
            if result.state == "refuted" and console.is_terminal:
                console.print(Text(f"{endpoint}  {result.id}: {result.why}", style="red"))

        yield show


def summary(run: ConformRun) -> RenderableType:
    """What a person wants to know at the end, the verdict first."""
    return Group(_verdicts(run), *(_findings(each) for each in run.runs if _told(each) or each.stale))


def _verdicts(run: ConformRun) -> Table:
    table = Table(title=f"{run.mission}, level {run.selection.level}")
    table.add_column("")
    for each in run.runs:
        table.add_column(each.endpoint.identity.endpoint)
    table.add_row("wire", *(_word(each.verdict.wire) for each in run.runs))
    table.add_row("behaviour", *(_word(each.verdict.behaviour) for each in run.runs))
    table.add_row("parity", parity_word(run.parity), *("" for _ in run.runs[1:]))
    for state in _ORDER:
        table.add_row(state.replace("_", " "), *(str(_count(each, state)) for each in run.runs))
    table.add_row("broken now and then", *(str(sum(bool(r.lapse_standing) for r in each.results)) for each in run.runs))
    table.add_row("calls", *(str(each.meter.calls) for each in run.runs))
    if run.parity_in_flight or any(each.in_flight for each in run.runs):
        table.add_row("calls made again", *(str(each.in_flight) for each in run.runs))
        table.add_row("calls of parity made again", str(run.parity_in_flight), *("" for _ in run.runs[1:]))
    table.add_row("can be certified", *(_certifiable(each) for each in run.runs))
    return table


def _count(run: EndpointRun, state: State) -> int:
    return sum(each.state == state for each in run.results)


def _certifiable(run: EndpointRun) -> Text:
    if run.verdict.certifiable:
        return Text(f"until {run.verdict.expires}", style="green")
    return Text("no: " + "; ".join(run.verdict.why_not), style="yellow")


def _told(run: EndpointRun) -> list[CheckResult]:
    """What a person has to look at."""
    return [
        each for each in run.results if each.state in ("refuted", "known_gap") or each.surprise or each.lapse_standing
    ]


def _findings(run: EndpointRun) -> Table:
    table = Table("check", "state", "counts", "why", title=f"Findings at {run.endpoint.identity.endpoint}")
    for each in _told(run):
        counts = each.standing if each.counts else f"no ({each.level}, {each.standing})"
        why = Text(each.why)
        if each.lapse_standing:
            why.append(f"\n{each.lapses}", style=_STYLES[each.lapse_standing])
        if each.surprise:
            why.append(f"\n{each.surprise.replace('_', ' ')}", style="yellow")
        table.add_row(each.id, _word(each.state), counts, why)
    for stale in run.stale:
        table.add_row(stale.check, Text("stale gap", style="bold red"), "yes", stale.why)
    return table


def _word(state: str) -> Text:
    return Text(state.replace("_", " "), style=_STYLES.get(state, "yellow"))
