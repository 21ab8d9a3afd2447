"""Keeps the last snapshot of a store, and refuses one that goes back in time or comes from another store."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from offramp.contracts.state import Order, Snapshot
from offramp.errors import StateError
from offramp.state.fold import fold
from offramp.state.order_chain import RESTORE
from offramp.state.place import FileMark
from offramp.state.signing import why_not_valid

Mark = tuple[int, ...]
"""Tells one version of a store from the next."""


class SnapshotKeeper:
    """The last snapshot, and the version of store and operators file that it was made from."""

    def __init__(self, *, where: str, operators: Path) -> None:
        self._where = where
        self._operators = operators
        self._kept: tuple[Mark, FileMark | None, Snapshot] | None = None
        self._highest: tuple[str, int] | None = None
        self._has_allows = False

    def fresh(self, mark: Mark) -> Snapshot | None:
        """The kept snapshot where neither the store nor the operators file has changed since; else None."""
        kept = self._kept
        if kept is None or kept[0] != mark:
            return None
        if self._has_allows and kept[1] != self._operators_mark():
            return None
        return kept[2]

    def forget(self) -> None:
        """Make the next read start anew. What was seen stays: the epoch may not fall."""
        self._kept = None

    def accept(self, mark: Mark, store: str, orders: Sequence[Order]) -> Snapshot:
        """Fold and keep.

        Raises:
            StateError: the store is another one than before, or older.
        """
        self._refuse_older(store, orders)
        self._has_allows = any(order.state == "allowed" for order in orders)
        operators_mark = self._operators_mark() if self._has_allows else None
        snapshot = fold(store, orders, partial(why_not_valid, store=store, operators=self._operators))
        self._kept = (mark, operators_mark, snapshot)
        self._highest = (store, snapshot.epoch)
        return snapshot

    def _refuse_older(self, store: str, orders: Sequence[Order]) -> None:
        if self._highest is None:
            return
        known, epoch = self._highest
        if store != known:
            raise StateError("another state lies here than before", where=self._where, mend=RESTORE)
        if len(orders) < epoch:
            what = f"the state went back from epoch {epoch} to {len(orders)}"
            raise StateError(what, where=self._where, mend=RESTORE)

    def _operators_mark(self) -> FileMark | None:
        try:
            found = self._operators.stat()
        except OSError:
            return None
        return (found.st_ino, found.st_mtime_ns, found.st_size)
