"""A supervisor in the application itself: the heartbeat of a person who watches a mission and can stop it."""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Literal

from offramp._mission import MissionPlan
from offramp.audit import DecisionLog, watch_entry
from offramp.contracts.clock import Clock
from offramp.contracts.oversight import OversightNeed, WatchBook
from offramp.errors import ConfigurationError, StateError
from offramp.oversight import beat_every_s
from offramp.policy import CompiledPolicy


class AsyncSupervision:
    """One person's watch over one mission. Enter it to begin; leave it to end it, which stops nobody else's.

    The heartbeat runs in this event loop on purpose: a loop that hangs could not take a stop, and so falls silent.
    """

    def __init__(self, book: WatchBook, need: OversightNeed, *, by: str, clock: Clock, log: DecisionLog) -> None:
        self._book = book
        self._log = log
        self._need = need
        self._by = by
        self._clock = clock
        self._watch: int | None = None
        self._beating: asyncio.Task[None] | None = None

    @property
    def live(self) -> bool:
        """Whether this watch still counts; False once the mission was stopped, by whomever, or it was left."""
        return self._watch is not None and self._beating is not None and not self._beating.done()

    async def __aenter__(self) -> "AsyncSupervision":
        """Begin; a stop that stands is lifted."""
        self._watch = self._book.begin(self._need.mission, by=self._by)
        self._record("begin")
        self._beating = asyncio.create_task(self._beat(self._watch), name=f"offramp-supervise-{self._need.mission}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Supervise no more. Where nobody else does, nothing of the mission is sent from now on."""
        if self._beating is not None:
            self._beating.cancel()
            with suppress(asyncio.CancelledError, StateError):
                await self._beating
        if self._watch is not None:
            self._book.leave(self._watch)
            self._watch = None
            self._record("leave")

    async def stop(self) -> None:
        """Stop the mission in all processes: open exchanges are cut, and nothing is sent until somebody begins anew."""
        self._book.stop(self._need.mission, by=self._by)
        self._record("stop")

    def _record(self, action: Literal["begin", "leave", "stop"]) -> None:
        self._log.append(watch_entry(action, by=self._log.pseudonym(self._by), mission=self._need.mission))

    async def _beat(self, watch: int) -> None:
        while self._book.beat(watch):
            await self._clock.sleep(beat_every_s(self._need.reaction_time_s))


def supervision_need(policy: CompiledPolicy) -> OversightNeed:
    """What a mission declares of its supervision.

    Raises:
        ConfigurationError: it declares none, or its declaration cannot be read.
    """
    need = next((need for need in policy.oversight if need.level == "supervise"), None)
    if need is None:
        raise ConfigurationError(
            f"mission {policy.mission!r} does not declare that a person supervises it",
            mend='declare oversight = "supervise" and its evidence, or leave it unsupervised',
        )
    return need


def supervised(book: WatchBook, plan: MissionPlan, *, by: str, clock: Clock, log: DecisionLog) -> AsyncSupervision:
    """A watch over a mission that declares one.

    Raises:
        ConfigurationError: it declares none, or nobody is named.
    """
    if not by.strip():
        raise ConfigurationError("nobody is named", where="supervise", mend="give by, the name of who supervises")
    return AsyncSupervision(book, supervision_need(plan.policy), by=by, clock=clock, log=log)
