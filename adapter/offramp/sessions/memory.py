"""A ledger in this process's memory: for tests, and for work that need not outlive the process."""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from datetime import datetime

from typing_extensions import override  # pydantic requires it; `typing` has it from Python 3.12

from offramp.contracts.clock import Clock, SystemClock
from offramp.contracts.ledger import (
    CallKey,
    ConversationStatus,
    Entry,
    Ledger,
    Opened,
    Record,
    Recorded,
    Summary,
    ToolRecord,
    endpoint_after,
    status_after,
)
from offramp.sessions.retention import Retention
from offramp.sessions.rules import check_append, check_known, check_not_erased, check_unanswered
from offramp.types import ToolResult


@dataclass(slots=True)
class _Kept:
    """One conversation."""

    _: KW_ONLY
    updated: datetime
    entries: list[Recorded] = field(default_factory=list[Recorded])
    tools: dict[tuple[int, int], ToolRecord] = field(default_factory=dict[tuple[int, int], ToolRecord])
    erased: datetime | None = None


class MemoryLedger(Ledger):
    """Keeps conversations until the process ends. Not for several event loops at once."""

    def __init__(self, *, retention_days: float | None = None, clock: Clock | None = None) -> None:
        """Take the retention in days; None keeps everything."""
        self._clock = clock or SystemClock()
        self._retention = Retention(retention_days, self._clock)
        self._kept: dict[str, _Kept] = {}

    @override
    async def append(self, conversation: str, entries: Sequence[Entry], *, expected: int) -> int:
        if self._retention.sweep_is_due():
            await self.expire()
        now = self._clock.now()
        kept = self._kept.get(conversation) or _Kept(updated=now)
        check_append(conversation, entries, expected=expected, found=len(kept.entries), erased=kept.erased is not None)
        kept.entries += [Recorded(number, now, entry) for number, entry in enumerate(entries, start=expected + 1)]
        kept.updated = now
        self._kept[conversation] = kept
        return len(kept.entries)

    @override
    async def read(self, conversation: str) -> Record:
        kept = self._kept.get(conversation)
        if kept is None:
            return Record(conversation, entries=())
        tools = tuple(kept.tools[key] for key in sorted(kept.tools))
        return Record(conversation, entries=tuple(kept.entries), tools=tools, erased=kept.erased)

    @override
    async def start_tool(self, conversation: str, call: CallKey) -> bool:
        kept = self._open(conversation)
        key = (call.message, call.part)
        if key in kept.tools:
            return False
        kept.tools[key] = ToolRecord(call, started=self._clock.now())
        kept.updated = self._clock.now()
        return True

    @override
    async def finish_tool(self, conversation: str, call: CallKey, result: ToolResult) -> None:
        kept = self._open(conversation)
        key = (call.message, call.part)
        known = kept.tools.get(key) or ToolRecord(call, started=None)
        check_unanswered(conversation, answered=known.result is not None)
        kept.tools[key] = replace(known, finished=self._clock.now(), result=result)
        kept.updated = self._clock.now()

    def _open(self, conversation: str) -> _Kept:
        kept = self._kept.get(conversation)
        check_known(conversation, known=kept is not None)
        kept = self._kept[conversation]
        check_not_erased(conversation, erased=kept.erased is not None)
        return kept

    @override
    async def summaries(self, *, status: Sequence[ConversationStatus] = ()) -> tuple[Summary, ...]:
        every = [_summary(name, kept) for name, kept in self._kept.items()]
        wanted = [one for one in every if not status or one.status in status]
        return tuple(sorted(wanted, key=lambda one: (one.updated, one.conversation)))

    @override
    async def erase(self, conversation: str) -> None:
        check_known(conversation, known=conversation in self._kept)
        kept = self._kept[conversation]
        if kept.erased is None:
            now = self._clock.now()
            self._kept[conversation] = _Kept(updated=now, erased=now)

    @override
    async def expire(self) -> tuple[str, ...]:
        limit = self._retention.limit()
        if limit is None:
            return ()
        expired = [name for name, kept in self._kept.items() if kept.erased is None and kept.updated < limit]
        for name in expired:
            await self.erase(name)
        return tuple(sorted(expired))

    @override
    async def aclose(self) -> None:
        """Nothing is open."""


def _summary(name: str, kept: _Kept) -> Summary:
    entries = [recorded.entry for recorded in kept.entries]
    opened = entries[0] if entries else None
    return Summary(
        name,
        mission=opened.mission if isinstance(opened, Opened) else None,
        status="erased" if kept.erased else status_after(entries),
        endpoint=endpoint_after(entries),
        sequence=len(entries),
        opened=kept.entries[0].at if kept.entries else kept.updated,
        updated=kept.updated,
    )
