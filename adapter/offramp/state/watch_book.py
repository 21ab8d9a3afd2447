"""Who supervises which mission now: heartbeats and stops beside a state."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from typing_extensions import override  # pydantic requires it; `typing` has it from Python 3.12

from offramp.contracts.oversight import Watch, WatchBook, WatchStanding
from offramp.state.oversight_file import OversightFile

_NOBODY: Final = WatchStanding()
_INSERT: Final = (
    "INSERT INTO watches (mission, kind, by, signature, at, beat_at, beat_monotonic_s) VALUES (?, ?, ?, ?, ?, ?, ?)"
)


class FileWatchBook(WatchBook):
    """In the file of oversight. A stop takes every watch away, so that no old heartbeat revives the mission."""

    def __init__(self, file: OversightFile) -> None:
        self._file = file

    @property
    @override
    def store(self) -> str:
        return self._file.id

    @override
    def standing(self, mission: str) -> WatchStanding:
        if not self._file.exists:
            return _NOBODY
        found = self._file.rows(
            "SELECT kind, id, by, at, beat_at, beat_monotonic_s, signature FROM watches WHERE mission=? ORDER BY id",
            mission,
        )
        stop = next((row for row in found if row[0] == "stop"), None)
        if stop is not None:
            return WatchStanding(stopped_by=stop[2], stopped_at=datetime.fromisoformat(stop[3]))
        return WatchStanding(
            tuple(
                Watch(
                    number,
                    by=by,
                    since=datetime.fromisoformat(at),
                    beat_at=datetime.fromisoformat(beat_at),
                    beat_monotonic_s=beat_monotonic_s,
                    signature=signature,
                )
                for _, number, by, at, beat_at, beat_monotonic_s, signature in found
            )
        )

    @override
    def standings(self) -> Mapping[str, WatchStanding]:
        if not self._file.exists:
            return {}
        missions = self._file.rows("SELECT DISTINCT mission FROM watches ORDER BY mission")
        return {mission: self.standing(mission) for (mission,) in missions}

    @override
    def begin(self, mission: str, *, by: str, since: datetime | None = None, signature: str | None = None) -> int:
        now, beat_monotonic_s = self._instants()
        at = since.isoformat() if since else now
        with self._file.writing() as connection:
            connection.execute("DELETE FROM watches WHERE mission=? AND kind='stop'", (mission,))
            made = connection.execute(_INSERT, (mission, "watch", by, signature, at, now, beat_monotonic_s))
            return made.lastrowid or 0

    @override
    def beat(self, watch: int) -> bool:
        beat_at, beat_monotonic_s = self._instants()
        with self._file.writing() as connection:
            beaten = connection.execute(
                "UPDATE watches SET beat_at=?, beat_monotonic_s=? WHERE id=? AND kind='watch'",
                (beat_at, beat_monotonic_s, watch),
            )
            return beaten.rowcount == 1

    @override
    def leave(self, watch: int) -> None:
        with self._file.writing() as connection:
            connection.execute("DELETE FROM watches WHERE id=? AND kind='watch'", (watch,))

    @override
    def stop(self, mission: str, *, by: str) -> None:
        now, monotonic_s = self._instants()
        with self._file.writing(durably=True) as connection:
            connection.execute("DELETE FROM watches WHERE mission=?", (mission,))
            connection.execute(_INSERT, (mission, "stop", by, None, now, now, monotonic_s))

    def _instants(self) -> tuple[str, float]:
        return self._file.clock.now().isoformat(), self._file.clock.monotonic()
