"""The ledger's seam: our own copy of every conversation, from day 0, and the one place where tools are started.

Entries are only ever appended. The ledger keeps the original, with its origin and residue; whatever goes to a vendor is
derived from it. It holds content: see `erase` and `expire`.
"""

from collections.abc import Sequence
from dataclasses import KW_ONLY
from datetime import datetime
from typing import Literal, Protocol, TypeAlias

from offramp.types import Loss, Message, Outcome, ToolResult, value

ConversationStatus: TypeAlias = Literal["idle", "running", "interrupted", "erased"]
"""`running`: a turn has begun and has no end yet; its process may have died. `interrupted`: it was cut off."""


@value
class Opened:
    """A conversation begins. Always the first entry, and only the first."""

    _: KW_ONLY
    type: Literal["opened"] = "opened"
    mission: str
    labels: tuple[str, ...] = ()


@value
class Said:
    """A message, kept whole: A's own bytes come back from here."""

    message: Message
    _: KW_ONLY
    type: Literal["said"] = "said"


@value
class TurnStarted:
    """An exchange is about to be sent. Written before the first byte leaves."""

    _: KW_ONLY
    type: Literal["turn_started"] = "turn_started"
    endpoint: str
    labels: tuple[str, ...] = ()
    """The declarations under which it is made; the conversation keeps their union."""


@value
class TurnFinished:
    """The exchange has ended with an outcome."""

    _: KW_ONLY
    type: Literal["turn_finished"] = "turn_finished"
    endpoint: str
    outcome: Outcome


@value
class TurnInterrupted:
    """The exchange was cut off, or failed. What had arrived is kept and never sent again."""

    _: KW_ONLY
    type: Literal["turn_interrupted"] = "turn_interrupted"
    endpoint: str
    partial: Message | None
    why: str
    """One sentence. It never quotes content."""


@value
class LossesNoted:
    """What went over the wire differently from what is kept here."""

    losses: tuple[Loss, ...]
    _: KW_ONLY
    type: Literal["losses_noted"] = "losses_noted"
    endpoint: str


@value
class HandedOff:
    """The conversation goes on at another endpoint."""

    _: KW_ONLY
    type: Literal["handed_off"] = "handed_off"
    from_endpoint: str | None
    to_endpoint: str
    losses: tuple[Loss, ...] = ()
    warnings: tuple[str, ...] = ()


@value
class Labelled:
    """The conversation takes on further labels. It never sheds one."""

    labels: tuple[str, ...]
    _: KW_ONLY
    type: Literal["labelled"] = "labelled"


Entry: TypeAlias = Opened | Said | TurnStarted | TurnFinished | TurnInterrupted | LossesNoted | HandedOff | Labelled


@value
class Recorded:
    """An entry in its place."""

    sequence: int
    """1 for the first entry of a conversation, without gaps."""
    at: datetime
    """UTC, by the writer's clock."""
    entry: Entry


@value
class CallKey:
    """Which tool call of a conversation. Vendors reuse ids, so a call is known by its place."""

    message: int
    """Position of the assistant message among all that was said, partial answers included, from 0."""
    part: int
    """Position of the call among the message's parts, from 0."""


@value
class ToolRecord:
    """What is known of one tool call that was started or answered."""

    call: CallKey
    _: KW_ONLY
    started: datetime | None
    """None: it was answered without being run, as a denied call is."""
    finished: datetime | None = None
    result: ToolResult | None = None
    """None: its fate is unknown. It may be running, or its process died; it may have taken effect."""


@value
class Record:
    """All that the ledger holds of one conversation: also its export."""

    conversation: str
    _: KW_ONLY
    entries: tuple[Recorded, ...]
    tools: tuple[ToolRecord, ...] = ()
    erased: datetime | None = None
    """When its content was erased. Then nothing else is left."""

    @property
    def sequence(self) -> int:
        """The last entry's number: what the next `append` expects. 0 for a new conversation."""
        return self.entries[-1].sequence if self.entries else 0


@value
class Summary:
    """One line about a conversation, without content."""

    conversation: str
    _: KW_ONLY
    mission: str | None
    """None once erased."""
    status: ConversationStatus
    endpoint: str | None
    """Where its last turn was sent; None before the first."""
    sequence: int
    opened: datetime
    updated: datetime


class Ledger(Protocol):
    """Where conversations are kept. What a method has returned from is durable against the end of the process.

    Every method raises StateError where the store cannot be read or written. A method that is cancelled may have taken
    effect: read again.
    """

    async def append(self, conversation: str, entries: Sequence[Entry], *, expected: int) -> int:
        """Append all entries, or none.

        Args:
            conversation: its id.
            entries: in order; a new conversation's first one is `Opened`.
            expected: the sequence number of the last entry that the writer knows; 0 begins a conversation.

        Returns:
            The new last sequence number.

        Raises:
            SessionError: another writer was here first, or the conversation was erased. Nothing was written.
        """
        ...

    async def read(self, conversation: str) -> Record:
        """The whole conversation; empty where there is none of this id."""
        ...

    async def start_tool(self, conversation: str, call: CallKey) -> bool:
        """Claim the one run of this call. Durable before it returns, a power failure included.

        Returns:
            True: you, and nobody else ever, may run it now. False: it was claimed or answered before.

        Raises:
            SessionError: there is no such conversation, or it was erased.
        """
        ...

    async def finish_tool(self, conversation: str, call: CallKey, result: ToolResult) -> None:
        """Keep a call's result: the run's, or the caller's own word where the fate is unknown or the call was denied.

        A call that was never started can no longer be, afterwards.

        Raises:
            SessionError: it has a result already, or there is no such conversation.
        """
        ...

    async def summaries(self, *, status: Sequence[ConversationStatus] = ()) -> tuple[Summary, ...]:
        """The conversations in any of these states, or all of them; longest untouched first."""
        ...

    async def erase(self, conversation: str) -> None:
        """Remove all content for good. A tombstone keeps the id from being used again. Erasing twice is no error."""
        ...

    async def expire(self) -> tuple[str, ...]:
        """Erase what was not touched for longer than the retention, and say what that was."""
        ...

    async def aclose(self) -> None:
        """Close what was opened. Safe to call twice."""
        ...


async def interrupted(ledger: Ledger) -> tuple[Summary, ...]:
    """The conversations whose last turn has no end: cut off, or begun by a process that may have died."""
    return await ledger.summaries(status=("interrupted", "running"))


def status_after(entries: Sequence[Entry], before: ConversationStatus = "idle") -> ConversationStatus:
    """The status that a run of entries leaves a conversation in."""
    status = before
    for entry in entries:
        match entry:
            case TurnStarted():
                status = "running"
            case TurnFinished():
                status = "idle"
            case TurnInterrupted():
                status = "interrupted"
            case _:
                pass
    return status


def endpoint_after(entries: Sequence[Entry], before: str | None = None) -> str | None:
    """The endpoint that a conversation sticks to after a run of entries."""
    endpoint = before
    for entry in entries:
        match entry:
            case TurnStarted() | TurnFinished() | TurnInterrupted():
                endpoint = entry.endpoint
            case HandedOff():
                endpoint = entry.to_endpoint
            case _:
                pass
    return endpoint
