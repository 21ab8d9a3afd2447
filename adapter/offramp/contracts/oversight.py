"""Human oversight as it is verified before a send: what a declaration claims, what people answer, who keeps it."""

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY
from datetime import datetime
from typing import Literal, Protocol, TypeAlias

from offramp.types import value

OversightLevel: TypeAlias = Literal["approve", "supervise"]
RequestState: TypeAlias = Literal["pending", "granted", "denied"]
Counted: TypeAlias = Literal["subjects", "calls", "labels"]
AlarmLevel: TypeAlias = Literal["near", "beyond"]


@value
class OversightNeed:
    """What must be verified before a send, because a declaration claims it."""

    _: KW_ONLY
    level: OversightLevel
    mission: str
    """Whose declaration claims it: the acting mission's, or that of a history which goes along."""
    role: str
    """Who oversees, in the very words of the declaration's evidence."""
    reaction_time_s: float
    """How long a person has between seeing an effect come and its being past recall."""


@value
class ApprovalRequest:
    """One call that waits for a person, or has been answered."""

    id: str
    _: KW_ONLY
    mission: str
    role: str
    """Whose approval it needs."""
    digest: str
    """Keyed, over the whole canonical request: without the store's key nobody can try short texts against it."""
    asked_at: datetime
    expires_at: datetime
    """Until then it may be answered."""
    state: RequestState = "pending"
    by: str | None = None
    """Who has answered."""
    ruled_at: datetime | None = None
    token: str | None = None
    """The signed approval, where it was granted."""
    content: str | None = None
    """The canonical request itself, where the configuration keeps it for the approver; gone once it was answered."""


@value
class Watch:
    """One person who supervises a mission now."""

    id: int
    _: KW_ONLY
    by: str
    since: datetime
    beat_at: datetime
    beat_monotonic_s: float
    """The same instant on the host's monotonic clock, which no stepping of the wall clock moves."""
    signature: str | None = None
    """Ed25519, base64, of who began it; None: it was begun on somebody's word."""


@value
class WatchStanding:
    """Who supervises a mission, and who has stopped it."""

    watches: tuple[Watch, ...] = ()
    stopped_by: str | None = None
    """Until somebody begins to supervise anew, nothing is sent."""
    stopped_at: datetime | None = None


@value
class Limits:
    """How much a declared scale allows within any window of this length. None: not limited."""

    _: KW_ONLY
    window_s: int
    subjects: int | None = None
    calls: int | None = None
    labels: int | None = None

    def bear_on(self, subject: str | None) -> bool:
        """Whether such a call is counted. Where a mission concerns nobody, one that names nobody is not."""
        return subject is not None or bool(self.subjects) or self.calls is not None or self.labels is not None


@value
class Alarm:
    """What was observed of a mission, held against what it declares."""

    _: KW_ONLY
    mission: str
    counted: Counted
    level: AlarmLevel
    """`near`: four fifths of what is declared; `beyond`: a call was denied for it."""
    observed: int
    limit: int
    at: datetime
    """Since when."""
    until: datetime
    """When it eases, if nothing is counted meanwhile: enough will then lie further back than the window reaches."""


@value
class Observation:
    """What counting one call has shown."""

    _: KW_ONLY
    alarms: tuple[Alarm, ...] = ()
    """New ones: each stands once until it has eased."""
    beyond: Alarm | None = None
    """The limit that the call would pass. It was not counted, and must not be sent."""


class ApprovalBook(Protocol):
    """The queue of approvals, and which were used. All processes of one deployment share it."""

    @property
    def store(self) -> str:
        """The store's own id. Approvals name it: no other store takes them, nor a new one in its place."""
        ...

    def keyed(self, content: bytes) -> str:
        """A digest of the content under the store's own key."""
        ...

    def file(self, *, mission: str, role: str, digest: str, wait_s: float, content: str | None) -> ApprovalRequest:
        """Ask. Where the same call waits already, or was denied, that request is given. Raises StateError."""
        ...

    def request(self, request: str) -> ApprovalRequest | None:
        """One request by its id. Raises StateError."""
        ...

    def requests(self) -> tuple[ApprovalRequest, ...]:
        """Those that are kept, oldest first. Raises StateError."""
        ...

    def rule(self, request: str, *, state: Literal["granted", "denied"], by: str, token: str | None) -> bool:
        """Answer a pending request, once. False: it was answered before, or its time is over. Raises StateError."""
        ...

    def denial_of(self, *, mission: str, role: str, digest: str) -> ApprovalRequest | None:
        """The request by which this very call was denied, for good. Raises StateError."""
        ...

    def spend(self, approval: str, *, call_id: str) -> bool:
        """Use an approval up for this call, in all processes at once. False: another call has it. Raises StateError."""
        ...

    def spent(self, approval: str) -> str | None:
        """The call that has used it. Raises StateError."""
        ...


class WatchBook(Protocol):
    """Who supervises which mission, and who has stopped one."""

    @property
    def store(self) -> str:
        """The store's own id, which a signed watch names. Raises StateError."""
        ...

    def standing(self, mission: str) -> WatchStanding:
        """As it is now. Raises StateError."""
        ...

    def standings(self) -> Mapping[str, WatchStanding]:
        """Of every mission that somebody watches or has stopped. Raises StateError."""
        ...

    def begin(self, mission: str, *, by: str, since: datetime | None = None, signature: str | None = None) -> int:
        """Begin to supervise; a stop that stands is lifted. Gives the watch's number. Raises StateError.

        Args:
            mission: its name.
            by: who supervises.
            since: the instant that was signed; now, where nothing was.
            signature: that it is this person; see `oversight.sign_watch`.
        """
        ...

    def beat(self, watch: int) -> bool:
        """Say that the supervisor is still there. False: the mission was stopped meanwhile. Raises StateError."""
        ...

    def leave(self, watch: int) -> None:
        """Supervise no more. Raises StateError."""
        ...

    def stop(self, mission: str, *, by: str) -> None:
        """Stop the mission, and end every watch of it. Raises StateError."""
        ...


class UseBook(Protocol):
    """What was observed of each mission within the window that ends now."""

    def keyed(self, content: bytes) -> str:
        """A word for a subject, under the store's own key."""
        ...

    def count(
        self, mission: str, limits: Limits, *, subject: str, labels: Sequence[str], counts_call: bool
    ) -> Observation:
        """Count one call, unless it would go beyond a limit: then nothing is counted. Raises StateError."""
        ...

    def alarms(self) -> tuple[Alarm, ...]:
        """Those that have not eased. Raises StateError."""
        ...


class Condition(Protocol):
    """What a send depends on besides policy and orders. The gate asks it at the last hop, and while it is open."""

    def at_last_hop(self) -> None:
        """Let it go, or raise. It is called right before the send is recorded. Raises PolicyDenied, StateError."""
        ...

    def broken(self) -> str | None:
        """Why an open exchange must be cut; None: it may go on. Called from another thread; raises StateError."""
        ...
