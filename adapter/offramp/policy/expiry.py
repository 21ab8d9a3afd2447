"""What is about to run out: warnings ahead of the day, so that no mission goes dark unforeseen."""

from collections.abc import Iterator
from dataclasses import KW_ONLY
from datetime import UTC, date, datetime
from typing import Final, Literal, TypeAlias, cast

from offramp.policy.decide import CompiledPolicy
from offramp.policy.terms import Case
from offramp.types import value

_STEPS: Final = (0, 1, 7, 30)
DaysAhead: TypeAlias = Literal[0, 1, 7, 30]


@value
class PolicyWarning:
    """A document that must be looked at."""

    _: KW_ONLY
    document: str
    key: Literal["review_by", "valid_until"]
    day: date
    """The day it names, UTC."""
    days_left: int
    """Below 0 where the day has passed."""
    step: DaysAhead
    """Which of the warnings this is: 30, 7 or 1 days ahead; 0 on the day and after it."""

    def __str__(self) -> str:
        what = "must be reviewed by" if self.key == "review_by" else "may be relied on until"
        when = f"{self.days_left} days left" if self.days_left >= 0 else f"{-self.days_left} days ago"
        return f"{self.document} {what} {self.day} ({when})"


def policy_warnings(policy: CompiledPolicy, at: datetime) -> tuple[PolicyWarning, ...]:
    """Every document of the mission whose review or end is due within 30 days, the nearest first."""
    if policy.case is None:
        return ()
    today = at.astimezone(UTC).date()
    found = [warning for warning in _due(policy.case, today) if warning.days_left <= _STEPS[-1]]
    return tuple(sorted(found, key=lambda warning: (warning.day, warning.document)))


def _due(case: Case, today: date) -> Iterator[PolicyWarning]:
    for contract in (terms.contract for terms in (*case.general, *case.particular)):
        document = f"{contract.name} {contract.version}"
        yield _warning(document, "review_by", contract.review_by, today)
        if contract.valid_until is not None:
            yield _warning(document, "valid_until", contract.valid_until, today)
    for organisation in case.organisations:
        document = f"{organisation.name} {organisation.version}"
        yield _warning(document, "review_by", organisation.review_by, today)
        yield _warning(document, "valid_until", organisation.valid_until, today)
        for approval in organisation.approvals:
            if approval.mission == case.declaration.mission:
                document = f"approval of mission {approval.mission} by {approval.by}"
                yield _warning(document, "valid_until", approval.valid_until, today)
    document = f"declaration of mission {case.declaration.mission}"
    yield _warning(document, "valid_until", case.declaration.valid_until, today)


def _warning(document: str, key: Literal["review_by", "valid_until"], day: date, today: date) -> PolicyWarning:
    left = (day - today).days
    step = next((step for step in _STEPS if left <= step), _STEPS[-1])
    return PolicyWarning(document=document, key=key, day=day, days_left=left, step=cast("DaysAhead", step))
