"""How long a ledger keeps content that nobody touches."""

from datetime import datetime, timedelta
from typing import Final

from offramp.contracts.clock import Clock
from offramp.errors import ConfigurationError

_SWEEP_EVERY_S: Final = 3600.0


class Retention:
    """When content is to be erased. A sweep is due at the first use, then once an hour."""

    def __init__(self, days: float | None, clock: Clock) -> None:
        """Take days to keep content after its conversation was last touched; None keeps it until it is erased by hand.

        Raises:
            ConfigurationError: not above zero.
        """
        if days is not None and days <= 0:
            raise ConfigurationError("is not above zero", where="retention_days", mend="give days, or leave it out")
        self._days = days
        self._clock = clock
        self._next_sweep = clock.monotonic()

    def limit(self) -> datetime | None:
        """What was last touched before this is to be erased; None: nothing is."""
        return None if self._days is None else self._clock.now() - timedelta(days=self._days)

    def sweep_is_due(self) -> bool:
        """Whether to look for expired content now. Asking begins the next hour."""
        if self._days is None or self._clock.monotonic() < self._next_sweep:
            return False
        self._next_sweep = self._clock.monotonic() + _SWEEP_EVERY_S
        return True
