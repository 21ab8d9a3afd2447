"""What an emulated vendor has received, counted at its own socket.

Times are `time.monotonic`, one clock for all processes of a host.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from time import monotonic
from typing import Literal, TypeAlias

from offramp.types._value import JsonObject

CutBy: TypeAlias = Literal["client", "server"]


@dataclass(slots=True)
class RequestRecord:
    """One request, from its first byte on."""

    id: int
    connection: int
    t_first_byte: float
    t_last_byte: float
    bytes: int = 0
    """Application bytes: request line, headers, body."""
    is_complete: bool = False
    """Whether its body had wholly arrived."""
    path: str | None = None
    status: int | None = None
    """None while unanswered, and where it never was."""
    rule: str | None = None
    """Which rule refused it."""
    stream: bool = False
    is_open: bool = True
    cut: CutBy | None = None
    """Who ended it before its end."""
    t_end: float | None = None
    request_id: str | None = None
    body: object = None


class Counters:
    """Sums, the log of requests, and when which bytes arrived."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget everything counted so far. Open connections keep their number."""
        self.requests: list[RequestRecord] = []
        self.arrivals: list[tuple[float, int]] = []
        self.connections = 0
        self.connections_open = 0

    def connected(self) -> int:
        """Count a connection; returns its number."""
        self.connections += 1
        self.connections_open += 1
        return self.connections

    def disconnected(self) -> None:
        """Count the end of a connection."""
        self.connections_open = max(0, self.connections_open - 1)

    def begun(self, connection: int) -> RequestRecord:
        """Open the record of a request whose first byte has just arrived."""
        now = monotonic()
        record = RequestRecord(len(self.requests) + 1, connection, now, now)
        self.requests.append(record)
        return record

    def received(self, record: RequestRecord, count: int) -> None:
        """Count bytes of a request."""
        now = monotonic()
        record.bytes += count
        record.t_last_byte = now
        self.arrivals.append((now, count))

    def summary(self, since: float | None = None) -> JsonObject:
        """The sums as JSON; with `since`, also what arrived after that time."""
        records = self.requests
        streams = [record for record in records if record.stream]
        sums: JsonObject = {
            "now": monotonic(),
            "bytes_received": sum(count for _, count in self.arrivals),
            "connections": self.connections,
            "connections_open": self.connections_open,
            "requests_begun": len(records),
            "requests_complete": sum(record.is_complete for record in records),
            "answered": _tally([record.status for record in records]),
            "rejections": _tally([record.rule for record in records]),
            "streams": len(streams),
            "streams_open": sum(record.is_open for record in streams),
            "streams_ended": sum(not record.is_open and record.cut is None for record in streams),
            "streams_cut_by_client": sum(record.cut == "client" for record in streams),
            "streams_cut_by_server": sum(record.cut == "server" for record in streams),
            "t_first_byte": self.arrivals[0][0] if self.arrivals else None,
            "t_last_byte": self.arrivals[-1][0] if self.arrivals else None,
        }
        return sums if since is None else {**sums, "since": self._after(since)}

    def log(self, *, bodies: bool = False) -> list[JsonObject]:
        """Each request as JSON, in order of arrival."""
        rows = [asdict(record) for record in self.requests]
        return rows if bodies else [{key: row[key] for key in row if key != "body"} for row in rows]

    def _after(self, since: float) -> JsonObject:
        late = [(when, count) for when, count in self.arrivals if when > since]
        return {
            "time": since,
            "bytes_received": sum(count for _, count in late),
            "requests_begun": sum(record.t_first_byte > since for record in self.requests),
            "requests_with_bytes": sum(record.t_last_byte > since for record in self.requests),
            "t_first_byte": late[0][0] if late else None,
            "t_last_byte": late[-1][0] if late else None,
        }


def _tally(found: list[str | None] | list[int | None]) -> dict[str, int]:
    return dict(Counter(str(one) for one in found if one is not None))
