"""Give orders: stop unsigned and at once, give notice, lift with a signature; and see who has obeyed."""

import os
import socket
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Literal, TypeAlias

from offramp.contracts.clock import Clock, SystemClock
from offramp.contracts.state import TRAFFIC, Order, OrderDraft, PermissionStore, ReplicaReport, Right
from offramp.errors import ConfigurationError
from offramp.state.signing import sign_allow
from offramp.types import Selector, value

SILENT_AFTER: Final = timedelta(seconds=3)
"""A replica reports every second. One that has not for this long is no longer counted on."""

Obedience: TypeAlias = Literal["acknowledged", "pending", "silent", "gone"]
"""`silent`: its process may live and send, and says nothing. `gone`: its process has ended, so nothing leaves it."""


def prohibit(
    store: PermissionStore,
    selector: Selector,
    *,
    reason: str,
    by: str,
    rights: tuple[Right, ...] = TRAFFIC,
    notice_until: datetime | None = None,
) -> Order:
    """Stop whatever the selector names, from the commit on or, with a notice, from its date on.

    Raises:
        ConfigurationError: no reason, or a date without a time zone.
        StateError: the order could not be written. It does not stand.
    """
    return store.commit(
        OrderDraft(
            selector=selector,
            state="prohibited" if notice_until is None else "notice",
            reason=reason,
            by=by,
            rights=rights,
            notice_until=notice_until,
        )
    )


def allow(
    store: PermissionStore,
    selector: Selector,
    *,
    reason: str,
    by: str,
    key: Path,
    operators: Path,
    clock: Clock | None = None,
) -> Order:
    """Lift every order for this very selector that stands now. An order that arrives meanwhile is not lifted.

    Raises:
        ConfigurationError: nothing to lift, or the key is not trusted.
        MissingExtraError: the extra `sign` is not installed.
        StateError: the state cannot be read or written.
    """
    snapshot = store.read()
    if not any(str(stop.selector).casefold() == str(selector).casefold() for stop in snapshot.stops):
        raise ConfigurationError(
            f"no order names {selector}", mend="`offramp status` lists the orders and their selectors"
        )
    signature = sign_allow(
        key,
        store=snapshot.store,
        operators=operators,
        selector=selector,
        answers_epoch=snapshot.epoch,
        reason=reason,
        signed_at=(clock or SystemClock()).now(),
    )
    return store.commit(OrderDraft(selector=selector, state="allowed", reason=reason, by=by, signature=signature))


@value
class ReplicaStanding:
    """One replica, and whether it has obeyed the latest order."""

    report: ReplicaReport
    obedience: Obedience


def standings(store: PermissionStore, *, epoch: int, now: datetime) -> tuple[ReplicaStanding, ...]:
    """Every replica of the store, judged against an epoch. Raises StateError."""
    return tuple(ReplicaStanding(report, obedience_of(report, epoch=epoch, now=now)) for report in store.replicas())


def obedience_of(report: ReplicaReport, *, epoch: int, now: datetime) -> Obedience:
    """Whether this replica has acknowledged the epoch."""
    if report.epoch_acknowledged is not None and report.epoch_acknowledged >= epoch:
        return "acknowledged"
    if report.pid is not None and report.host == this_host() and not _lives(report.pid):
        return "gone"
    if report.heartbeat_at is None or now - report.heartbeat_at > SILENT_AFTER:
        return "silent"
    return "pending"


def wait_for_replicas(
    store: PermissionStore,
    epoch: int,
    *,
    timeout_s: float = 5.0,
    clock: Clock | None = None,
    pause: Callable[[float], None] = time.sleep,
) -> tuple[ReplicaStanding, ...]:
    """Wait until no replica is pending, or the time is over; give what then stands. Raises StateError."""
    clock = clock or SystemClock()
    until = clock.monotonic() + timeout_s
    while True:
        found = standings(store, epoch=epoch, now=clock.now())
        open_ = any(standing.obedience == "pending" for standing in found)
        if not open_ or clock.monotonic() >= until:
            return found
        pause(0.02)


def this_host() -> str:
    """This machine and its space of process ids, in one word. Containers on one machine differ in it."""
    try:
        space = os.readlink("/proc/self/ns/pid")  # noqa: PTH115  # a name to compare, not a path to follow
    except OSError:
        space = ""
    return f"{socket.gethostname()} {space}".strip()


def _lives(pid: int) -> bool:
    if sys.platform == "win32":
        return True  # os.kill would end the process there; unknown is taken as alive
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
