"""The seam at the last hop: a transport sends nothing without a single-use token."""

import asyncio
from collections.abc import Callable
from typing import Protocol, runtime_checkable

from offramp.contracts.policy import Decision
from offramp.errors import OfframpError, Prohibited
from offramp.types import Identity


class SendToken(Protocol):
    """Permission for one exchange with one endpoint."""

    identity: Identity
    """Whom it is for."""

    def spend(self) -> None:
        """Use it up, at the last hop: connected, and before the first application byte. The store is read again here.

        Raises:
            Prohibited: an order in force stops this endpoint, or the store cannot be read.
            StateError: the token was spent before.
        """
        ...

    def depart(self, go: Callable[[], None], refused: Callable[[OfframpError], None]) -> None:
        """Use it up together with all that this turn of the event loop sends: one look and one writing serve for all.

        When the turn ends, either `go` is called, which sends in that very step, or `refused` with what `spend` would
        have raised. Neither is, once the token was released.

        Raises:
            Prohibited, StateError: as `spend`, where it is known at once.
        """
        ...

    def on_cut(self, close: Callable[[], None]) -> None:
        """Have `close` called at once, in the event loop's thread, when an order stops the endpoint in mid-exchange.

        `close` must drop the connection without sending what is buffered. It is called at most once; immediately where
        the order already stands.
        """
        ...

    @property
    def cut(self) -> bool:
        """Whether an order has stopped the exchange."""
        ...

    def release(self) -> None:
        """The exchange is over, in whatever way. Safe to call twice."""
        ...


@runtime_checkable
class NamesItsOrder(Protocol):
    """A token that can say which order cut it. Optional: `prohibited_by` looks for it."""

    @property
    def prohibition(self) -> Prohibited | None:
        """The order that cut the exchange, as an error with its selector and epoch; None where none has."""
        ...


def loop_of(token: SendToken) -> asyncio.AbstractEventLoop:
    """The event loop that runs: as the token knows it, where it does.

    Until Python 3.12 to find it takes a call of the system, which one exchange need not make again and again.
    """
    known: asyncio.AbstractEventLoop | None = getattr(token, "loop", None)
    return asyncio.get_running_loop() if known is None else known


def prohibited_by(token: SendToken) -> Prohibited:
    """The error of an exchange that an order cut in the middle."""
    named = token.prohibition if isinstance(token, NamesItsOrder) else None
    return named or Prohibited(
        f"{token.identity.endpoint} was stopped by an order in mid-exchange",
        selector=None,
        epoch=None,
        mend="`offramp status` names the order",
    )


class SendGate(Protocol):
    """The one owner of permission."""

    def admit(self, identity: Identity, *, decision: Decision) -> SendToken:
        """Give a token for one exchange.

        Args:
            identity: whom the bytes would reach.
            decision: the policy decision for it. A token is never given against a denial.

        Raises:
            PolicyDenied: the decision does not allow it.
            Prohibited: an order in force stops this endpoint, or the store cannot be read. An order that is younger
                than the gate's last look may be found by `spend` only.
        """
        ...
