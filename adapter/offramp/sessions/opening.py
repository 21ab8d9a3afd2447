"""Open a ledger by its URL."""

from pathlib import Path

from offramp.contracts.clock import Clock
from offramp.contracts.ledger import Ledger
from offramp.errors import ConfigurationError
from offramp.sessions import ledger_file
from offramp.sessions.memory import MemoryLedger
from offramp.sessions.sqlite import SQLiteLedger


def examine_ledger(ledger: Ledger) -> None:
    """See whether a ledger could be used, without making or changing it.

    Raises:
        StateError: it could not; names the file and the mend.
    """
    if isinstance(ledger, SQLiteLedger):
        ledger_file.examine(ledger.path, mode=ledger.mode)


def open_ledger(
    url: str,
    *,
    base: Path | None = None,
    retention_days: float | None = None,
    file_mode: int = 0o600,
    clock: Clock | None = None,
) -> Ledger:
    """Name the ledger; its file is opened at the first use.

    Args:
        url: `sqlite:ledger.db`, or `memory` for one that ends with the process.
        base: folder from which a relative path starts; the working directory where not given.
        retention_days: erase what was not touched for so long; None keeps it until it is erased by hand.
        file_mode: of a new file; an existing one may not be open to more people than this.
        clock: where time comes from.

    Raises:
        ConfigurationError: the URL has no known form, or the retention is not above zero.
    """
    scheme, _, name = url.partition(":")
    if scheme == "memory" and not name:
        return MemoryLedger(retention_days=retention_days, clock=clock)
    if scheme == "sqlite" and name:
        path = (base or Path()) / name
        return SQLiteLedger(path, retention_days=retention_days, file_mode=file_mode, clock=clock)
    raise ConfigurationError(
        f"{scheme!r} does not begin a ledger's URL", where="ledger", mend="write sqlite:ledger.db or memory"
    )
