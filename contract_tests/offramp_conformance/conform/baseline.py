"""Known gaps: failures that somebody has looked at, each with a reason and a day on which it stops being excused."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from offramp.errors import ConfigurationError
from offramp.toml_file import load_toml
from offramp.types import value
from offramp_conformance.suite.results import CheckResult


class Gap(BaseModel):
    """One failure that is known."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    check: str
    reason: Annotated[str, Field(min_length=1)]
    expires: date
    """The last day on which it is excused, UTC."""


class Baseline(BaseModel):
    """The file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_: Literal[1] = Field(alias="schema")
    gaps: tuple[Gap, ...] = ()


@value
class Stale:
    """An entry that excuses nothing any more. It fails the run: a baseline that is not kept up hides what is new."""

    check: str
    why: str


def load_baseline(path: Path, known: Collection[str]) -> Mapping[str, Gap]:
    """The gaps by check.

    Args:
        path: the file.
        known: every check's id.

    Raises:
        ConfigurationError: a key is wrong, a check is unknown or stands twice.
    """
    gaps: dict[str, Gap] = {}
    for gap in load_toml(path, Baseline).gaps:
        if gap.check not in known:
            raise ConfigurationError(
                f"there is no check {gap.check!r}", where=str(path), mend="correct its id, or remove the entry"
            )
        if gap.check in gaps:
            raise ConfigurationError(f"{gap.check} stands twice", where=str(path), mend="keep one of the entries")
        gaps[gap.check] = gap
    return gaps


def with_gaps(
    results: Sequence[CheckResult], gaps: Mapping[str, Gap], *, today: date
) -> tuple[tuple[CheckResult, ...], tuple[Stale, ...]]:
    """The results with what is excused named so, and the entries that excuse nothing."""
    excused = tuple(_excused(each, gaps.get(each.id), today) for each in results)
    return excused, tuple(_stale(results, gaps, today))


def _excused(result: CheckResult, gap: Gap | None, today: date) -> CheckResult:
    if gap is None or result.state != "refuted" or today > gap.expires:
        return result
    return replace(result, state="known_gap", why=f"{gap.reason} ({result.why})", gap_until=gap.expires)


def _stale(results: Sequence[CheckResult], gaps: Mapping[str, Gap], today: date) -> list[Stale]:
    states = {each.id: each.state for each in results}
    found: list[Stale] = []
    for name, gap in gaps.items():
        if today > gap.expires:
            found.append(Stale(name, f"it has expired on {gap.expires}"))
        elif states.get(name) == "proven":
            found.append(Stale(name, "the check is proven now"))
    return found
