"""The one owner of permission: it gives tokens, reads the store before every send, and cuts what an order stops.

How long an order takes: an exchange is entered in the list of open ones before its last look. So an order is either
seen by that look, and no byte leaves, or it finds the exchange in the list at the watcher's next look, within 50 ms,
and has it closed. A replica acknowledges an epoch after all that its orders stop has closed.

What one turn of the event loop sends departs together: one read of the store, one writing of the log, and then the
first bytes of each. So both costs are shared, and nothing stands between the look and the bytes.
"""

import asyncio
import threading
import weakref
from collections.abc import Callable, Sequence
from copy import copy

from typing_extensions import override  # pydantic requires it; `typing` has it from Python 3.12

from offramp.contracts.audit import DecisionRecorder
from offramp.contracts.clock import Clock, SystemClock
from offramp.contracts.oversight import Condition
from offramp.contracts.permission import SendGate
from offramp.contracts.policy import Decision
from offramp.contracts.process import process_id
from offramp.contracts.state import PermissionStore, Right, Snapshot
from offramp.errors import OfframpError, Prohibited, StateError
from offramp.state.departures import Departure
from offramp.state.journal import Journal
from offramp.state.presence import Notices, Presence, no_notices
from offramp.state.refusals import denied_by, stopped_by, unreadable, unsupervised
from offramp.state.token import OpenExchanges, Token
from offramp.state.watcher import Watcher
from offramp.types import Identity, Loss


