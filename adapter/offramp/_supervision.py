"""A supervisor in the application itself: the heartbeat of a person who watches a mission and can stop it."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import KW_ONLY
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Literal

from offramp.audit import DecisionLog, watch_entry
from offramp.config import Config
from offramp.contracts.clock import Clock
from offramp.contracts.oversight import OversightNeed, WatchBook
from offramp.errors import ConfigurationError, StateError
from offramp.oversight import Approver, beat_every_s, load_approvers, sign_watch
from offramp.policy import CompiledPolicy
from offramp.types import value


class AsyncSupervision:
    """One person's watch over one mission. Enter it to begin; leave it to end it, which stops nobody else's.

    The heartbeat runs in this event loop on purpose: a loop that hangs could not take a stop, and so falls silent.
    """

    def __init__(
        self, book: WatchBook, need: OversightNeed, starter: "Starter", *, clock: Clock, log: DecisionLog
    ) -> None:
        self._book = book
        self._log = log
        self._need = need
        self._starter = starter
        self._clock = clock
        self._watch: int | None = None
        self._beating: asyncio.Task[None] | None = None

    @property
    def live(self) -> bool:
        """Whether this watch still counts; False once the mission was stopped, by whomever, or it was left."""
        return self._beating is not None and not self._beating.done()

    async def __aenter__(self) -> "AsyncSupervision":
        """Begin; a stop that stands is lifted."""
        self._watch = self._starter.begin(self._book, self._need, at=self._clock.now())
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
        self._book.stop(self._need.mission, by=self._starter.by)
        self._record("stop")

    def _record(self, action: Literal["begin", "leave", "stop"]) -> None:
        self._log.append(watch_entry(action, by=self._log.pseudonym(self._starter.by), mission=self._need.mission))

    async def _beat(self, watch: int) -> None:
        while self._beats(watch):
            await self._clock.sleep(beat_every_s(self._need.reaction_time_s))

    def _beats(self, watch: int) -> bool:
        """One heartbeat. One that cannot be written is missing, and the next is tried: silence denies in time."""
        try:
            return self._book.beat(watch)
        except StateError:
            return True


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


@value
class Starter:
    """Who begins to supervise, and how that is shown."""

    by: str
    _: KW_ONLY
    key: Path | None
    approvers: Mapping[str, Approver] | None
    """Who may supervise; None where the configuration names nobody, and a watch counts on its word."""

    def begin(self, book: WatchBook, need: OversightNeed, *, at: datetime) -> int:
        """Begin, signed where there is a key.

        Raises:
            ConfigurationError: as `sign_watch`; or the key is another's, or none is given where one is needed.
            StateError: the book cannot be written.
        """
        if self.approvers is None:
            return book.begin(need.mission, by=self.by)
        if self.key is None:
            mend = "give the private key of one of the approvers: --key FILE, or key= in an application"
            raise ConfigurationError("a watch is signed where approvers are named", where="supervise", mend=mend)
        owner, signature = sign_watch(self.key, need=need, store=book.store, approvers=self.approvers, since=at)
        if owner != self.by:
            raise ConfigurationError(f"the key is {owner}'s, not {self.by}'s", where="supervise", mend=f"name {owner}")
        return book.begin(need.mission, by=owner, since=at, signature=signature)


def starter_of(config: Config, by: str, key: Path | None) -> Starter:
    """Who begins, by the configuration's approvers.

    Raises:
        ConfigurationError: nobody is named, or the file of approvers is not sound.
    """
    if not by.strip():
        raise ConfigurationError("nobody is named", where="supervise", mend="give the name of who supervises")
    approvers = load_approvers(config.at(config.approvers)) if config.approvers else None
    return Starter(by, key=key, approvers=approvers)
