"""A token in the hands of a check: it permits nothing, or what the gate permits, and can be cut."""

from collections.abc import Callable

from offramp.contracts.permission import SendToken
from offramp.errors import OfframpError, Prohibited
from offramp.types import Identity


class CheckToken(SendToken):
    """Permission for one exchange. What it permits, the gate's own token has permitted."""

    def __init__(self, identity: Identity, inner: SendToken | None = None) -> None:
        """Permit what `inner` permits; without one, nothing.

        Args:
            identity: whom it says it is for.
            inner: the gate's token.
        """
        self.identity = identity
        self.released = False
        self._inner = inner
        self._cut = False
        self._closes: list[Callable[[], None]] = []

    @property
    def cut(self) -> bool:
        """Whether it was cut."""
        return self._cut or (self._inner is not None and self._inner.cut)

    @property
    def prohibition(self) -> Prohibited | None:
        """The order that stops it. None: none does."""
        return _order() if self._cut or self._inner is None else None

    def spend(self) -> None:
        """Use it up."""
        if self._cut or self._inner is None:
            raise _order()
        self._inner.spend()

    def depart(self, go: Callable[[], None], refused: Callable[[OfframpError], None]) -> None:
        """Use it up as the gate does."""
        if self._cut or self._inner is None:
            refused(_order())
        else:
            self._inner.depart(go, refused)

    def on_cut(self, close: Callable[[], None]) -> None:
        """Keep what closes the exchange."""
        if self.cut:
            close()
            return
        self._closes.append(close)
        if self._inner is not None:
            self._inner.on_cut(close)

    def release(self) -> None:
        """The exchange is over."""
        self.released = True
        self._closes.clear()
        if self._inner is not None:
            self._inner.release()

    def order(self) -> None:
        """Cut the exchange now."""
        self._cut = True
        closes, self._closes = self._closes, []
        for close in closes:
            close()


def _order() -> Prohibited:
    return Prohibited("a check stops this endpoint", selector="endpoint:under-test", epoch=0)
