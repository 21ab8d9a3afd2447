"""What was made of some objects, found again by those very objects: nothing that they hold is hashed or compared.

For values that live as long as a client and are handed in with every call, such as an identity or a verdict's reasons.
"""

from collections.abc import Callable
from typing import Final, Generic, TypeVar

_T = TypeVar("_T")
_MOST: Final = 1024


class Remembered(Generic[_T]):
    """Results of one function of immutable objects. When it is full it begins anew."""

    __slots__ = ("_known", "_make")

    def __init__(self, make: Callable[..., _T]) -> None:
        self._make = make
        self._known: dict[tuple[int, ...], tuple[tuple[object, ...], _T]] = {}

    def of(self, *objects: object) -> _T:
        """What the function makes of these. Raises what it raises, and then remembers nothing."""
        key = tuple(map(id, objects))
        known = self._known.get(key)
        if known is not None:
            return known[1]
        made = self._make(*objects)
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[key] = (objects, made)  # the objects are kept alive, so that no other can come by their ids
        return made
