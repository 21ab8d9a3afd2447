"""`conform-report.html`: one page that needs nothing else, the verdict first."""

from collections import Counter
from typing import Any, Final

from markupsafe import Markup

from offramp.cli._pages import page_environment
from offramp.types import JsonObject
from offramp_conformance.conform.parity import parity_word
from offramp_conformance.conform.plots import Interval, curves, intervals

_PACKAGE: Final = "offramp_conformance.conform"
_PARITY_WORDS: Final = {
    "non_inferior": "Yes: no worse than by the margin",
    "inferior": "No: it is worse",
    "inconclusive": "It could not be told",
}
_PARITY_KINDS: Final = {"non_inferior": "passed", "inferior": "failed", "inconclusive": "inconclusive"}
_STATES: Final = ("proven", "refuted", "inconclusive", "not_tried", "known_gap")
_PLOT: Final = """Dots are the differences between new and old, bars their intervals, dashed lines the margin below
which the new one would be too much worse."""


def page(report: JsonObject) -> str:
    """The page for a report."""
    return page_environment(_PACKAGE).get_template("conform.html").render(_content(report))


def _content(report: JsonObject) -> JsonObject:
    endpoints: list[Any] = report["endpoints"]
    asked = endpoints[0]
    word = "carries" if report["passed"] else "was not shown to carry"
    return {
        "wbr": Markup(".<wbr>"),
        "title": f"{asked['endpoint']} {word} {report['mission']}",
        "marks": [f"cannot be certified: {why}" for why in asked["verdict"]["why_not"]],
        "at": report["at"][:16].replace("T", " "),
        "lead": f"Level {report['level']}, each check tried {report['tries']} times, and up to "
        f"{report['most_tries']} where some tries broke, by Offramp "
        f"{report['suite']['offramp']} with {report['suite']['checks']} checks.",
        "endpoints": [{"endpoint": each["endpoint"], "who": _who(each)} for each in endpoints],
        "verdicts": _verdicts(endpoints, report["parity"]),
        "moves": _moves(endpoints),
        "parity": None if report["parity"] is None else _parity(report["parity"], report["parity_calls_in_flight"]),
        "findings": sorted(
            (found for each in endpoints for found in _findings(each)), key=lambda each: not each["rests"]
        ),
        "latency": Markup(curves({each["endpoint"]: _times(each) for each in endpoints})),  # noqa: S704  # names are escaped there
        "areas": _areas(endpoints),
    }


def _who(endpoint: JsonObject) -> str:
    identity = endpoint["identity"]
    return f"{identity['model']} of {identity['developer']} at {identity['host']}, {endpoint['dialect']}"


def _verdicts(endpoints: list[Any], parity: JsonObject | None) -> list[JsonObject]:
    rows = [
        {"name": axis, "cells": [{"kind": each["verdict"][axis], "text": each["verdict"][axis]} for each in endpoints]}
        for axis in ("wire", "behaviour")
    ]
    rows.append({"name": "parity", "cells": [_parity_cell(parity), *({"kind": "", "text": ""} for _ in endpoints[1:])]})
    for state in _STATES:
        cells = [{"kind": "", "text": each["states"].get(state, 0)} for each in endpoints]
        rows.append({"name": state.replace("_", " "), "cells": cells})
    facts = {
        "calls": [each["calls"] for each in endpoints],
        "cost": [_cost(each) for each in endpoints],
        "holds until": [each["verdict"]["expires"] for each in endpoints],
        "key": [each["verdict"]["key"] for each in endpoints],
    }
    if any(each["calls_in_flight"] for each in endpoints):
        facts["calls made again"] = [each["calls_in_flight"] for each in endpoints]
    for name, held in facts.items():
        rows.append({"name": name, "cells": [{"kind": "", "text": each} for each in held]})
    return rows


def _parity_cell(parity: JsonObject | None) -> JsonObject:
    word = parity_word(parity)
    return {"kind": _PARITY_KINDS.get(word, ""), "text": word.replace("_", "-")}


