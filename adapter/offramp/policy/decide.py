"""Decides whether a mission may use an endpoint: compiled once, asked before every send. Pure: no file, no clock.

The order: validity, complete declaration, the organisation's approval, every forbid in force, a permit for every use,
evidence. Any exception denies.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import KW_ONLY
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from pydantic_core import to_json

from offramp.contracts.declaration import Declaration
from offramp.contracts.document_facts import DocumentFacts
from offramp.contracts.oversight import OversightNeed
from offramp.contracts.policy import Decision, Reason
from offramp.policy import reasons as grounds
from offramp.policy import steps
from offramp.policy.terms import Case
from offramp.types import Identity, value

_NOTHING_PERMITS: Final = Reason(layer="vendor", effect="missing", clause=None, text="Nothing permits it.")


@value
class Verdict:
    """What is decided for one endpoint on one day, UTC: contracts begin and end with a day."""

    _: KW_ONLY
    identity: Identity
    since: datetime
    until: datetime
    allowed: bool
    reasons: tuple[Reason, ...]
    unreviewed: bool


class CompiledPolicy:
    """The policy of one mission on its route."""

    def __init__(
        self,
        mission: str,
        *,
        case: Case | None,
        digests: tuple[str, ...],
        broken: tuple[Reason, ...] = (),
        refused: tuple[Reason, ...] = (),
        unsigned: bool = False,
        former: Mapping[str, "CompiledPolicy"] | None = None,
        documents: tuple[DocumentFacts, ...] = (),
    ) -> None:
        self.mission = mission
        self.digests = digests
        self.documents = documents
        """What the log is to keep of every file that was read."""
        self.former = former or {}
        """Earlier declarations by their labels, for the data that was made under them."""
        self.label = label_of(case.declaration) if case else None
        """The data label of turns made under this declaration; None where it could not be read."""
        self.oversight = _oversight_of(case.declaration) if case else ()
        """What people must do for each send, as the declaration claims it."""
        self._case = case
        self.broken = broken
        """What could not be read, or contradicts itself; it denies."""
        self.refused = refused
        """Files that did not hold, and gave way to the last good ones."""
        self.unsigned = unsigned
        self._verdicts: dict[str, Verdict] = {}

    @property
    def case(self) -> Case | None:
        """What is decided upon; None where the declaration could not be read."""
        return self._case

    def refusing(self, reasons: tuple[Reason, ...]) -> "CompiledPolicy":
        """The same, where a later version of its files was refused. Every decision says so."""
        return CompiledPolicy(
            self.mission,
            case=self._case,
            digests=self.digests,
            broken=self.broken,
            refused=(*self.refused, *reasons),
            unsigned=self.unsigned,
            former={label: each.refusing(reasons) for label, each in self.former.items()},
            documents=self.documents,
        )

    def decide(self, identity: Identity, at: datetime) -> Decision:
        """Whether the mission may use this endpoint at this instant. Never raises: a failure denies.

        Args:
            identity: whom the bytes would reach.
            at: now, with a time zone.
        """
        try:
            verdict = self._verdicts.get(identity.endpoint)
            if verdict is None or not verdict.since <= at < verdict.until or not _same(verdict.identity, identity):
                verdict = self._judge(identity, at.astimezone(UTC).date() if at.tzinfo else _no_zone())
                self._verdicts[identity.endpoint] = verdict
            allowed, reasons, unreviewed = verdict.allowed, verdict.reasons, verdict.unreviewed
        except Exception as error:  # noqa: BLE001  # P2: policy that fails, in whatever way, denies
            allowed, reasons, unreviewed = False, (grounds.failure(error),), False
        return Decision(
            allowed=allowed,
            mission=self.mission,
            endpoint=identity.endpoint,
            at=at,
            reasons=reasons,
            digests=self.digests,
            unreviewed=unreviewed,
            unsigned=self.unsigned,
            oversight=self.oversight,
        )

    def allowed_until(self, identity: Identity, at: datetime) -> datetime | None:
        """When the mission goes dark at this endpoint: the first instant at which it is denied.

        Returns:
            `at` itself where it is denied now; None where nothing that is known will end it.
        """
        if not self.decide(identity, at).allowed:
            return at
        today = at.astimezone(UTC).date()
        for day in (day for day in self._days_of_change() if day > today):
            if not self._judge(identity, day).allowed:
                return datetime.combine(day, time(), UTC)
        return None

    def _judge(self, identity: Identity, day: date) -> Verdict:
        since = datetime.combine(day, time(), UTC)
        reasons, permits, unreviewed = self.broken, list[Reason](), False
        if not reasons and self._case is not None:
            case = self._case
            forbids, by_unreviewed = steps.forbidding(case, identity, day)
            permits, silences, on_unreviewed = steps.permitting(case, identity, day)
            unreviewed = by_unreviewed or on_unreviewed
            reasons = (
                *steps.validity(case, identity, day),
                *steps.completeness(case, day),
                *steps.approval(case, identity, day),
                *forbids,
                *silences,
                *steps.evidence_given(case),
            )
        return Verdict(
            identity=identity,
            since=since,
            until=since + timedelta(days=1),
            allowed=not reasons and bool(permits),
            reasons=(reasons or tuple(permits) or (_NOTHING_PERMITS,)) + self.refused,
            unreviewed=unreviewed,
        )

    def _days_of_change(self) -> list[date]:
        case = self._case
        if case is None:
            return []
        contracts = [terms.contract for terms in (*case.general, *case.particular)]
        begins = [contract.effective for contract in contracts]
        ends = [contract.valid_until for contract in contracts if contract.valid_until] + [case.declaration.valid_until]
        for organisation in case.organisations:
            ends.append(organisation.valid_until)
            ends += [one.valid_until for one in organisation.approvals]
            ends += [one.valid_until for one in organisation.adoptions]
            ends += [one.valid_until for one in organisation.waivers]
        return sorted({*begins, *(end + timedelta(days=1) for end in ends)})


def label_of(declaration: Declaration) -> str:
    """The data label of turns made under a declaration: the mission, and a digest of its uses and facets.

    A renewal that changes dates or names alone keeps the label.
    """
    meaning = to_json([sorted(declaration.uses), declaration.facets])
    return f"{declaration.mission}@{hashlib.sha256(meaning).hexdigest()}"


def _oversight_of(declaration: Declaration) -> tuple[OversightNeed, ...]:
    """What is declared of human oversight is verified, whether or not a clause happens to rest on it today."""
    level, evidence = declaration.facets.oversight, declaration.evidence
    if level not in ("approve", "supervise"):
        return ()
    need = OversightNeed(
        level=level,
        mission=declaration.mission,
        role=evidence.role or "",
        reaction_time_s=evidence.reaction_time_s or 0.0,
    )
    return (need,)


def _same(one: Identity, other: Identity) -> bool:
    return one is other or one == other  # almost always the very same: comparing all parts costs more than deciding


def _no_zone() -> date:
    raise ValueError("the instant has no time zone")
