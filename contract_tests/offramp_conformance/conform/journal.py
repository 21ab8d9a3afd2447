"""The journal of a run: each call as it begins and ends, each try as it ends, so that a killed run can go on.

It holds no prompt and no answer, but for excerpts of what was found wanting. A call that was begun in a try without an
end may have arrived: it is reported as in flight, and the try is made again.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import KW_ONLY, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from offramp.errors import ConfigurationError
from offramp.types import value
from offramp_conformance.conform.line_file import LineFile, read_lines
from offramp_conformance.suite.check import Check
from offramp_conformance.suite.results import Try
from offramp_conformance.suite.spending import CallNote

_VERSION: Final = 2


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Run(_Line):
    kind: Literal["run"] = "run"
    version: int
    key: str
    begun: AwareDatetime


class _Call(_Line):
    kind: Literal["begun", "ended"]
    note: CallNote


class _Tried(_Line):
    kind: Literal["try"] = "try"
    check: str
    made: Try


class _Resumed(_Line):
    kind: Literal["resumed"] = "resumed"


_LINE: Final[TypeAdapter[_Run | _Call | _Tried | _Resumed]] = TypeAdapter(
    Annotated[_Run | _Call | _Tried | _Resumed, Field(discriminator="kind")]
)


@value
class Earlier:
    """What an interrupted run has left."""

    _: KW_ONLY
    begun: datetime
    """When it was begun. What it has seen is as old."""
    tries: dict[str, list[Try]] = field(default_factory=dict[str, list[Try]])
    """Tries that had ended, by check."""
    calls: tuple[CallNote, ...] = ()
    """All that was noted of calls."""
    in_flight: int = 0
    """Calls of tries that had not ended. They are made again."""


class Journal:
    """One run's journal, open for writing. Use it as a context manager."""

    def __init__(self, path: Path, key: str, *, resume: bool) -> None:
        """Begin one, or go on with one.

        Args:
            path: the file.
            key: what the run is valid for; a journal of another key is another run's.
            resume: whether to go on where one stands. Without it an old one is replaced.

        Raises:
            ConfigurationError: there is nothing to resume, or it is another run's.
            StateError: the file cannot be read or written.
        """
        self.earlier = _read(path, key) if resume else Earlier(begun=datetime.now(UTC))
        first = _Resumed() if resume else _Run(version=_VERSION, key=key, begun=self.earlier.begun)
        self._file = LineFile(path, append=resume, first=first)

    def __enter__(self) -> "Journal":
        """As it is."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self._file.close()

    def known(self, check: Check) -> Sequence[Try]:
        """Tries of a check that had ended before."""
        return self.earlier.tries.get(check.id, ())

    def told(self, note: CallNote) -> None:
        """A call begins or ends."""
        self._file.write(_Call(kind=note.kind, note=note))

    def tried(self, check: Check, made: Try) -> None:
        """A try has ended."""
        self._file.write(_Tried(check=check.id, made=made))


def _read(path: Path, key: str) -> Earlier:
    lines = read_lines(path, _LINE)
    first = lines[0] if lines else None
    if not isinstance(first, _Run):
        raise ConfigurationError("there is no run to resume", where=str(path), mend="run without --resume")
    if (first.key, first.version) != (key, _VERSION):
        raise ConfigurationError(
            "the run that was begun here was for another contract, endpoint, model or version of the suite",
            where=str(path),
            mend="run without --resume, or with another --report folder",
        )
    tries = defaultdict[str, list[Try]](list)
    open_calls, calls, in_flight = Counter[str](), list[CallNote](), 0
    for line in lines[1:]:
        match line:
            case _Call(note=note):
                calls.append(note)
                open_calls[note.who] += note.kind == "begun"
            case _Tried(check=check, made=made):
                tries[check].append(made)
                del open_calls[f"{check}#{made.number}"]
            case _Resumed():
                in_flight += open_calls.total()
                open_calls.clear()
            case _:
                pass
    return Earlier(begun=first.begun, tries=dict(tries), calls=tuple(calls), in_flight=in_flight + open_calls.total())
