"""Permission: orders, the snapshot that they amount to, the replicas that obey them, and the store that keeps both."""

from dataclasses import KW_ONLY
from datetime import datetime
from typing import Final, Literal, Protocol, TypeAlias

from offramp.types import Identity, Selector, value

Right: TypeAlias = Literal["traffic", "export", "deletion"]
"""What an order can withdraw: sending calls, fetching our own data back, asking the vendor to delete it."""

Permission: TypeAlias = Literal["allowed", "notice", "prohibited"]
"""A notice is a prohibition whose date is set."""

NoticeKind: TypeAlias = Literal["policy_refused", "policy_unreadable", "config_changed"]
"""A policy file that gave way to the last good one, one that denies since it cannot be read, or a start that is due."""

TRAFFIC: Final[tuple[Right, ...]] = ("traffic",)
"""The usual order: calls stop; our data may still be fetched and deleted."""


@value
class AllowSignature:
    """Who lifts an order, and the proof of it."""

    _: KW_ONLY
    operator: str
    """Name in the file of trusted operators."""
    answers_epoch: int
    """The latest epoch that the operator knew: later orders are not lifted by this."""
    signed_at: datetime
    """UTC, as the operator's machine had it."""
    signature: str
    """Ed25519 over the canonical bytes, base64."""


@value
class OrderDraft:
    """An order before its commit."""

    _: KW_ONLY
    selector: Selector
    state: Permission
    reason: str
    """The operator's words or a reference, such as ORDER-17."""
    by: str
    """Who gave it: the user of the operating system, or as stated."""
    rights: tuple[Right, ...] = TRAFFIC
    """What it withdraws. An `allowed` lifts all orders for the selector up to the epoch it answers."""
    notice_until: datetime | None = None
    """UTC. With `notice`: permitted before this instant, prohibited from it on."""
    signature: AllowSignature | None = None
    """Needed for `allowed` alone. Stopping needs none."""


@value
class Order(OrderDraft):
    """An order in the history. History is only ever added to."""

    _: KW_ONLY
    id: str
    epoch: int
    """Its number: 1, 2, 3, … in each store."""
    at: datetime
    """UTC, at the commit."""
    committed_monotonic_s: float
    """The same instant on the host's monotonic clock, which all processes of the host share."""

    def in_force(self, at: datetime) -> bool:
        """Whether it stops anything at this instant."""
        if self.state == "notice":
            return self.notice_until is None or at >= self.notice_until
        return self.state == "prohibited"


@value
class IgnoredAllow:
    """An `allowed` in the history that lifts nothing, and why. The prohibition stands."""

    order: Order
    why: str


@value
class Snapshot:
    """What the history amounts to."""

    _: KW_ONLY
    store: str
    """The store's own id, made with it."""
    epoch: int
    """Orders so far. It never falls."""
    stops: tuple[Order, ...] = ()
    """Orders and notices that nothing has lifted, oldest first."""
    ignored: tuple[IgnoredAllow, ...] = ()

    def stop_for(self, identity: Identity, *, at: datetime, right: Right = "traffic") -> Order | None:
        """The first order in force that withdraws this right from any part of the identity; None: it is allowed."""
        for order in self.stops:
            if right in order.rights and order.selector.matches(identity) and order.in_force(at):
                return order
        return None


@value
class Notice:
    """What a process says of its own files, for whoever operates it."""

    kind: NoticeKind
    text: str


@value
class ReplicaReport:
    """What one running gate last said of itself. None: not known, as where its report cannot be read."""

    replica: str
    _: KW_ONLY
    pid: int | None = None
    host: str | None = None
    """Machine and process-id space: two replicas with the same word can see each other's process ids."""
    epoch_seen: int | None = None
    epoch_acknowledged: int | None = None
    """Nothing that orders up to this epoch stop leaves the replica any more."""
    acknowledged_at: datetime | None = None
    acknowledged_monotonic_s: float | None = None
    open_exchanges: int | None = None
    heartbeat_at: datetime | None = None
    notices: tuple[Notice, ...] = ()
    """What its files say and it does not follow."""


class PermissionStore(Protocol):
    """Where orders are kept. All processes of one deployment share it."""

    @property
    def url(self) -> str:
        """How it was opened; never with a secret in it."""
        ...

    def read(self) -> Snapshot:
        """What stands now. Cheap: it is called before every send.

        Raises:
            StateError: unreadable, corrupt, vanished, replaced, or older than what was read before.
        """
        ...

    def epoch(self) -> int:
        """The epoch that stands now; as `read`."""
        ...

    def history(self) -> tuple[Order, ...]:
        """All orders ever given, oldest first. Raises StateError."""
        ...

    def commit(self, draft: OrderDraft) -> Order:
        """Add an order, durably. When it returns, every reader sees it. Raises StateError."""
        ...

    def report(self, report: ReplicaReport) -> None:
        """Write what a replica says of itself over what it said before. Raises StateError."""
        ...

    def withdraw(self, replica: str) -> None:
        """Take a replica off the list: it has ended in good order. Never raises."""
        ...

    def replicas(self) -> tuple[ReplicaReport, ...]:
        """All replicas that have not withdrawn, the dead among them. Raises StateError."""
        ...

    def close(self) -> None:
        """Let go of files. Safe to call twice."""
        ...
