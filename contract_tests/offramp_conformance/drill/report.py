"""The drill's report as JSON: `drill-report.json`, whose schema is published beside this file."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from offramp.types import JsonObject
from offramp_conformance.drill.evidence import Evidence, SeenConversation, SeenTurn
from offramp_conformance.drill.figures import Figures, Spread, figures, vendor_json
from offramp_conformance.drill.promises import Promise

SCHEMA_ID = "offramp-drill/1"


@cache
def schema() -> JsonObject:
    """The JSON Schema of the report."""
    found: JsonObject = json.loads((files("offramp_conformance.drill") / "drill-report.schema.json").read_text("utf-8"))
    return found


def report(evidence: Evidence, promises: list[Promise], *, seed: int, workers: int) -> JsonObject:
    """The report. All times are seconds from the drill's beginning, unless their name says otherwise."""
    found = figures(evidence)
    return {
        "schema": SCHEMA_ID,
        "at": evidence.at.isoformat(),
        "held": all(promise.held is not False for promise in promises),
        "sabotage": evidence.sabotage,
        "seed": seed,
        "workers": workers,
        "endpoints": {"first": evidence.first, "second": evidence.second},
        "dialects": dict(zip(("first", "second"), evidence.dialects, strict=True)),
        "order": _order(evidence),
        "promises": [_promise(promise) for promise in promises],
        "figures": _figures(found),
        "vendors": {"first": vendor_json(evidence.first_vendor), "second": vendor_json(evidence.second_vendor)},
        "decision_log": {
            "records": evidence.log.records,
            "sends": len(evidence.log.sends),
            "problems": list(evidence.log.problems),
        },
        "conversations": [_conversation(one, evidence.began_s) for one in evidence.conversations],
        "not_observable": [promise.id for promise in promises if promise.held is None],
    }


def _order(evidence: Evidence) -> JsonObject | None:
    order, began_s = evidence.order, evidence.began_s
    if order is None:
        return None
    return {
        "id": order.id,
        "selector": order.selector,
        "committed_s": _after(order.committed_s, began_s),
        "acknowledged_s": _after(order.acknowledged_s, began_s),
        "stop_s": _after(order.stop_s, began_s),
        "replicas": order.replicas,
        "acknowledged": order.acknowledged,
        "streaming": evidence.streaming_at_order,
    }


def _promise(promise: Promise) -> JsonObject:
    return {
        "id": promise.id,
        "title": promise.title,
        "held": promise.held,
        "measured": promise.measured,
        "limit": promise.limit,
        "why": promise.why,
    }


def _figures(found: Figures) -> JsonObject:
    return {
        "duration_s": _short(found.duration_s),
        "conversations_started": found.started,
        "conversations_finished": found.finished,
        "turns": found.turns,
        "turns_by_endpoint": found.turns_by_endpoint,
        "cut_streams": found.cut_streams,
        "tool_starts": found.tool_starts,
        "cut_latency_s": _short(found.cut_latency_s),
        "acknowledged_after_s": _short(found.acknowledged_s),
        "handoff": _spread(found.handoff),
        "first_output_after_cut": _spread(found.first_output),
        "answer_after_cut": _spread(found.answer),
        "losses": found.losses,
        "decisions": found.decisions,
        "unreviewed_contracts": list(found.unreviewed),
    }


def _spread(found: Spread) -> JsonObject:
    measured = {"median_s": found.median_s, "p95_s": found.p95_s, "max_s": found.max_s}
    return {"count": found.count, **{key: _short(held) for key, held in measured.items()}}


def _conversation(one: SeenConversation, began_s: float) -> JsonObject:
    return {
        "id": one.script.id,
        "worker": one.worker,
        "started_s": _after(one.started_s, began_s),
        "finished_s": _after(one.finished_s, began_s),
        "failure": one.failure,
        "turns": [_turn(turn, began_s) for turn in one.turns],
    }


def _turn(turn: SeenTurn, began_s: float) -> JsonObject:
    found: dict[str, Any] = {
        "number": turn.turn.number,
        "kind": turn.turn.kind,
        "endpoint": turn.endpoint,
        "outcome": turn.outcome,
        "started_s": _after(turn.started_s, began_s),
        "cut_s": _after(turn.cut_s, began_s),
        "ended_s": _after(turn.ended_s, began_s),
        "losses": len(turn.losses),
    }
    return found


def _after(moment: float | None, began_s: float) -> float | None:
    return None if moment is None else _short(moment - began_s)


def _short(measured: float | None) -> float | None:
    return None if measured is None else round(measured, 4)