def _moves(endpoints: list[Any]) -> JsonObject | None:
    """How many checks go from which state at the old endpoint to which at the new one. None: there is no old one."""
    if len(endpoints) < 2:
        return None
    new, old = ({each["check"]: each for each in endpoint["results"]} for endpoint in endpoints[:2])
    moves = Counter((old[check]["state"], new[check]["state"]) for check in new)
    was_seen, now_seen = ([state for state in _STATES if any(move[at] == state for move in moves)] for at in (0, 1))
    lost = [check for check in new if new[check]["counts"] and _worsens(old[check]["state"], new[check]["state"])]
    return {
        "new": endpoints[0]["endpoint"],
        "old": endpoints[1]["endpoint"],
        "states": now_seen,
        "rows": [{"state": was, "cells": [_move(was, now, moves[was, now]) for now in now_seen]} for was in was_seen],
        "lost": [{"check": check, "state": new[check]["state"]} for check in lost],
    }


def _move(was: str, now: str, count: int) -> JsonObject:
    return {"text": count or "", "kind": "worse" if count and _worsens(was, now) else "same" if was == now else ""}


def _worsens(was: str, now: str) -> bool:
    return was == "proven" and now != "proven"


def _cost(endpoint: JsonObject) -> str:
    return "unknown" if endpoint["cost_usd"] is None else f"${float(endpoint['cost_usd']):.4f}"


def _findings(endpoint: JsonObject) -> list[JsonObject]:
    results: list[Any] = endpoint["results"]
    return [
        {
            **{name: each[name] for name in ("check", "proves", "look_at", "state", "why", "surprise")},
            "endpoint": endpoint["endpoint"],
            "rests": each["counts"],
            "counts": each["standing"] if each["counts"] else f"no ({each['level']}, {each['standing']})",
            "lapses": each["lapses"],
            "calls": _telling_calls(each),
        }
        for each in results
        if each["state"] in ("refuted", "known_gap") or each["surprise"] or each["lapses"]
    ]


def _telling_calls(result: JsonObject) -> list[Any]:
    """Those of the first try that found it wanting."""
    tries: list[Any] = result["tries"]
    telling = (each["calls"] for each in tries if each["sight"] in ("broken", "absent"))
    return next(telling, list[Any]())


def _times(endpoint: JsonObject) -> list[float]:
    results: list[Any] = endpoint["results"]
    calls = (call for each in results for made in each["tries"] for call in made["calls"])
    return [call["total_s"] for call in calls if call["error"] is None]


def _areas(endpoints: list[Any]) -> list[JsonObject]:
    """Every check with its state at each endpoint, area by area."""
    areas: dict[str, list[JsonObject]] = {}
    by_check = [{each["check"]: each for each in endpoint["results"]} for endpoint in endpoints]
    for check, first in by_check[0].items():
        cells = [
            {"state": held[check]["state"], "why": "" if held[check]["state"] == "proven" else held[check]["why"]}
            for held in by_check
        ]
        row = {"check": check, "level": first["level"], "proves": first["proves"], "cells": cells}
        areas.setdefault(check.partition(".")[0], []).append(row)
    return [{"name": name, "rows": rows} for name, rows in areas.items()]


def _parity(parity: JsonObject, in_flight: int) -> JsonObject:
    verdict, reasons = parity["verdict"], list(parity["verdict"]["reasons"])
    lines = [_interval(each["measure"].replace("_", " "), each) for each in parity["estimates"]]
    lines += [_interval(f"slice {each['label']}", each["estimate"]) for each in parity["slices"]]
    if verdict.get("further_cases"):
        reasons.append(f"About {verdict['further_cases']} further cases would be needed.")
    if in_flight:
        reasons.append(f"{in_flight} calls were under way when the run was interrupted, and were made again.")
    return {
        "word": _PARITY_WORDS.get(verdict["kind"], verdict["kind"]),
        "reasons": reasons,
        "plot": Markup(intervals(lines)),  # noqa: S704  # labels are escaped there
        "told": _PLOT,
    }


def _interval(label: str, estimate: JsonObject) -> Interval:
    return Interval(
        label,
        estimate["difference"],
        estimate["lower"],
        estimate["upper"],
        -abs(estimate["margin"]),
        estimate["standing"],
    )
