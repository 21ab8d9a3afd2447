"""A send token for tests: permits until told otherwise, and remembers what was done with it."""

from collections.abc import Callable

from offramp.errors import OfframpError, Prohibited, StateError
from offramp.types import Identity


class OpenToken:
    """Permits one exchange, unless `order` is called before, at, or after its spending."""

    def __init__(self, identity: Identity | None = None, *, on_spend: Callable[[], None] | None = None) -> None:
        self.identity = identity or Identity(endpoint="a", developer="acme", host="acme", model="model-1")
        self.spent = 0
        self.released = 0
        self.cut = False
        self._on_spend = on_spend
        self._closes: list[Callable[[], None]] = []

    @property
    def prohibition(self) -> Prohibited | None:
        """The order, once there is one."""
        return Prohibited("acme is stopped", selector="developer:acme", epoch=7) if self.cut else None

    def spend(self) -> None:
        """Permit once; `on_spend` runs first, as the last moment before the first byte."""
        if self._on_spend is not None:
            self._on_spend()
        if self.prohibition is not None:
            raise self.prohibition
        if self.spent:
            raise StateError("the token was spent before")
        self.spent += 1

    def depart(self, go: Callable[[], None], _refused: Callable[[OfframpError], None]) -> None:
        """Spend and send at once: a token that permits needs no others to leave with."""
        self.spend()
        go()

    def on_cut(self, close: Callable[[], None]) -> None:
        """Keep the callback; call it at once where the order already stands."""
        if self.cut:
            close()
        else:
            self._closes.append(close)

    def release(self) -> None:
        """Count, and forget the callbacks."""
        self.released += 1
        self._closes.clear()

    def order(self) -> None:
        """Stop the endpoint now."""
        self.cut = True
        closes, self._closes = self._closes, []
        for close in closes:
            close()
