"""The answers of parity as they come, so that a killed run asks for none of them again.

Until parity is decided it holds what the vendors answered, for its owner alone. Then the report takes its place, which
quotes nobody.
"""

import secrets
from collections import defaultdict
from dataclasses import KW_ONLY, field
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from offramp.errors import ConfigurationError
from offramp.json_form import dump, load
from offramp.types import AnyResponse, JsonObject, Response, value
from offramp_conformance.conform.line_file import LineFile, is_begun, read_lines
from offramp_conformance.parity import ParityReport, Question, read_report
from offramp_conformance.parity.answers import Came
from offramp_conformance.parity.asking import Role
from offramp_conformance.parity.results import AnswerOutcome
from offramp_conformance.suite.spending import CallNote, Told

_VERSION: Final = 1

_Name: TypeAlias = tuple[str, Role, int, str]
"""Case, role, number, and the digest of what was asked: a judge may be asked about other answers another time."""


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Run(_Line):
    kind: Literal["run"] = "run"
    version: int
    key: str
    salt: str


class _Call(_Line):
    kind: Literal["begun", "ended"]
    endpoint: str
    note: CallNote


class _Answer(_Line):
    kind: Literal["answer"] = "answer"
    name: _Name
    outcome: AnswerOutcome
    reason: str | None
    response: str | None


class _Decided(_Line):
    kind: Literal["decided"] = "decided"
    in_flight: int
    report: JsonObject


_AnyLine: TypeAlias = _Run | _Call | _Answer | _Decided
_LINE: Final[TypeAdapter[_AnyLine]] = TypeAdapter(Annotated[_AnyLine, Field(discriminator="kind")])


@value
class _Earlier:
    """What an interrupted run has left."""

    salt: str
    _: KW_ONLY
    answers: dict[_Name, Came] = field(default_factory=dict[_Name, Came])
    calls: dict[str, list[CallNote]] = field(default_factory=lambda: defaultdict[str, list[CallNote]](list))
    in_flight: int = 0
    decided: JsonObject | None = None


class AnswerBook:
    """Of one comparison. Use it as a context manager."""

    def __init__(self, path: Path, key: str, *, resume: bool) -> None:
        """Begin one, or go on with one.

        Args:
            path: the file.
            key: what the comparison is valid for.
            resume: whether to go on where one stands. Where none does, one is begun.

        Raises:
            ConfigurationError: it is another comparison's, or damaged.
            StateError: the file cannot be read or written.
        """
        self._path, self._key = path, key
        goes_on = resume and is_begun(path)
        self._earlier = _read(path, key) if goes_on else _Earlier(secrets.token_hex(32))
        self._file = LineFile(path, append=goes_on, first=None if goes_on else self._head())

    def __enter__(self) -> "AnswerBook":
        """As it is."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self._file.close()

    @property
    def salt(self) -> bytes:
        """Key of the digests: the same before and after an interruption."""
        return bytes.fromhex(self._earlier.salt)

    @property
    def in_flight(self) -> int:
        """Calls that had begun when a run was interrupted, and whose answers were not kept. They are made again."""
        return self._earlier.in_flight

    @property
    def decided(self) -> ParityReport | None:
        """What came of it, where an earlier run has come to its end."""
        report = self._earlier.decided
        return None if report is None else read_report(report)

    def calls(self, endpoint: str) -> tuple[CallNote, ...]:
        """All that was noted of calls to an endpoint before."""
        return tuple(self._earlier.calls.get(endpoint, ()))

    def told_of(self, endpoint: str) -> Told:
        """Notes the calls to an endpoint."""
        return lambda note: self._file.write(_Call(kind=note.kind, endpoint=endpoint, note=note))

    def known(self, question: Question) -> Came | None:
        """What came of this very question before."""
        return self._earlier.answers.get(_name(question))

    def keep(self, question: Question, came: Came) -> None:
        """It was asked, and this came. What cannot be written is asked again after an interruption."""
        try:
            response = None if came.response is None else dump(came.response).decode()
        except ConfigurationError:
            return
        self._file.write(_Answer(name=_name(question), outcome=came.outcome, reason=came.reason, response=response))

    def decide(self, report: ParityReport) -> None:
        """Put the report in the place of all answers, in one step."""
        self._file.close()
        finished = self._path.with_name(f"{self._path.name}.finished")
        self._file = LineFile(finished, append=False, first=self._head())
        self._file.write(_Decided(in_flight=self.in_flight, report=report.as_json()))
        self._file.close()
        finished.replace(self._path)

    def _head(self) -> _Run:
        return _Run(version=_VERSION, key=self._key, salt=self._earlier.salt)


def _name(question: Question) -> _Name:
    return question.case_id, question.role, question.number, sha256(dump(question.request)).hexdigest()


def _read(path: Path, key: str) -> _Earlier:
    first, *lines = read_lines(path, _LINE)
    if not isinstance(first, _Run) or (first.key, first.version) != (key, _VERSION):
        raise ConfigurationError(
            "the comparison that was begun here was of other endpoints, another golden set or another plan",
            where=str(path),
            mend="run without --resume, or with another --report folder",
        )
    earlier, begun, answered = _Earlier(first.salt), 0, 0
    for line in lines:
        match line:
            case _Call(endpoint=endpoint, note=note):
                earlier.calls[endpoint].append(note)
                begun += note.kind == "begun"
            case _Answer(name=name):
                earlier.answers[name] = _came(line, path)
                answered += 1
            case _Decided(in_flight=in_flight, report=report):
                return _Earlier(first.salt, in_flight=in_flight, decided=report)
            case _:
                pass
    return _Earlier(first.salt, answers=earlier.answers, calls=earlier.calls, in_flight=begun - answered)


def _came(line: _Answer, path: Path) -> Came:
    shape: type[Any] = Response
    response: AnyResponse | None = None if line.response is None else load(shape, line.response, where=str(path))
    return Came(line.outcome, line.reason, response)
