"""One permitted exchange: spent once at the last hop, and cut from another thread when an order stops it."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress

from typing_extensions import override  # pydantic requires it; `typing` has it from Python 3.12

from offramp.contracts.oversight import Condition
from offramp.contracts.permission import SendToken, loop_of
from offramp.contracts.policy import Decision
from offramp.errors import OfframpError, Prohibited, StateError
from offramp.state.departures import Departure, Departures, Leave
from offramp.types import Identity, Loss

Close = Callable[[], None]


class OpenExchanges:
    """The exchanges of one process that may still send."""

    def __init__(self) -> None:
        self._open: dict[int, Token] = {}
        self.departures = Departures()
        self.news = threading.Event()
        """Set when one has closed after a cut, so that the watcher need not wait for its next look."""

    def __len__(self) -> int:
        return len(self._open)

    def add(self, token: "Token") -> None:
        """From now on a look sees it."""
        self._open[id(token)] = token

    def remove(self, token: "Token") -> None:
        """It can send no more."""
        self._open.pop(id(token), None)

    def all(self) -> "list[Token]":
        """Those open now. One that is added later reads the store after this, and so sees what the caller has seen."""
        return list(self._open.values())


class Token(SendToken):
    """A gate's token. It is open from `on_cut` or `spend`, whichever is first, to `release`."""

    __slots__ = (
        "_closed",
        "_exchanges",
        "_hook",
        "_last_look",
        "_leave",
        "_lock",
        "_spent",
        "_unused",
        "call_id",
        "condition",
        "decision",
        "identity",
        "loop",
        "losses",
        "prohibition",
        "released",
        "told",
    )

    def __init__(  # noqa: PLR0913  # made by the gate alone, for every exchange
        self,
        identity: Identity,
        *,
        decision: Decision,
        call_id: str | None,
        exchanges: OpenExchanges,
        last_look: "Callable[[Token], None]",
        leave: Leave,
        unused: "Callable[[Token], None]",
        condition: Condition | None = None,
        losses: Sequence[Loss] = (),
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self.condition = condition
        self.loop = loop
        """The event loop of the exchange; None: it has none, or it is not known yet."""
        self.losses = losses
        self.told = False
        """Whether the log has the decision."""
        self._unused = unused
        self.decision = decision
        self.call_id = call_id
        self.identity = identity
        self._exchanges = exchanges
        self._last_look = last_look
        self._leave = leave
        self._lock = threading.Lock()
        self._hook: Close | None = None
        self.prohibition: Prohibited | None = None
        """The order that cut the exchange, as the error to raise."""
        self.released = False
        """Whether the exchange is over."""
        self._spent = self._closed = False

    @property
    @override
    def cut(self) -> bool:
        return self.prohibition is not None

    @property
    def may_send(self) -> bool:
        """Whether bytes could still leave: it was spent, and is neither released nor closed."""
        return self._spent and not (self.released or self._closed)

    def why_broken(self) -> str | None:
        """Why its condition holds no more; None: it does, or there is none. Never raises: a doubt breaks it."""
        try:
            return self.condition.broken() if self.condition is not None else None
        except Exception as error:  # noqa: BLE001  # whatever it is: oversight cannot be told, and so is not there
            return f"whether somebody supervises it cannot be told ({type(error).__name__})"

    @override
    def spend(self) -> None:
        self._begin()
        try:
            self._last_look(self)
            if self.prohibition is not None:  # cut while it looked
                raise self.prohibition  # noqa: TRY301  # the same way out as for a look that fails
        except BaseException:
            self.release()
            raise

    @override
    def depart(self, go: Callable[[], None], refused: Callable[[OfframpError], None]) -> None:
        self._begin()
        self._exchanges.departures.add(Departure(self, go, refused), self._leave, loop=loop_of(self))

    def _begin(self) -> None:
        with self._lock:
            if self.prohibition is not None:
                raise self.prohibition
            if self._spent or self.released:
                raise StateError("a permission to send was used twice", where=self.identity.endpoint)
            self._spent = True
        self._exchanges.add(self)  # before the look: an order that the look misses finds the exchange here

    @override
    def on_cut(self, close: Close) -> None:
        if self.loop is None:
            self.loop = _running_loop()
        with self._lock:
            late = self.prohibition is not None
            if not late:
                self._hook = close
        if late:
            self._run(close)
        elif not self.released:
            self._exchanges.add(self)

    @override
    def release(self) -> None:
        self.released = True
        self._hook = None
        self._exchanges.remove(self)
        self.tell()

    def tell(self) -> None:
        """Have the log told of the decision, where no send has told of it."""
        if not self.told:
            self._unused(self)

    def stop(self, prohibition: Prohibited) -> bool:
        """Cut it, from any thread. False: it was cut or released before."""
        with self._lock:
            if self.prohibition is not None or self.released:
                return False
            self.prohibition = prohibition
            hook, self._hook = self._hook, None
        if hook is not None:
            self._dispatch(hook, self.loop)
        return True

    def _dispatch(self, close: Close, loop: asyncio.AbstractEventLoop | None) -> None:
        if loop is None:
            with suppress(Exception):  # the others must be cut too; this one stays open, and unacknowledged
                self._run(close)
            return
        try:
            loop.call_soon_threadsafe(self._run_in, loop, close)
        except RuntimeError:  # the loop is closed: nothing runs in it that could write
            self._closed = True

    def _run_in(self, loop: asyncio.AbstractEventLoop, close: Close) -> None:
        close()
        # A transport that was aborted closes its socket one turn later; until then the kernel may still send.
        loop.call_soon(self._has_closed)

    def _run(self, close: Close) -> None:
        close()  # where it raises, the exchange stays open, and the replica does not acknowledge
        self._has_closed()

    def _has_closed(self) -> None:
        self._closed = True
        self._exchanges.news.set()


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
