"""What a session writes into the ledger, in order, and what it has read there."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from offramp.contracts.ledger import (
    CallKey,
    Entry,
    HandedOff,
    Ledger,
    LossesNoted,
    Opened,
    Said,
    ToolRecord,
    TurnFinished,
    TurnInterrupted,
    TurnStarted,
)
from offramp.errors import ProviderError, SessionError
from offramp.resilience import may_be_an_answer
from offramp.sessions import Conversation, PendingCall, conversation_of, extended, tool_message, with_tools
from offramp.types import AnyResponse, Loss, Message, Outcome, OutcomeKind, ToolResult


class Notebook:
    """One conversation in the ledger. It remembers what it has read and written; another writer is noticed at once."""

    def __init__(self, ledger: Ledger, conversation: str, *, mission: str) -> None:
        self.conversation_id = conversation
        self.mission = mission
        self._ledger = ledger
        self._read: Conversation | None = None
        self._said: tuple[Message, ...] | None = None

    @property
    def messages(self) -> tuple[Message, ...]:
        """All that was said."""
        return self._read.messages if self._read else ()

    @property
    def pending(self) -> tuple[PendingCall, ...]:
        """Tool calls that no message answers."""
        return self._known.pending

    @property
    def endpoint(self) -> str | None:
        """Where the conversation is."""
        return self._known.endpoint

    @property
    def labels(self) -> tuple[str, ...]:
        """The declarations under which it was made."""
        return self._known.labels

    @property
    def tools(self) -> tuple[ToolRecord, ...]:
        """What the ledger knows of tool calls."""
        return self._known.tools

    @property
    def resumable(self) -> bool:
        """Whether its last turn was cut off, tool calls wait, or nobody has answered their results."""
        unanswered = bool(self.messages) and self.messages[-1].role == "tool"
        return self._known.status in ("interrupted", "running") or bool(self._known.pending) or unanswered

    @property
    def _known(self) -> Conversation:
        if self._read is None:
            raise SessionError("the conversation has not been read yet", where=self.conversation_id)
        return self._read

    async def read(self) -> None:
        """Take up what the ledger holds now.

        Raises:
            SessionError: it was erased.
        """
        self._read = conversation_of(await self._ledger.read(self.conversation_id))
        self._said = None

    async def accept(self, new: Sequence[Message]) -> tuple[Message, ...]:
        """What of the application's messages is new; results of pending calls among them are settled here.

        Raises:
            SessionError: tool calls wait, and these are not their results.
        """
        messages = tuple(new)
        if self.messages and messages and messages[0] == self.messages[0] and messages[0].role == "system":
            messages = messages[1:]
        if self.pending:
            await self._settle(messages)
        return messages

    async def _settle(self, messages: tuple[Message, ...]) -> None:
        given = {part.call_id: part for part in (messages[0].parts if messages else ()) if isinstance(part, ToolResult)}
        missing = [one.call.name for one in self.pending if one.call.call_id not in given]
        if missing or messages[0].role != "tool":
            raise SessionError(
                f"{len(missing)} tool calls wait for results ({', '.join(missing)})",
                where=self.conversation_id,
                mend="call resume(), or answer all of them with one `tool` message",
            )
        for one in self.pending:
            if one.result is None:
                await self.finish_tool(one, given[one.call.call_id])

    async def begin(
        self,
        new: tuple[Message, ...],
        *,
        endpoint: str,
        label: str | None,
        handed: HandedOff | None,
        losses: Sequence[Loss],
    ) -> None:
        """Write down what is about to be sent, to whom, and under which declaration; the new messages once only."""
        labels = (label,) if label else ()
        entries: list[Entry] = []
        if self._known.sequence == 0:
            entries.append(Opened(mission=self.mission, labels=labels))
        if self._said is not new:
            entries += [Said(message) for message in new]
        if handed is not None:
            entries.append(handed)
        entries.append(TurnStarted(endpoint=endpoint, labels=labels))
        if losses:
            entries.append(LossesNoted(tuple(losses), endpoint=endpoint))
        await self._append(entries)
        self._said = new

    async def answered(self, endpoint: str, response: AnyResponse) -> None:
        """Keep an answer."""
        await self._append([Said(response.message), TurnFinished(endpoint=endpoint, outcome=response.outcome)])

    async def interrupted(self, endpoint: str, error: BaseException | None, *, partial: Message | None) -> None:
        """Keep what had come of an answer that was cut off. An error that may be an answer ends the turn for good."""
        if self._known.status != "running":
            return
        if error is not None and may_be_an_answer(error):
            said: list[Entry] = [Said(replace(partial, status="interrupted"))] if partial else []
            outcome = Outcome(OutcomeKind.ERROR, raw=error.vendor_code if isinstance(error, ProviderError) else None)
            await self._append([*said, TurnFinished(endpoint=endpoint, outcome=outcome)])
            return
        why = type(error).__name__ if error is not None else "its reader left"
        await self._append([TurnInterrupted(endpoint=endpoint, partial=partial, why=why)])

    async def start_tool(self, pending: PendingCall) -> bool:
        """Claim the one run of a call."""
        claimed = await self._ledger.start_tool(self.conversation_id, pending.key)
        self._note(pending.key, None)
        return claimed

    async def finish_tool(self, pending: PendingCall, result: ToolResult) -> None:
        """Keep a call's result."""
        await self._ledger.finish_tool(self.conversation_id, pending.key, result)
        self._note(pending.key, result)

    async def say_results(self) -> None:
        """Answer all pending calls with what is known of them, in one message."""
        await self._append([Said(tool_message(self.pending))])

    def _note(self, key: CallKey, result: ToolResult | None) -> None:
        now = datetime.now(UTC)  # the ledger keeps the instants that count
        record = ToolRecord(key, started=now, finished=now if result else None, result=result)
        self._read = with_tools(self._known, [record])

    async def _append(self, entries: Sequence[Entry]) -> None:
        sequence = await self._ledger.append(self.conversation_id, entries, expected=self._known.sequence)
        self._read = extended(self._known, entries, sequence=sequence)
