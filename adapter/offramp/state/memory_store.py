"""Orders in memory: for tests, and for a process whose permission nobody else may change."""

import threading
import uuid
from pathlib import Path

from typing_extensions import override  # pydantic requires it; `typing` has it from Python 3.12

from offramp.contracts.clock import Clock, SystemClock
from offramp.contracts.state import Order, OrderDraft, PermissionStore, ReplicaReport, Snapshot
from offramp.errors import StateError
from offramp.state.committed import committed
from offramp.state.keeper import SnapshotKeeper


class MemoryStore(PermissionStore):
    """The fake beside the seam. `broken` makes every read and commit fail, as a lost file would."""

    def __init__(self, *, operators: Path | None = None, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._keeper = SnapshotKeeper(where="memory", operators=operators or Path("operators.toml"))
        self._store = uuid.uuid4().hex
        self._orders: tuple[Order, ...] = ()
        self._reports: dict[str, ReplicaReport] = {}
        self._writing = threading.Lock()
        self.broken = False

    @property
    @override
    def url(self) -> str:
        return "memory:"

    @override
    def read(self) -> Snapshot:
        if self.broken:
            raise StateError("the state cannot be read", where="memory")
        orders = self._orders
        mark = (len(orders),)
        return self._keeper.fresh(mark) or self._keeper.accept(mark, self._store, orders)

    @override
    def epoch(self) -> int:
        return self.read().epoch

    @override
    def history(self) -> tuple[Order, ...]:
        self.read()
        return self._orders

    @override
    def commit(self, draft: OrderDraft) -> Order:
        with self._writing:
            order = committed(draft, epoch=self.read().epoch + 1, clock=self._clock)
            self._orders = (*self._orders, order)
        return order

    @override
    def report(self, report: ReplicaReport) -> None:
        self._reports[report.replica] = report

    @override
    def withdraw(self, replica: str) -> None:
        self._reports.pop(replica, None)

    @override
    def replicas(self) -> tuple[ReplicaReport, ...]:
        return tuple(self._reports.values())

    @override
    def close(self) -> None:
        return  # nothing is held open
