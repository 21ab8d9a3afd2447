"""What the files say that nobody follows: of each running replica, and of a client that would start now."""

import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from offramp._policy_book import notices_of
from offramp.cli._policies import policies_in
from offramp.contracts.state import Notice
from offramp.errors import OfframpError
from offramp.state import ReplicaStanding
from offramp.types import JsonObject

_LOOK_S: Final = 1.0


class FileNotices:
    """What a client that started now would refuse or could not read. A broken file never ends a command."""

    def __init__(self, config: Path | None) -> None:
        """Nothing is read yet. None: there is no configuration, and nothing is said."""
        self._config = config
        self._found: tuple[Notice, ...] = ()
        self._due_s = 0.0

    def now(self) -> tuple[Notice, ...]:
        """Read at most once a second, for a command that goes on."""
        if self._config is not None and time.monotonic() >= self._due_s:
            self._found = _notices_in(self._config)
            self._due_s = time.monotonic() + _LOOK_S
        return self._found


def _notices_in(config: Path) -> tuple[Notice, ...]:
    try:
        return notices_of(policies_in(config).of)
    except OfframpError as error:
        return (Notice("policy_unreadable", f"no client could start: {error}"),)
    except Exception as error:  # noqa: BLE001  # a vendor's broken package must not hide the orders
        return (Notice("policy_unreadable", f"no client could start: {type(error).__name__}"),)


def of_replicas(standings: Iterable[ReplicaStanding]) -> Iterator[str]:
    """What the replicas that still run say of their own files, for people."""
    for standing in standings:
        if standing.obedience != "gone":
            yield from (f"{standing.report.replica}: {each.text}" for each in standing.report.notices)


def notice_json(notice: Notice) -> JsonObject:
    """As every report shows it."""
    return {"kind": notice.kind, "text": notice.text}
