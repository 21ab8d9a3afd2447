"""A conversation as the ledger's entries amount to: what was said, where it stands, and which tool calls are open."""

from collections.abc import Iterable, Sequence
from dataclasses import KW_ONLY, replace
from typing import Literal, TypeAlias

from offramp.contracts.ledger import (
    CallKey,
    ConversationStatus,
    Entry,
    HandedOff,
    Labelled,
    LossesNoted,
    Opened,
    Record,
    Said,
    ToolRecord,
    TurnFinished,
    TurnInterrupted,
    TurnStarted,
    endpoint_after,
    status_after,
)
from offramp.errors import SessionError
from offramp.sessions.rules import check_not_erased
from offramp.sessions.turns import Turn, turns_of
from offramp.types import Message, ToolCall, ToolResult, value

CallFate: TypeAlias = Literal["never_started", "unknown", "finished"]
"""`unknown`: claimed, without a result. It may be running, or its process died; it may have taken effect."""


@value
class PendingCall:
    """A tool call of the conversation that no message answers yet."""

    key: CallKey
    call: ToolCall
    _: KW_ONLY
    fate: CallFate
    result: ToolResult | None = None
    """Only of a finished one: known to the ledger, and not yet said."""


@value
class Conversation:
    """A conversation at one point of the ledger."""

    id: str
    _: KW_ONLY
    mission: str | None
    """None: it has not begun."""
    messages: tuple[Message, ...]
    """All that was said, partial answers included (`interrupted`). Calls are known by their place in it."""
    status: ConversationStatus
    endpoint: str | None
    """Where it goes on, if it may: the endpoint of its last turn or hand-off."""
    labels: tuple[str, ...]
    """Every declaration under which anything in it was said, sorted. Policy is asked for all of them."""
    sequence: int
    """What the ledger's next `append` expects."""
    tools: tuple[ToolRecord, ...]
    pending: tuple[PendingCall, ...]


def conversation_of(record: Record) -> Conversation:
    """The conversation that a record amounts to; an empty one for an empty record.

    Raises:
        SessionError: its content was erased.
    """
    check_not_erased(record.conversation, erased=record.erased is not None)
    entries = [recorded.entry for recorded in record.entries]
    messages = tuple(_messages(entries))
    opened = entries[0] if entries else None
    return Conversation(
        record.conversation,
        mission=opened.mission if isinstance(opened, Opened) else None,
        messages=messages,
        status=status_after(entries),
        endpoint=endpoint_after(entries),
        labels=_labels((), entries),
        sequence=record.sequence,
        tools=record.tools,
        pending=pending_calls(messages, record.tools),
    )


def extended(conversation: Conversation, entries: Sequence[Entry], *, sequence: int) -> Conversation:
    """The conversation after entries that were just appended, without reading it again.

    Args:
        conversation: as it was.
        entries: what was appended.
        sequence: what `append` has returned.
    """
    messages = (*conversation.messages, *_messages(entries))
    opened = entries[0] if entries else None
    return replace(
        conversation,
        mission=opened.mission if isinstance(opened, Opened) else conversation.mission,
        messages=messages,
        status=status_after(entries, conversation.status),
        endpoint=endpoint_after(entries, conversation.endpoint),
        labels=_labels(conversation.labels, entries),
        sequence=sequence,
        pending=pending_calls(messages, conversation.tools),
    )


def with_tools(conversation: Conversation, tools: Sequence[ToolRecord]) -> Conversation:
    """The conversation after tools were started or finished."""
    known = {(one.call.message, one.call.part): one for one in (*conversation.tools, *tools)}
    merged = tuple(known[key] for key in sorted(known))
    return replace(conversation, tools=merged, pending=pending_calls(conversation.messages, merged))


def pending_calls(messages: Sequence[Message], tools: Iterable[ToolRecord] = ()) -> tuple[PendingCall, ...]:
    """The tool calls that the application has to answer and that no message answers, in order."""
    return unanswered_calls(turns_of(messages), tools)


def unanswered_calls(turns: Iterable[Turn], tools: Iterable[ToolRecord]) -> tuple[PendingCall, ...]:
    """As `pending_calls`, of turns that are known already."""
    known = {(one.call.message, one.call.part): one for one in tools}
    return tuple(
        _pending(turn, part, call, known.get((turn.index, part)))
        for turn in turns
        for part, call, result in turn.calls
        if result is None
    )


def _pending(turn: Turn, part: int, call: ToolCall, record: ToolRecord | None) -> PendingCall:
    key = CallKey(turn.index, part)
    if record is None:
        return PendingCall(key, call, fate="never_started")
    if record.result is None:
        return PendingCall(key, call, fate="unknown")
    return PendingCall(key, call, fate="finished", result=record.result)


def tool_message(finished: Sequence[PendingCall]) -> Message:
    """The one message that answers all calls of a turn, in call order.

    Raises:
        SessionError: a call has no result yet.
    """
    results: list[ToolResult] = []
    for one in finished:
        if one.result is None:
            raise SessionError("a tool call has no result yet", mend="run it, or settle its fate, first")
        results.append(one.result)
    return Message("tool", tuple(results))


def _messages(entries: Iterable[Entry]) -> Iterable[Message]:
    for entry in entries:
        match entry:
            case Said():
                yield entry.message
            case TurnInterrupted(partial=Message() as partial):
                yield replace(partial, status="interrupted")
            case (
                Opened() | TurnStarted() | TurnFinished() | TurnInterrupted() | LossesNoted() | HandedOff() | Labelled()
            ):
                pass


def _labels(before: Sequence[str], entries: Iterable[Entry]) -> tuple[str, ...]:
    labels = set(before)
    for entry in entries:
        match entry:
            case Opened() | TurnStarted() | Labelled():
                labels.update(entry.labels)
            case _:
                pass
    return tuple(sorted(labels))
