"""What was observed of each mission, window by window, beside a state: counted by all replicas together."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeAlias

from typing_extensions import override  # pydantic requires it; `typing` has it from Python 3.12

from offramp.contracts.oversight import Alarm, AlarmLevel, Counted, Limits, Observation, UseBook
from offramp.state.oversight_file import OversightFile

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NEAR: Final = 0.8
_KEPT: Final = 2
"""Windows that are kept: this one and the one before, which a clock that is stepped back may enter again."""

_Window: TypeAlias = tuple[str, int, int]
"""Mission, length in seconds, number since 1970."""


class FileUseBook(UseBook):
    """In the file of oversight. People stand in it under a key of its own, never by name."""

    def __init__(self, file: OversightFile) -> None:
        self._file = file

    @override
    def keyed(self, content: bytes) -> str:
        return self._file.keyed(content)

    @override
    def count(
        self, mission: str, limits: Limits, *, subject: str, labels: Sequence[str], counts_call: bool
    ) -> Observation:
        now = self._file.clock.now()
        window: _Window = (mission, limits.window_s, int((now - _EPOCH).total_seconds()) // limits.window_s)
        with self._file.writing() as connection:
            more = _more(connection, window, subject=subject, labels=labels, counts_call=counts_call)
            before = _counts(connection, window)
            seen = {counted: before.get(counted, 0) + n for counted, n in more.items()}
            passed: list[Counted] = [c for c, most in _most(limits).items() if more[c] and seen[c] > most]
            if passed:
                alarm, is_new = _alarm(connection, window, passed[0], "beyond", seen[passed[0]], limits, now)
                return Observation(alarms=(alarm,) if is_new else (), beyond=alarm)
            if not before:
                _forget_old(connection, window)
            _add(connection, window, more, subject=subject, labels=labels)
            near: list[Counted] = [c for c, most in _most(limits).items() if more[c] and seen[c] >= most * _NEAR]
            alarms = [_alarm(connection, window, c, "near", seen[c], limits, now) for c in near]
            return Observation(alarms=tuple(alarm for alarm, is_new in alarms if is_new))

    @override
    def alarms(self) -> tuple[Alarm, ...]:
        if not self._file.exists:
            return ()
        now = self._file.clock.now()
        found = self._file.rows("SELECT mission, window_s, window, counted, level, observed, most, at FROM alarms")
        made = [
            Alarm(
                mission=mission,
                counted=counted,
                level=level,
                observed=observed,
                limit=most,
                at=datetime.fromisoformat(at),
                window_ends=_end((mission, window_s, window)),
            )
            for mission, window_s, window, counted, level, observed, most, at in found
        ]
        return tuple(alarm for alarm in made if now < alarm.window_ends)


def _most(limits: Limits) -> dict[Counted, int]:
    held: dict[Counted, int | None] = {"subjects": limits.subjects, "calls": limits.calls, "labels": limits.labels}
    return {counted: most for counted, most in held.items() if most is not None}


def _more(
    connection: Any, window: _Window, *, subject: str, labels: Sequence[str], counts_call: bool
) -> dict[Counted, int]:
    """By how much this call raises each count."""
    fresh = [label for label in set(labels) if not _is_known(connection, window, "labels", label)]
    return {
        "subjects": int(not _is_known(connection, window, "subjects", subject)),
        "calls": int(counts_call),
        "labels": len(fresh),
    }


def _is_known(connection: Any, window: _Window, counted: Counted, word: str) -> bool:
    query = "SELECT 1 FROM observed WHERE mission=? AND window_s=? AND window=? AND counted=? AND word=?"
    return connection.execute(query, (*window, counted, word)).fetchone() is not None


def _counts(connection: Any, window: _Window) -> dict[Counted, int]:
    query = "SELECT counted, n FROM counts WHERE mission=? AND window_s=? AND window=?"
    return dict(connection.execute(query, window).fetchall())


def _add(connection: Any, window: _Window, more: dict[Counted, int], *, subject: str, labels: Sequence[str]) -> None:
    words: list[tuple[Counted, str]] = [("subjects", subject), *(("labels", label) for label in labels)]
    connection.executemany(
        "INSERT OR IGNORE INTO observed VALUES (?, ?, ?, ?, ?)", [(*window, counted, word) for counted, word in words]
    )
    raised = [(*window, counted, n) for counted, n in more.items() if n]
    connection.executemany(
        "INSERT INTO counts VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (mission, window_s, window, counted) DO UPDATE SET n = n + excluded.n",
        raised,
    )


def _forget_old(connection: Any, window: _Window) -> None:
    mission, window_s, number = window
    for table in ("observed", "counts", "alarms"):
        connection.execute(
            f"DELETE FROM {table} WHERE mission=? AND window_s=? AND window <= ?",  # noqa: S608  # our own words
            (mission, window_s, number - _KEPT),
        )


def _alarm(
    connection: Any, window: _Window, counted: Counted, level: AlarmLevel, seen: int, limits: Limits, now: datetime
) -> tuple[Alarm, bool]:
    """The alarm, and whether this window had none of the kind yet."""
    most = _most(limits)[counted]
    kept = connection.execute(
        "INSERT OR IGNORE INTO alarms VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (*window, counted, level, seen, most, now.isoformat()),
    )
    alarm = Alarm(
        mission=window[0],
        counted=counted,
        level=level,
        observed=seen,
        limit=most,
        at=now,
        window_ends=_end(window),
    )
    return alarm, kept.rowcount == 1


def _end(window: _Window) -> datetime:
    _, window_s, number = window
    return _EPOCH + timedelta(seconds=window_s * (number + 1))
