"""The drill on a terminal: a live view while it runs, and the table at its end."""

from collections import Counter
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from offramp.types import JsonObject
from offramp_conformance.drill.evidence import Evidence
from offramp_conformance.drill.figures import Figures, Spread
from offramp_conformance.drill.progress import Progress
from offramp_conformance.drill.promises import Promise

_VERDICTS: Final[dict[bool | None, tuple[str, str]]] = {
    True: ("held", "green"),
    False: ("BROKEN", "bold red"),
    None: ("not observable", "yellow"),
}


def live(progress: Progress) -> RenderableType:
    """The state of things, at one glance."""
    states = Counter[str](progress.states.values())
    table = Table.grid(padding=(0, 2))
    table.add_row("conversations", _words(states), f"{progress.conversations} in all")
    table.add_row("turns", f"{sum(progress.finished_turns.values())} of {progress.turns}", _words(progress.by_endpoint))
    table.add_row("streaming now", str(progress.streaming), f"{progress.cuts} cut")
    table.add_row("tools", f"{progress.tool_starts} starts", "")
    for name, sums in (("first vendor", progress.first), ("second vendor", progress.second)):
        table.add_row(name, *_sums(sums))
    order = progress.order
    if order is not None:
        stopped = (
            "" if order.acknowledged_s is None else f"stopped after {order.acknowledged_s - order.committed_s:.3f} s"
        )
        table.add_row(Text("order", style="bold red"), f"{order.selector} prohibited", stopped)
    return Panel(table, title=f"drill: {progress.phase}", expand=False)


def _words(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {word}" for word, count in sorted(counts.items())) or "none yet"


def _sums(sums: JsonObject | None) -> tuple[str, str]:
    if sums is None:
        return "not counted", ""
    return f"{sums['requests_begun']} requests", f"{sums['bytes_received']} bytes, {sums['streams_open']} streams open"


def summary(evidence: Evidence, promises: list[Promise], found: Figures) -> RenderableType:
    """The table at the end."""
    return Group(_promises(promises), _figures(evidence, found))


def _promises(promises: list[Promise]) -> Table:
    table = Table("promise", "held", "measured", "limit", title="Promises")
    for promise in promises:
        word, style = _VERDICTS[promise.held]
        measured = Text(promise.measured)
        if promise.why:
            measured.append(f"\n{promise.why}", style="dim" if promise.held is None else "red")
        table.add_row(promise.title, Text(word, style=style), measured, promise.limit)
    return table


def _figures(evidence: Evidence, found: Figures) -> Table:
    table = Table("figure", "measured", title="Figures", show_header=False)
    add = table.add_row
    add("conversations", f"{found.finished} finished of {found.started} started, in {found.duration_s:.1f} s")
    add("turns answered", _counted(found.turns_by_endpoint))
    add("streams cut by the order", str(found.cut_streams))
    add("tool starts", str(found.tool_starts))
    add("order to last replica's word", _seconds(found.acknowledged_s))
    add("cut to second vendor", _spread(found.handoff))
    add("cut to first output", _spread(found.first_output))
    add("cut to whole answer", _spread(found.answer))
    for name, vendor in ((evidence.first, evidence.first_vendor), (evidence.second, evidence.second_vendor)):
        counted = "not counted" if vendor is None else f"{len(vendor.requests)} requests, {vendor.bytes_received} bytes"
        add(f"received by {name}", counted)
    add("losses", _counted(found.losses))
    add("policy decisions", _counted(found.decisions))
    if found.unreviewed:
        add("contracts that nobody reviewed", ", ".join(found.unreviewed))
    return table


def _counted(counts: dict[str, int]) -> str:
    return "\n".join(f"{count} of {word}" for word, count in sorted(counts.items())) or "none"


def _spread(found: Spread) -> str:
    return f"median {_seconds(found.median_s)}, 95 % within {_seconds(found.p95_s)}, of {found.count}"


def _seconds(measured: float | None) -> str:
    return "unknown" if measured is None else f"{measured:.3f} s"


def error_console() -> Console:
    """Standard error, for the live view: standard output stays a report."""
    return Console(stderr=True, markup=False, highlight=False)
