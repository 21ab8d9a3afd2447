"""What belongs to one event loop, found by it and forgotten with it."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary, ref

_T = TypeVar("_T")


class ByLoop(Generic[_T]):
    """One of a kind for each loop, made when it is first asked for."""

    __slots__ = ("_known", "_last", "_make")

    def __init__(self, make: Callable[[asyncio.AbstractEventLoop], _T]) -> None:
        self._make = make
        self._known: WeakKeyDictionary[asyncio.AbstractEventLoop, _T] = WeakKeyDictionary()
        self._last: tuple[ref[asyncio.AbstractEventLoop], _T] | None = None
        """What was found last: most programs have one loop, and this is a third of the search."""

    def of(self, loop: asyncio.AbstractEventLoop) -> _T:
        """The loop's own."""
        last = self._last
        if last is not None and last[0]() is loop:
            return last[1]
        found = self._known.get(loop)
        if found is None:
            found = self._known[loop] = self._make(loop)
        self._last = (ref(loop), found)
        return found

    def pop(self, loop: asyncio.AbstractEventLoop) -> _T | None:
        """Forget the loop's own, and give it; None where it has none."""
        self._last = None
        return self._known.pop(loop, None)

    def all(self) -> list[_T]:
        """Those of all loops."""
        return list(self._known.values())