class StateGate(SendGate):
    """A `SendGate` over a permission store. One for each client; close it with the client.

    Args:
        store: opened by the caller, and closed by the caller after the gate.
        replica: a readable name for the list of replicas; the host's where not given.
        clock: decides when a notice falls due.
        log: where refusals, sends and cuts are recorded. A send that cannot be recorded is not made.
        right: which of an order's rights this gate guards.
        watch_interval_s: longest time between two looks at the store while an exchange is open; at most 0.1.
        watch: without it nothing is cut unless `look` is called; for tests with a clock of their own.
        notices: what the list of replicas is to say of this process's own files. It never raises.
    """

    def __init__(
        self,
        store: PermissionStore,
        *,
        replica: str | None = None,
        clock: Clock | None = None,
        log: DecisionRecorder | None = None,
        right: Right = "traffic",
        watch_interval_s: float = 0.05,
        watch: bool = True,
        notices: Notices = no_notices,
    ) -> None:
        self._store = store
        self._name = replica
        self._clock: Clock = clock or SystemClock()
        self._journal = Journal(log)
        self._right: Right = right
        self._interval_s = min(watch_interval_s, 0.1)
        self._watch = watch
        self._notices = notices
        self._epoch: int | None = None
        self._known: Snapshot | None = None
        """What the last read has given; None where it has failed."""
        self._closed = False
        self._locks: dict[int, threading.Lock] = {}
        self._pid: int | None = None
        self._start()

    @property
    def epoch(self) -> int | None:
        """The epoch of the last read; None where none has succeeded."""
        return self._epoch

    @property
    def replica(self) -> str:
        """This gate's id in the list of replicas. A forked child has its own."""
        return self._presence.replica

    def start(self) -> None:
        """Watch in this process too, as after a fork. The constructor has begun to; so has every `admit`."""
        self._ensure_running()

    def check(self, identity: Identity) -> None:
        """Raise Prohibited where `admit` would for an order's sake. It gives no token."""
        self._ensure_running()
        self._permit(identity)

    @override
    def admit(
        self,
        identity: Identity,
        *,
        decision: Decision,
        call_id: str | None = None,
        condition: Condition | None = None,
        losses: Sequence[Loss] = (),
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> Token:
        """Give a token; see `SendGate`.

        Args:
            identity: as there.
            decision: as there.
            call_id: joins this send to the log's other records of the call.
            condition: what else must hold at the last hop, and as long as the exchange is open.
            losses: what the call loses. The log tells them with the decision, in the same writing as the send.
            loop: the event loop that runs, where it is known.
        """
        self._ensure_running()
        if not decision.allowed:
            self._journal.denied(identity, decision, epoch=self._epoch, call_id=call_id)
            raise denied_by(decision)
        # The store is read for every send at its last hop. Here what the last read knew will do to let a call go on; it
        # does not to refuse one, since an order may have been lifted by now.
        if self._known is None or self._known.stops:
            self._permit(identity, mission=decision.mission, call_id=call_id)
        return Token(
            identity,
            decision=decision,
            call_id=call_id,
            exchanges=self._exchanges,
            last_look=self._last_look,
            leave=self._leave,
            unused=self._unused,
            condition=condition,
            losses=losses,
            loop=loop,
        )

    def look(self) -> bool:
        """Read the store, cut what it stops, acknowledge what is obeyed. The watcher calls it; so may tests.

        Returns:
            Whether an exchange is open.
        """
        try:
            snapshot = self._store.read()
        except Exception as error:  # noqa: BLE001  # whatever it is: permission cannot be told, and so is not given
            self._known = None
            self._cut(self._exchanges.all(), unreadable(error, self._epoch))
            self._tell(self._epoch, obeyed=False)
        else:
            self._known, self._epoch = snapshot, snapshot.epoch
            self._tell(snapshot.epoch, obeyed=self._obey(snapshot))
            self._cut_broken(snapshot.epoch)
        return len(self._exchanges) > 0

    def close(self) -> None:
        """End the watch, cut what is still open, and leave the list of replicas. Safe to call twice."""
        if not self._closed:
            self._closed = True
            self._watcher.stop()
            self._cut(self._exchanges.all(), Prohibited("the client was closed", selector=None, epoch=self._epoch))
            self._presence.end()

    def _permit(
        self, identity: Identity, *, token: Token | None = None, mission: str | None = None, call_id: str | None = None
    ) -> Snapshot:
        """Raise Prohibited unless the store, as it is now, lets bytes reach this identity."""
        try:
            snapshot = self._store.read()
        except Exception as error:
            self._known = None
            raise unreadable(error, self._epoch) from error
        self._known, self._epoch = snapshot, snapshot.epoch
        if snapshot.stops:
            stop = snapshot.stop_for(identity, at=self._clock.now(), right=self._right)
            if stop is not None:
                if token is not None:
                    token.tell()  # the decision comes before the order that overrules it
                    mission, call_id = token.decision.mission, token.call_id
                self._journal.stopped(identity, stop, mission=mission, call_id=call_id)
                raise stopped_by(stop, snapshot.epoch)
        return snapshot

    def _last_look(self, token: Token) -> None:
        self._refuse_closed(token.identity.endpoint)
        snapshot = self._permit(token.identity, token=token)
        self._hold(token, snapshot.epoch)
        self._journal.sent([token], snapshot.epoch)

    def _leave(self, leaving: Sequence[Departure]) -> None:
        """The last look for all of them; then those that may go do so in this very step."""
        going: list[Departure] = []
        epoch = 0
        for each in leaving:
            token = each.token
            try:
                # The first one reads the store, after all of them were entered in the list of open exchanges.
                self._refuse_closed(token.identity.endpoint)
                snapshot = self._known if going else None
                if snapshot is None or snapshot.stops:
                    snapshot = self._permit(token.identity, token=token)
                self._hold(token, snapshot.epoch)
            except OfframpError as error:
                each.refuse(error)
            else:
                going.append(each)
                epoch = snapshot.epoch
        try:
            self._journal.sent([each.token for each in going], epoch)
        except OfframpError as error:
            for each in going:
                each.refuse(copy(error))
        else:
            for each in going:
                each.go()

    def _hold(self, token: Token, epoch: int) -> None:
        """See that the decision's condition holds. The log has the decision before the approvals that it asks for."""
        if token.condition is not None:
            self._journal.decided(token, epoch)
            token.condition.at_last_hop()

    def _unused(self, token: Token) -> None:
        self._journal.unused(token, self._epoch)

    def _refuse_closed(self, endpoint: str) -> None:
        if self._closed:
            raise StateError("the client was closed", where=endpoint, mend="open a new one")

    def _obey(self, snapshot: Snapshot) -> bool:
        """Cut what the snapshot stops. Whether nothing of it can send any more."""
        if not snapshot.stops:
            return True
        now, obeyed = self._clock.now(), True
        for token in self._exchanges.all():
            stop = snapshot.stop_for(token.identity, at=now, right=self._right)
            if stop is not None:
                self._cut([token], stopped_by(stop, snapshot.epoch))
                obeyed = obeyed and not token.may_send
        return obeyed

    def _cut_broken(self, epoch: int) -> None:
        """Cut what nobody oversees any more."""
        for token in self._exchanges.all():
            if (why := token.why_broken()) is not None:
                self._cut([token], unsupervised(token.decision.mission, why, epoch))

    def _cut(self, tokens: list[Token], prohibition: Prohibited) -> None:
        for token in tokens:
            if token.stop(prohibition):
                self._journal.cut(token, prohibition.epoch)

    def _tell(self, epoch: int | None, *, obeyed: bool) -> None:
        try:
            if self._presence.tell(seen=epoch, obeyed=obeyed, open_exchanges=len(self._exchanges)):
                self._journal.acknowledged(self._presence.replica, epoch)
        except StateError:
            return  # without reports the operator sees this replica as silent, which it then is

    def _ensure_running(self) -> None:
        if self._closed:
            raise StateError("the client was closed", mend="open a new one")
        if self._runs_here():
            return
        with self._locks.setdefault(process_id(), threading.Lock()):  # each process its own: a fork may copy a held one
            if not self._runs_here():
                self._start()

    def _runs_here(self) -> bool:
        return self._pid == process_id() and (self._watcher.alive or not self._watch)

    def _start(self) -> None:
        """Begin to watch. In a new process nothing is open, and it is a replica of its own."""
        if self._pid != process_id():
            self._exchanges = OpenExchanges()
            self._presence = Presence(self._store, name=self._name, clock=self._clock, notices=self._notices)
            self._presence.tell(seen=None, obeyed=False, open_exchanges=0)
            self._pid = process_id()
        self._watcher = Watcher(_look_of(self), interval_s=self._interval_s, news=self._exchanges.news)
        weakref.finalize(self, _leave, self._watcher, self._presence)
        if self._watch:
            self._watcher.start()


def _look_of(gate: StateGate) -> Callable[[], Callable[[], bool] | None]:
    """The gate's look, as long as there is a gate."""
    kept = weakref.ref(gate)

    def find() -> Callable[[], bool] | None:
        there = kept()
        return there.look if there is not None else None

    return find


def _leave(watcher: Watcher, presence: Presence) -> None:
    """The gate was collected, or the process ends, without `close`."""
    watcher.stop()
    presence.end()
