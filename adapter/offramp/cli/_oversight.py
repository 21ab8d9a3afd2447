"""The books of oversight that a command works on, and how it records what it has done."""

from collections.abc import Iterator
from datetime import UTC, datetime

from offramp._assembly import books_of
from offramp._oversight import Books
from offramp.audit import DecisionLog, signed_by
from offramp.config import Config
from offramp.contracts.audit import Detail, Entry, RecordKind
from offramp.contracts.clock import SystemClock
from offramp.contracts.oversight import Alarm, OversightNeed
from offramp.contracts.policy import Reason
from offramp.errors import OfframpError
from offramp.oversight import live_watch, load_approvers, nobody_has_role, nobody_may, unwatched
from offramp.policy import CompiledPolicy
from offramp.state import OversightFile


def open_books(config: Config) -> Books:
    """Those beside the configuration's state. Nothing is made before something is written."""
    return books_of(OversightFile.beside(config.state, config.folder))


def what_lacks(config: Config, policy: CompiledPolicy, *, now: datetime) -> Reason | None:
    """Why every call of a mission would be denied for want of people; None: nobody is wanting."""
    return next((lack for need in policy.oversight if (lack := _lack(config, need, now))), None)


def _lack(config: Config, need: OversightNeed, now: datetime) -> Reason | None:
    if need.level == "approve":
        if config.approvers is None:
            return nobody_may(need)
        known = load_approvers(config.at(config.approvers)).values()
        able = any(need.role in each.roles and now.astimezone(UTC).date() <= each.valid_until for each in known)
        return None if able else nobody_has_role(need)
    book = open_books(config).watches
    standing = book.standing(need.mission)
    watch = live_watch(
        standing,
        need=need,
        store=book.store if standing.watches else "",
        approvers=load_approvers(config.at(config.approvers)) if config.approvers else None,
        now=now,
        monotonic_s=SystemClock().monotonic(),
    )
    return None if watch else unwatched(need, standing.stopped_by)


def notes_on(config: Config, policy: CompiledPolicy) -> Iterator[str]:
    """What people still have to do for a mission, and what is observed of it."""
    for need in policy.oversight:
        if need.level == "approve":
            yield f"each call of {need.mission} waits for the approval of a {need.role}: offramp approvals list"
    for alarm in open_books(config).use.alarms():
        if alarm.mission == policy.mission:
            yield in_words(alarm)


def in_words(alarm: Alarm) -> str:
    """An alarm as people read it."""
    seen = f"{alarm.observed} {alarm.counted} were observed of {alarm.mission}, which declares {alarm.limit}"
    until = f"until {alarm.until.isoformat(timespec='minutes')}"
    return f"{seen}; more are denied {until}" if alarm.level == "beyond" else f"{seen}, {until}"


def record(config: Config, kind: RecordKind, *, mission: str, by: str, detail: dict[str, Detail]) -> str | None:
    """Put it into the decision log. It stands already: where this fails, give a warning, and no error."""
    key = config.at(config.audit_key) if config.audit_key else None
    try:
        log = DecisionLog(config.at(config.audit), checkpointing=signed_by(key))
        log.append(Entry(kind, mission=mission, detail={**detail, "by": log.pseudonym(by)}))
        log.close()
    except OfframpError as error:
        return f"it stands, but the decision log does not have it: {error}"
    return None
