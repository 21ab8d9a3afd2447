"""What a replica says of itself: that it lives, which epoch it has seen, and which it has obeyed."""

import os
import re
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Final, TypeAlias

from offramp.contracts.clock import Clock
from offramp.contracts.state import Notice, PermissionStore, ReplicaReport
from offramp.state.orders import this_host

_HEARTBEAT: Final = timedelta(seconds=1)

Notices: TypeAlias = Callable[[int], tuple[Notice, ...]]
"""What a process says of its own files. It is told how many exchanges are open, which it must not keep waiting."""


def no_notices(_open_exchanges: int) -> tuple[Notice, ...]:
    """Nothing is said."""
    return ()


class Presence:
    """The report of one gate in one process."""

    def __init__(
        self, store: PermissionStore, *, name: str | None, clock: Clock, notices: Notices = no_notices
    ) -> None:
        self._store = store
        self._clock = clock
        self._notices = notices
        self._last = ReplicaReport(_replica_id(name), pid=os.getpid(), host=this_host())

    @property
    def replica(self) -> str:
        """Its id."""
        return self._last.replica

    def tell(self, *, seen: int | None, obeyed: bool, open_exchanges: int) -> bool:
        """Report what is new, or that it lives where the last report is a second old.

        Returns:
            Whether it has acknowledged an epoch with this.

        Raises:
            StateError: the report cannot be written.
        """
        now, last, notices = self._clock.now(), self._last, self._notices(open_exchanges)
        acknowledges = obeyed and seen != last.epoch_acknowledged
        due = last.heartbeat_at is None or not timedelta() <= now - last.heartbeat_at < _HEARTBEAT
        if not (acknowledges or due or (seen, notices) != (last.epoch_seen, last.notices)):
            return False
        report = ReplicaReport(
            last.replica,
            pid=last.pid,
            host=last.host,
            epoch_seen=seen,
            epoch_acknowledged=seen if acknowledges else last.epoch_acknowledged,
            acknowledged_at=now if acknowledges else last.acknowledged_at,
            acknowledged_monotonic_s=self._clock.monotonic() if acknowledges else last.acknowledged_monotonic_s,
            open_exchanges=open_exchanges,
            heartbeat_at=now,
            notices=notices,
        )
        self._store.report(report)
        self._last = report
        return acknowledges

    def end(self) -> None:
        """The replica ends in good order."""
        if self._last.pid == os.getpid():
            self._store.withdraw(self._last.replica)


def _replica_id(name: str | None) -> str:
    readable = re.sub(r"[^A-Za-z0-9_-]", "-", name or this_host().split()[0])[:60]
    return f"{readable}-{os.getpid()}-{secrets.token_hex(3)}"
