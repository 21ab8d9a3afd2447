"""What one turn of an event loop sends departs together when the turn ends."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from offramp.errors import OfframpError, StateError

if TYPE_CHECKING:
    from offramp.state.token import Token


class Departure:
    """An exchange that is connected and waits for the end of the turn to send."""

    __slots__ = ("_go", "_refused", "token")

    def __init__(self, token: "Token", go: Callable[[], None], refused: Callable[[OfframpError], None]) -> None:
        self.token = token
        self._go = go
        self._refused = refused

    def go(self) -> None:
        """Send, unless an order has cut it or the exchange has ended by now."""
        if self.token.prohibition is not None:
            self.refuse(self.token.prohibition)
        elif not self.token.released:
            try:
                self._go()
            except Exception as error:  # noqa: BLE001  # whatever it is, the others of this turn go
                # The token stays open until the exchange has closed: something may have been written.
                self._refused(_not_handed_over(error, self.token.identity.endpoint))

    def refuse(self, error: OfframpError) -> None:
        """It may not send."""
        if not self.token.released:
            self.token.release()
            self._refused(error)


Leave: TypeAlias = Callable[[Sequence[Departure]], None]


class Departures:
    """Those that wait, by event loop. A loop touches its own only, so no lock is needed."""

    __slots__ = ("_waiting",)

    def __init__(self) -> None:
        self._waiting: dict[asyncio.AbstractEventLoop, list[Departure]] = {}

    def add(self, departure: Departure, leave: Leave, *, loop: asyncio.AbstractEventLoop) -> None:
        """Have it leave with the others of this turn of the running loop."""
        waiting = self._waiting.get(loop)
        if waiting is None:
            self._waiting[loop] = [departure]
            loop.call_soon(self._all, loop, leave)
        else:
            waiting.append(departure)

    def _all(self, loop: asyncio.AbstractEventLoop, leave: Leave) -> None:
        leave([each for each in self._waiting.pop(loop) if not each.token.released])


def _not_handed_over(error: Exception, endpoint: str) -> OfframpError:
    if isinstance(error, OfframpError):
        return error
    failed = StateError(f"the request could not be handed over ({type(error).__name__})", where=endpoint)
    failed.__cause__ = error
    return failed
