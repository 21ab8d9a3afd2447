"""A window that slides, counted in slots: pure arithmetic on instants.

A window is cut into sixty slots. What happened in any slot that the window touches counts, so the oldest of them, which
lies partly before it, counts whole: never too little is counted, and up to one slot's worth too much.
"""

from collections.abc import Mapping
from dataclasses import KW_ONLY
from datetime import UTC, datetime, timedelta
from typing import Final

from offramp.types import value

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
SLOTS: Final = 60
"""In one window. Its length is whole minutes, so a slot's is whole seconds."""


@value
class Slide:
    """The window of one length that ends at one instant."""

    window_s: int
    _: KW_ONLY
    now: datetime

    @property
    def slot(self) -> int:
        """The slot of this instant, by its number since 1970."""
        return self._number_of(self.now)

    @property
    def oldest(self) -> int:
        """The oldest slot that still counts. There is no newest: a clock that is stepped back forgets nothing."""
        return self.slot - SLOTS

    @property
    def forgotten(self) -> int:
        """Slots before this one are kept no longer. One window more is, for a clock that is stepped on and back."""
        return self.oldest - SLOTS

    def eases_at(self, counts: Mapping[int, int], *, to: int) -> datetime | None:
        """When no more than so many are left, if nothing comes meanwhile; None: never.

        Args:
            counts: how many each slot holds, those that count no longer left out.
            to: how many may be left.
        """
        left = sum(counts.values())
        if left <= to:
            return self.now
        for slot in sorted(counts):
            left -= counts[slot]
            if left <= to:
                return _EPOCH + timedelta(seconds=(slot + 1 + SLOTS) * self._slot_s)
        return None

    @property
    def _slot_s(self) -> int:
        return self.window_s // SLOTS

    def _number_of(self, at: datetime) -> int:
        return (at - _EPOCH) // timedelta(seconds=self._slot_s)
