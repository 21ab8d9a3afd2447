"""What was observed of each mission within the last window, beside a state: counted by all replicas together."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY
from datetime import datetime, timedelta
from math import ceil
from typing import Any, Final, TypeAlias

from typing_extensions import override  # pydantic requires it; `typing` has it from Python 3.12

from offramp.contracts.oversight import Alarm, AlarmLevel, Counted, Limits, Observation, UseBook
from offramp.state.oversight_file import OversightFile
from offramp.state.sliding import Slide
from offramp.types import value

_NEAR: Final = 0.8

_Words: TypeAlias = Mapping[Counted, Sequence[str]]
_Last: TypeAlias = Mapping[Counted, Mapping[str, int | None]]
"""The slot in which each word was seen last; None: it is not kept."""


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
        slide = Slide(limits.window_s, now=self._file.clock.now())
        words: _Words = {"subjects": (subject,), "labels": sorted(set(labels))}
        with self._file.writing() as connection:
            tally = _Tally(connection, mission=mission, slide=slide)
            found = [_Found(each, most, tally.slots(each)) for each, most in _most(limits).items()]
            last: _Last = {each: tally.last_of(each, words[each]) for each in words}
            more: dict[Counted, int] = {"calls": int(counts_call)}
            for counted, slots in last.items():
                more[counted] = sum(slot is None or slot < slide.oldest for slot in slots.values())
            for one in found:
                n = more[one.counted]
                if n and one.seen + n > one.most:
                    alarm, is_new = tally.alarm(one, "beyond", observed=one.seen + n, eased=one.most - n)
                    return Observation(alarms=(alarm,) if is_new else (), beyond=alarm)
            tally.add(words, last, calls=more["calls"])
            now = [_Found(one.counted, one.most, tally.slots(one.counted)) for one in found if more[one.counted]]
            near = [one for one in now if one.seen >= one.most * _NEAR]
            alarms = [tally.alarm(one, "near", observed=one.seen, eased=ceil(one.most * _NEAR) - 1) for one in near]
            return Observation(alarms=tuple(alarm for alarm, is_new in alarms if is_new))

    @override
    def alarms(self) -> tuple[Alarm, ...]:
        if not self._file.exists:
            return ()
        now = self._file.clock.now()
        found = self._file.rows("SELECT mission, counted, level, observed, most, at, until FROM alarms")
        made = [
            Alarm(
                mission=mission,
                counted=counted,
                level=level,
                observed=observed,
                limit=most,
                at=datetime.fromisoformat(at),
                until=datetime.fromisoformat(until),
            )
            for mission, counted, level, observed, most, at, until in found
        ]
        return tuple(alarm for alarm in made if now < alarm.until)


@value
class _Found:
    """What stands against one limit."""

    counted: Counted
    most: int
    slots: Mapping[int, int]

    @property
    def seen(self) -> int:
        return sum(self.slots.values())


@value
class _Tally:
    """The counts of one mission in one window, within one transaction.

    Of each person and label the slot of the last sight is kept, and of each slot how many were seen in it last. So who
    is seen again moves on, and the sum over the slots is the number of distinct ones.
    """

    connection: Any
    _: KW_ONLY
    mission: str
    slide: Slide

    def slots(self, counted: Counted) -> dict[int, int]:
        """How many each slot holds that still counts."""
        query = "SELECT slot, n FROM counts WHERE mission=? AND window_s=? AND counted=? AND slot>=? AND n>0"
        return dict(self.connection.execute(query, (*self._key, counted, self.slide.oldest)).fetchall())

    def last_of(self, counted: Counted, words: Iterable[str]) -> dict[str, int | None]:
        """The slot in which each was seen last; None: it is not kept."""
        query = "SELECT slot FROM observed WHERE mission=? AND window_s=? AND counted=? AND word=?"
        rows = {word: self.connection.execute(query, (*self._key, counted, word)).fetchone() for word in words}
        return {word: row[0] if row else None for word, row in rows.items()}

    def add(self, words: _Words, last: _Last, *, calls: int) -> None:
        """Count what was seen now."""
        self._forget()
        for counted, some in words.items():
            for word in some:
                self._move(counted, word, last[counted][word])
        if calls:
            self._raise("calls", self.slide.slot, calls)

    def alarm(self, found: _Found, level: AlarmLevel, *, observed: int, eased: int) -> tuple[Alarm, bool]:
        """The alarm, and whether it is a new one: the last of its kind has eased, or there was none.

        Args:
            found: what stands against the limit.
            level: how grave it is.
            observed: what is told.
            eased: how many may be left where it has eased.
        """
        slide = self.slide
        until = slide.eases_at(found.slots, to=eased) or slide.now + timedelta(seconds=slide.window_s)
        alarm = Alarm(
            mission=self.mission,
            counted=found.counted,
            level=level,
            observed=observed,
            limit=found.most,
            at=slide.now,
            until=until,
        )
        return alarm, self._keep(alarm)

    def _keep(self, alarm: Alarm) -> bool:
        key = (*self._key, alarm.counted, alarm.level)
        query = "SELECT at, until FROM alarms WHERE mission=? AND window_s=? AND counted=? AND level=?"
        since, until = self.connection.execute(query, key).fetchone() or (None, None)
        stands = until is not None and alarm.at < datetime.fromisoformat(until)
        since = since if stands else alarm.at.isoformat()
        row = (*key, alarm.observed, alarm.limit, since, alarm.until.isoformat())
        self.connection.execute("INSERT OR REPLACE INTO alarms VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        return not stands

    @property
    def _key(self) -> tuple[str, int]:
        return (self.mission, self.slide.window_s)

    def _move(self, counted: Counted, word: str, last: int | None) -> None:
        """To the slot of now, unless a later one has it."""
        slot = self.slide.slot
        if last is not None and last >= slot:
            return
        row = (*self._key, counted, word, slot)
        self.connection.execute("INSERT OR REPLACE INTO observed VALUES (?, ?, ?, ?, ?)", row)
        if last is not None and last >= self.slide.forgotten:
            self._raise(counted, last, -1)
        self._raise(counted, slot, 1)

    def _raise(self, counted: Counted, slot: int, by: int) -> None:
        self.connection.execute(
            "INSERT INTO counts VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (mission, window_s, counted, slot) DO UPDATE SET n = n + excluded.n",
            (*self._key, counted, slot, by),
        )

    def _forget(self) -> None:
        """Once a slot: what no window reaches any more."""
        query = "SELECT 1 FROM counts WHERE mission=? AND window_s=? AND slot=? LIMIT 1"
        if self.connection.execute(query, (*self._key, self.slide.slot)).fetchone() is None:
            for table in ("observed", "counts"):
                self.connection.execute(
                    f"DELETE FROM {table} WHERE mission=? AND window_s=? AND slot < ?",  # noqa: S608  # our own words
                    (*self._key, self.slide.forgotten),
                )


def _most(limits: Limits) -> dict[Counted, int]:
    held: dict[Counted, int | None] = {"subjects": limits.subjects, "calls": limits.calls, "labels": limits.labels}
    return {counted: most for counted, most in held.items() if most is not None}
