"""The seam at the last hop: a transport sends nothing without a single-use token."""

from collections.abc import Callable
from typing import Protocol

from offramp.contracts.policy import Decision
from offramp.types import Identity


class SendToken(Protocol):
    """Permission for one exchange with one endpoint."""

    @property
    def identity(self) -> Identity:
        """Whom it is for."""
        ...

    def spend(self) -> None:
        """Use it up, at the last hop: connected, and before the first application byte. The store is read again here.

        Raises:
            Prohibited: an order in force stops this endpoint, or the store cannot be read.
            StateError: the token was spent before.
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


class SendGate(Protocol):
    """The one owner of permission."""

    def admit(self, identity: Identity, *, decision: Decision) -> SendToken:
        """Give a token for one exchange.

        Args:
            identity: whom the bytes would reach.
            decision: the policy decision for it. A token is never given against a denial.

        Raises:
            PolicyDenied: the decision does not allow it.
            Prohibited: an order in force stops this endpoint, or the store cannot be read.
        """
        ...
