"""`drill-report.html`: one page that needs nothing else, and that a person can read in a minute."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any, Final

from offramp.types import JsonObject
from offramp_conformance.drill.timeline import timeline

_STYLE: Final = """
:root { color-scheme: light dark; --ink: #1d2329; --soft: #66707a; --line: #d5dadf; --paper: #fff;
  --first: #c8772c; --second: #2f74b5; --bad: #c0281c; --good: #25793b; --unknown: #8a6d00; }
@media (prefers-color-scheme: dark) { :root { --ink: #e3e7ea; --soft: #9aa4ad; --line: #3a424a; --paper: #14181c;
  --first: #e29a55; --second: #64a6e0; --bad: #ff7b6e; --good: #67c480; --unknown: #d9b53c; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 2rem auto;
  max-width: 70rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p.lead { color: var(--soft); margin: .25rem 0 1rem; }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; vertical-align: top;
  padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); }
th { font-weight: 600; } td.why { color: var(--soft); font-size: .9em; }
.held { color: var(--good); } .broken { color: var(--bad); font-weight: 700; } .unknown { color: var(--unknown); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: 1rem; margin: 1rem 0; }
.tiles b { display: block; font-size: 1.4rem; } .tiles span { color: var(--soft); }
svg { width: 100%; height: auto; } svg text { fill: var(--ink); font: 11px system-ui, sans-serif; }
svg .soft { fill: var(--soft); } svg .grid { stroke: var(--line); } svg .first { fill: var(--first); }
svg .second { fill: var(--second); } svg .nobody { fill: var(--soft); }
svg .order { stroke: var(--bad); stroke-width: 2; }
svg .ordered { fill: var(--bad); font-weight: 700; } svg .cut { stroke: var(--bad); stroke-width: 2; }
svg .failed { fill: var(--bad); }
"""

_LOSSES: Final = (
    "What could not be said to a vendor in its dialect, each named in its answer. Cosmetic: nobody would notice; "
    "behavioural: the answer may differ; material, that something would be missing, is refused here before it is sent."
)
_WORDS: Final = {True: ("held", "held"), False: ("broken", "BROKEN"), None: ("unknown", "not observable")}


def page(report: JsonObject) -> str:
    """The page for a report."""
    title = headline(report)
    parts = [
        f"<h1>{escape(title)}</h1>",
        f'<p class="lead">{escape(_lead(report))}</p>',
        _tiles(report),
        "<h2>What happened</h2>",
        timeline(report),
        "<h2>Promises</h2>",
        _promises(report["promises"]),
        "<h2>What it cost</h2>",
        _pairs(_costs(report)),
        "<h2>Losses</h2>",
        f'<p class="lead">{escape(_LOSSES)}</p>',
        _counts(report["figures"]["losses"], "Nothing was lost."),
        "<h2>Policy decisions</h2>",
        _counts(report["figures"]["decisions"], "Nothing was decided."),
    ]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(parts)
        + "\n</body>\n</html>\n"
    )


def headline(report: JsonObject) -> str:
    """What came of it, in a sentence."""
    promises = report["promises"]
    broken, unseen = (sum(promise["held"] is held for promise in promises) for held in (False, None))
    if broken:
        return f"The drill broke {broken} of {len(promises)} promises"
    return f"No promise was broken, {unseen} could not be observed" if unseen else "The drill held every promise"


def _lead(report: JsonObject) -> str:
    order, first, second = report["order"], *(_named(report, place) for place in ("first", "second"))
    lead = f"{report['figures']['conversations_started']} conversations began at {first}. "
    if order is None:
        lead += "No order was given. "
    else:
        lead += f"At {order['committed_s']:.2f} s an order prohibited {order['selector']}; {second} had to take over. "
    lead += (
        f"{report['at'][:19].replace('T', ' ')} UTC, seed {report['seed']}, {report['workers']} application processes."
    )
    if report["sabotage"]:
        lead += f" A fault was built in on purpose: {report['sabotage']}."
    return lead


def _named(report: JsonObject, place: str) -> str:
    return f"{report['endpoints'][place]} ({report['dialects'][place]})"


def _tiles(report: JsonObject) -> str:
    found, vendors = report["figures"], report["vendors"]
    first = vendors["first"]
    after = "not observable" if first is None else f"{first['requests_after_stop']} / {first['bytes_after_stop']}"
    order = report["order"]
    tiles = (
        (f"{found['conversations_finished']} / {found['conversations_started']}", "conversations finished / started"),
        ("unknown" if order is None else str(order["streaming"]), "streaming at the order"),
        (_latency(found["cut_latency_s"]), "from the order to the last byte"),
        (after, "requests / bytes after the stop"),
        (_seconds(found["handoff"]["median_s"]), "from cut to next vendor (median)"),
    )
    made = "".join(f"<div><b>{escape(figure)}</b><span>{escape(what)}</span></div>" for figure, what in tiles)
    return f'<div class="tiles">{made}</div>'


def _latency(measured: float | None) -> str:
    if measured is None:
        return "unknown"
    return "none came" if measured <= 0 else f"{measured:.3f} s"


def _promises(promises: Iterable[JsonObject]) -> str:
    rows: list[str] = []
    for promise in promises:
        style, word = _WORDS[promise["held"]]
        why = f"<br>{escape(promise['why'])}" if promise["why"] else ""
        rows.append(
            f'<tr><td>{escape(promise["title"])}</td><td class="{style}">{word}</td>'
            f'<td>{escape(promise["measured"])}</td><td class="why">{escape(promise["limit"])}{why}</td></tr>'
        )
    return f"<table><tr><th>promise</th><th></th><th>measured</th><th>it had to be</th></tr>{''.join(rows)}</table>"


def _costs(report: JsonObject) -> dict[str, str]:
    found, log = report["figures"], report["decision_log"]
    costs = {
        "Turns answered": ", ".join(f"{count} by {name}" for name, count in found["turns_by_endpoint"].items()),
        "Streams cut by the order": str(found["cut_streams"]),
        "Tool starts": str(found["tool_starts"]),
        "From the order to the last replica's word": _seconds(found["acknowledged_after_s"]),
        "From the cut to the second vendor": _spread(found["handoff"]),
        "From the cut to the first output": _spread(found["first_output_after_cut"]),
        "From the cut to the whole answer": _spread(found["answer_after_cut"]),
        "Decision log": f"{log['records']} records, {log['sends']} sends, {len(log['problems'])} problems",
        "Whole drill": _seconds(found["duration_s"]),
    }
    for place in ("first", "second"):
        vendor: Mapping[str, Any] | None = report["vendors"][place]
        counted = "not counted" if vendor is None else f"{vendor['requests']} requests, {vendor['bytes']} bytes"
        costs[f"Received by {report['endpoints'][place]}"] = counted
    if found["unreviewed_contracts"]:
        costs["Contracts that nobody has reviewed"] = ", ".join(found["unreviewed_contracts"])
    return costs


def _spread(found: JsonObject) -> str:
    return f"median {_seconds(found['median_s'])}, 95 % within {_seconds(found['p95_s'])}, of {found['count']}"


def _seconds(measured: float | None) -> str:
    return "unknown" if measured is None else f"{measured:.2f} s"


def _pairs(pairs: Mapping[str, str]) -> str:
    rows = "".join(f"<tr><td>{escape(name)}</td><td>{escape(held)}</td></tr>" for name, held in pairs.items())
    return f"<table>{rows}</table>"


def _counts(counts: Mapping[str, int], none: str) -> str:
    return _pairs({name: str(count) for name, count in sorted(counts.items())}) if counts else f"<p>{escape(none)}</p>"
