"""Orders in one JSON file that people can read. Each commit replaces the file in one step."""

import json
import threading
import uuid
from functools import cache
from pathlib import Path
from typing import Final, Literal

from pydantic import TypeAdapter, ValidationError
from typing_extensions import override  # pydantic requires it; `typing` has it from Python 3.12

from offramp.contracts.clock import Clock, SystemClock
from offramp.contracts.process import process_id
from offramp.contracts.state import Order, OrderDraft, PermissionStore, ReplicaReport, Snapshot
from offramp.errors import StateError
from offramp.state.committed import committed
from offramp.state.keeper import SnapshotKeeper
from offramp.state.order_chain import RESTORE, seal, unseal
from offramp.state.place import Place, write_durably
from offramp.state.replica_folder import ReplicaFolder
from offramp.types import JsonObject, value

_SCHEMA: Final = "offramp-state/1"


@value
class _Content:
    """The whole of the file."""

    schema: Literal["offramp-state/1"]
    store: str
    epoch: int
    orders: list[JsonObject]


@cache
def _adapter() -> TypeAdapter[_Content]:
    return TypeAdapter(_Content)


class FileStore(PermissionStore):
    """`file:state.json`. A read is one look at the file's inode, time and size; only a change is read again."""

    def __init__(
        self, path: Path, *, operators: Path | None = None, clock: Clock | None = None, create: bool = True
    ) -> None:
        self._place = Place(path)
        self._clock = clock or SystemClock()
        self._keeper = SnapshotKeeper(
            where=self._place.name, operators=operators or self._place.path.with_name("operators.toml")
        )
        self._replicas = ReplicaFolder(self._place.replicas)
        self._reading = threading.Lock()
        self._pid = process_id()
        with self._place.locked() if create else self._place.unlocked():
            if self._place.must_be_made(create=create):
                self._write(uuid.uuid4().hex, [])
            if create:
                self._replicas.make()
        self.read()

    @property
    @override
    def url(self) -> str:
        return f"file:{self._place.name}"

    @override
    def read(self) -> Snapshot:
        return self._keeper.fresh(self._place.mark()) or self._reload()

    @override
    def epoch(self) -> int:
        return self.read().epoch

    @override
    def history(self) -> tuple[Order, ...]:
        return self._load()[1]

    @override
    def commit(self, draft: OrderDraft) -> Order:
        with self._place.locked():
            content = self._content()
            records = content.orders
            orders = unseal(records, store=content.store, where=self._place.name)
            order = committed(draft, epoch=len(orders) + 1, clock=self._clock)
            previous = records[-1]["hash"] if records else content.store
            self._write(content.store, [*records, seal(order, previous)])
        return order

    @override
    def report(self, report: ReplicaReport) -> None:
        self._replicas.report(report)

    @override
    def withdraw(self, replica: str) -> None:
        self._replicas.withdraw(replica)

    @override
    def replicas(self) -> tuple[ReplicaReport, ...]:
        return self._replicas.all()

    @override
    def close(self) -> None:
        return  # nothing is held open

    def _reload(self) -> Snapshot:
        if self._pid != process_id():  # a fork may have copied the lock in the hands of a thread that is not here
            self._reading, self._pid = threading.Lock(), process_id()
        with self._reading:
            self._keeper.forget()
            mark = self._place.mark()
            return self._keeper.accept(mark, *self._load())

    def _load(self) -> tuple[str, tuple[Order, ...]]:
        content = self._content()
        return content.store, unseal(content.orders, store=content.store, where=self._place.name)

    def _content(self) -> _Content:
        try:
            content = _adapter().validate_json(self._place.path.read_bytes())
        except OSError as error:
            raise StateError("the state cannot be read", where=self._place.name, mend=RESTORE) from error
        except ValidationError as error:
            raise StateError("this is not a state, or it is damaged", where=self._place.name, mend=RESTORE) from error
        if content.epoch != len(content.orders):
            raise StateError("orders are missing", where=self._place.name, mend=RESTORE)
        return content

    def _write(self, store: str, records: list[JsonObject]) -> None:
        content = {"schema": _SCHEMA, "store": store, "epoch": len(records), "orders": records}
        try:
            write_durably(self._place.path, json.dumps(content, indent=1).encode())
        except OSError as error:
            raise StateError(
                "the order could not be written", where=self._place.name, mend="check disk and mode"
            ) from error
