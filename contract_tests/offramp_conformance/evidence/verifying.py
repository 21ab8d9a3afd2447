"""Check a report offline: who signed it, whether it is the one that was signed, what it proves, and how old it is."""

import hashlib
import json
from collections.abc import Collection
from dataclasses import KW_ONLY
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from offramp.config import Config, demand_of, endpoint_of
from offramp.errors import ConfigurationError
from offramp.types import JsonObject, value
from offramp_conformance.conform.levels import RUN_LEVELS, RunLevel
from offramp_conformance.conform.parity import is_as_good
from offramp_conformance.conform.report import SCHEMA_ID
from offramp_conformance.evidence.dsse import unseal
from offramp_conformance.evidence.statement import PREDICATE, STATEMENT, statement

ENVELOPE: Final = "conform-report.dsse.json"
REPORT: Final = "conform-report.json"


@value
class Demanded:
    """What a report has to prove."""

    _: KW_ONLY
    level: RunLevel | None = None
    """At least this. None: any."""
    max_age: timedelta | None = None
    """None: until the verdict itself expires."""
    parity: bool = False
    """Whether the new endpoint must have been shown to be no worse than the old one."""
    config: Config | None = None
    """The configuration whose endpoint, contract and model it must be of, as they stand now. None: any."""


@value
class Verified:
    """What a check of a report has found."""

    _: KW_ONLY
    endpoint: str
    key: str
    level: str
    at: datetime
    problems: tuple[str, ...]
    """Empty: it proves what was demanded."""

    @property
    def ok(self) -> bool:
        """Whether it proves what was demanded."""
        return not self.problems


def verify(folder: Path, trusted: Collection[bytes], demanded: Demanded, *, now: datetime) -> Verified:
    """Check the report in a folder.

    Args:
        folder: as `offramp conform` has written it.
        trusted: public keys, 32 bytes each.
        demanded: what it has to prove.
        now: with a time zone.

    Raises:
        ConfigurationError: it is not signed by a trusted key, not the report that was signed, or cannot be read.
        MissingExtraError: the extra `sign` is not installed.
    """
    payload = unseal(_bytes_of(folder / ENVELOPE), trusted, where=str(folder / ENVELOPE))
    raw = _bytes_of(folder / REPORT)
    report = _same_as_signed(payload, raw, folder)
    try:
        return _verified(report, demanded, now)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise _unreadable(folder) from error


def _verified(report: JsonObject, demanded: Demanded, now: datetime) -> Verified:
    asked = report["endpoints"][0]
    at = datetime.fromisoformat(report["at"])
    return Verified(
        endpoint=asked["endpoint"],
        key=asked["verdict"]["key"],
        level=report["level"],
        at=at,
        problems=tuple(_problems(report, asked, at, demanded, now)),
    )


def _same_as_signed(payload: bytes, raw: bytes, folder: Path) -> JsonObject:
    """The report, once it is known to be the one that was signed, and to say what the statement says."""
    where = str(folder / REPORT)
    try:
        said: Any = json.loads(payload)
        kinds = (said["_type"], said["predicateType"])
        digest = said["subject"][0]["digest"]["sha256"]
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise ConfigurationError("the statement cannot be read", where=where, mend="run `offramp conform`") from error
    if kinds != (STATEMENT, PREDICATE):
        raise ConfigurationError("the statement is of another kind", where=where, mend="run `offramp conform`")
    if digest != hashlib.sha256(raw).hexdigest():
        raise ConfigurationError(
            "this is not the report that was signed", where=where, mend="put back the one that was, or run it again"
        )
    try:
        report: JsonObject = json.loads(raw)
        known, says_so = report["schema"] == SCHEMA_ID, statement(report, digest) == payload
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise _unreadable(folder) from error
    if not known:
        raise _unreadable(folder)
    if not says_so:
        raise ConfigurationError("the statement says otherwise than its report", where=where, mend="run it again")
    return report


def _unreadable(folder: Path) -> ConfigurationError:
    return ConfigurationError(
        "this is no report of this version of the suite, though a key that you trust has signed it",
        where=str(folder / REPORT),
        mend="verify it with the version that made it, or run `offramp conform` again",
    )


def _problems(report: JsonObject, asked: JsonObject, at: datetime, demanded: Demanded, now: datetime) -> list[str]:
    verdict, found = asked["verdict"], list[str]()
    if not report["passed"]:
        found.append("the endpoint did not pass")
    found += [f"it cannot be certified: {why}" for why in verdict["why_not"]]
    if demanded.level is not None and RUN_LEVELS.index(report["level"]) < RUN_LEVELS.index(demanded.level):
        found.append(f"its level is {report['level']}, and {demanded.level} is demanded")
    if at > now + timedelta(minutes=5):
        found.append(f"it is dated {at.isoformat()}, which has not come yet")
    if demanded.max_age is not None and now - at > demanded.max_age:
        found.append(f"it is {(now - at).days} days old, and at most {demanded.max_age.days} are allowed")
    if now.date().isoformat() > verdict["expires"]:
        found.append(f"it has expired on {verdict['expires']}")
    if demanded.config is not None:
        found += _differences(report, asked, demanded.config)
    if demanded.parity and not is_as_good(report["parity"]):
        found.append("it does not show that the answers are as good as the old vendor's")
    return found


def _differences(report: JsonObject, asked: JsonObject, config: Config) -> list[str]:
    """What is no longer as it was when the report was made."""
    from offramp_conformance.checks import catalogue
    from offramp_conformance.conform.verdict import suite_version, verdict_key
    from offramp_conformance.suite.opening import mission_for

    checks, name = catalogue(), asked["endpoint"]
    if report["suite"] != suite_version(checks):
        return ["it was made by another version of the suite"]
    try:
        mission = mission_for(config, name, report["mission"])
        key = verdict_key(endpoint_of(config, name), demand_of(config, mission), checks)
    except ConfigurationError as error:
        return [f"the configuration has not what it is about: {error.what}"]
    return [] if key == asked["verdict"]["key"] else ["the contract, the endpoint or the model has changed since"]


def _bytes_of(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            "the file cannot be read", where=str(file), mend="give the folder that `offramp conform --key` has written"
        ) from error
