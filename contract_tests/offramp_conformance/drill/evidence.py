"""What a drill has seen: of the vendors' own counters, the workers' lines, the ledger, the decision log, the order."""

from dataclasses import KW_ONLY, field
from datetime import datetime

from offramp.contracts.ledger import Record
from offramp.types import JsonObject, value
from offramp_conformance.drill.script import Conversation, Turn


@value
class SeenRequest:
    """One request as the vendor counted it. Times are the host's monotonic clock, in seconds."""

    _: KW_ONLY
    t_first_byte: float
    t_last_byte: float
    bytes: int
    complete: bool
    """Whether its body had wholly arrived."""
    status: int | None
    rule: str | None
    """Which rule refused it."""
    stream: bool
    cut: str | None
    """Who ended its answer before the end."""
    t_end: float | None
    path: str | None
    body: JsonObject | None

    @property
    def answered_whole(self) -> bool:
        """Whether the vendor gave its answer to the end."""
        return self.status == 200 and self.cut is None and self.t_end is not None


@value
class SeenVendor:
    """What one vendor counted at its own socket."""

    _: KW_ONLY
    requests: tuple[SeenRequest, ...]
    bytes_received: int
    requests_after_stop: int
    """Requests that have begun, or got a byte, after the stop."""
    bytes_after_stop: int
    t_last_byte: float | None

    def streams_open_at(self, moment: float) -> int:
        """How many of its answers were streaming then."""
        return sum(
            request.stream and request.t_first_byte <= moment and (request.t_end is None or request.t_end > moment)
            for request in self.requests
        )


@value
class SeenTurn:
    """One turn as its worker lived it."""

    _: KW_ONLY
    turn: Turn
    started_s: float
    cut_s: float | None = None
    """When its open stream was cut; None where it was not."""
    first_output_s: float | None = None
    """When the first piece of the new answer came after a cut, where it was streamed."""
    ended_s: float | None = None
    endpoint: str | None = None
    """Who gave the answer that was taken."""
    text: str | None = None
    """What the user was given."""
    outcome: str | None = None
    output_tokens: int | None = None
    losses: tuple[tuple[str, str, str], ...] = ()
    """Code, action and severity of each loss of the answer's response."""


@value
class SeenConversation:
    """One conversation: what was planned, lived and kept."""

    script: Conversation
    _: KW_ONLY
    worker: int
    started_s: float | None
    finished_s: float | None
    failure: str | None
    failure_status: int | None
    """The HTTP status that it failed with; None where it did not fail, or not by a vendor's answer."""
    turns: tuple[SeenTurn, ...]
    record: Record
    """All that the ledger holds of it."""


@value
class ToolStart:
    """One start of a tool, told by the tool itself."""

    conversation: str
    turn: int
    tool: str
    t: float


@value
class SeenOrder:
    """The order, as the command that gave it has printed it."""

    _: KW_ONLY
    id: str
    selector: str
    committed_s: float
    acknowledged: int
    """Replicas that have acknowledged it."""
    replicas: int
    acknowledged_s: float | None
    """When the last of them did; None where one did not."""
    stop_s: float
    """When the first vendor's counters were read, right after."""


@value
class LoggedSend:
    """A use of permission, as the decision log has it."""

    endpoint: str
    t: float
    """On the host's monotonic clock."""
    call_id: str | None
    decided: bool
    """Whether a decision that allowed it stands before it, under the same call."""


@value
class SeenLog:
    """The decision log."""

    _: KW_ONLY
    records: int
    problems: tuple[str, ...]
    sends: tuple[LoggedSend, ...]
    decisions: dict[str, int] = field(default_factory=dict[str, int])
    """Decisions by endpoint and result."""
    unreviewed: int = 0
    """Decisions in which an unreviewed contract had a part."""


@value
class Evidence:
    """All of it."""

    _: KW_ONLY
    at: datetime
    began_s: float
    ended_s: float
    first: str
    second: str
    dialects: tuple[str, str]
    """How the two are talked to."""
    order: SeenOrder | None
    streaming_when_told: int | None
    """Open streams at the last look before the order, by the workers' own lines where nobody counts; None: no order."""
    conversations: tuple[SeenConversation, ...]
    tool_starts: tuple[ToolStart, ...]
    first_vendor: SeenVendor | None
    """None: a real endpoint, whose counters nobody can read."""
    second_vendor: SeenVendor | None
    log: SeenLog
    worker_failures: tuple[str, ...] = ()
    """Workers that broke down, with their last words."""
    sabotage: str | None
    cut_limit_s: float
    unreviewed: tuple[str, ...] = ()
    """Contracts in use that nobody has reviewed."""

    @property
    def streaming_at_order(self) -> int | None:
        """Streams of the first vendor that were open at the order's commit: by its own count, where it can be read."""
        if self.order is None or self.first_vendor is None:
            return self.streaming_when_told
        return self.first_vendor.streams_open_at(self.order.committed_s)
