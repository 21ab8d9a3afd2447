"""How commands print: the console, the list of replicas, and JSON."""

import json
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from offramp.audit import DecisionLog, signed_by
from offramp.cli._state import Setting
from offramp.contracts.audit import Detail, Entry
from offramp.contracts.state import Order
from offramp.errors import OfframpError
from offramp.state import Obedience, ReplicaStanding
from offramp.types import JsonObject

_STYLES: Final[dict[Obedience, str]] = {"acknowledged": "green", "pending": "yellow", "silent": "red", "gone": "dim"}


def console(*, to_errors: bool = False) -> Console:
    """Standard output. Words of users are printed as they are; a pipe gets lines wide enough to read.

    Args:
        to_errors: to standard error instead, where standard output holds JSON.
    """
    width = None if sys.stdout.isatty() else 160
    return Console(markup=False, highlight=False, soft_wrap=True, width=width, stderr=to_errors)


def print_json(content: JsonObject, *, indent: int | None = 2) -> None:
    """One JSON document."""
    sys.stdout.write(json.dumps(content, indent=indent) + "\n")
    sys.stdout.flush()


def order_json(order: Order, *, at: datetime) -> JsonObject:
    """An order, as `status --json` shows it."""
    return {
        "id": order.id,
        "epoch": order.epoch,
        "selector": str(order.selector),
        "state": order.state,
        "in_force": order.in_force(at),
        "rights": list(order.rights),
        "reason": order.reason,
        "by": order.by,
        "at": order.at.isoformat(),
        "committed_monotonic_s": order.committed_monotonic_s,
        "notice_until": _iso(order.notice_until),
    }


def replica_json(standing: ReplicaStanding, *, at: datetime) -> JsonObject:
    """A replica, as `status --json` shows it."""
    report = standing.report
    return {
        "replica": report.replica,
        "obedience": standing.obedience,
        "pid": report.pid,
        "host": report.host,
        "epoch_seen": report.epoch_seen,
        "epoch_acknowledged": report.epoch_acknowledged,
        "acknowledged_at": _iso(report.acknowledged_at),
        "acknowledged_monotonic_s": report.acknowledged_monotonic_s,
        "open_exchanges": report.open_exchanges,
        "heartbeat_at": _iso(report.heartbeat_at),
        "heartbeat_age_s": _age_s(report.heartbeat_at, at),
        "notices": [{"kind": each.kind, "text": each.text} for each in report.notices],
    }


def replica_table(standings: Sequence[ReplicaStanding], *, at: datetime) -> Table:
    """Who has obeyed."""
    table = Table("replica", "process", "acknowledged", "epoch", "open", "last heard", title="Replicas")
    for standing in standings:
        report = standing.report
        age = _age_s(report.heartbeat_at, at)
        table.add_row(
            report.replica,
            _word(report.pid),
            standing.obedience,
            _word(report.epoch_acknowledged),
            _word(report.open_exchanges),
            "unknown" if age is None else f"{age:.1f} s ago",
            style=_STYLES[standing.obedience],
        )
    return table


def record_order(setting: Setting, order: Order) -> str | None:
    """Put an order into the decision log. It stands already: where this fails, give a warning, and no error."""
    if setting.audit is None:
        return None
    detail: dict[str, Detail] = {
        "order": order.id,
        "state": order.state,
        "selector": "_".join(str(order.selector).split()),
        "traffic": "traffic" in order.rights,
    }
    if order.notice_until is not None:
        detail["notice_until"] = order.notice_until.isoformat()
    why = record(setting.audit, setting.audit_key, Entry("order", epoch=order.epoch, detail=detail))
    return f"the order stands, but the decision log does not have it: {why}" if why else None


def record(audit: Path, key: Path | None, entry: Entry) -> str | None:
    """Put one entry into the decision log. What went wrong; None: nothing."""
    try:
        log = DecisionLog(audit, checkpointing=signed_by(key))
        log.append(entry)
        log.close()
    except OfframpError as error:
        return str(error)
    return None


def _word(held: object) -> str:
    return "unknown" if held is None else str(held)


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None


def _age_s(instant: datetime | None, now: datetime) -> float | None:
    return None if instant is None else round(max(now - instant, timedelta()).total_seconds(), 3)
