"""Why oversight lets a call not go, in words: as grounds for the decision log, and as what a caller catches."""

from offramp.contracts.oversight import Alarm, ApprovalRequest, OversightNeed
from offramp.contracts.policy import Effect, Reason
from offramp.errors import ApprovalNeeded


def lacking(need: OversightNeed, what: str) -> Reason:
    """An approval does not hold."""
    mend = f"have somebody with the role {need.role!r} approve this very call, and give what client.approval returns"
    return _lacking(need, what, mend=mend)


def refused_for_good(need: OversightNeed, request: ApprovalRequest) -> Reason:
    """An approver has denied the very same call. Nobody can change it: another call is another question."""
    return _lacking(need, f"{request.by} has denied this very call (request {request.id})", mend=None)


def nobody_may(need: OversightNeed) -> Reason:
    """The configuration names no approver."""
    return _lacking(need, "nobody may: no approvers are named", mend='add approvers = "approvers.toml" to offramp.toml')


def nobody_has_role(need: OversightNeed) -> Reason:
    """No approver has the role, or none whose key is still valid."""
    what = f"no approver with a valid key has the role {need.role!r}"
    return _lacking(need, what, mend="add the role to an approver's `roles`, or have the entry renewed")


def unapproved(need: OversightNeed, request: ApprovalRequest) -> Reason:
    """No approval was given for the call."""
    return lacking(need, f"this call bears no approval (request {request.id})")


def unwatched(need: OversightNeed, stopped_by: str | None) -> Reason:
    """Nobody supervises, or the supervisor has stopped the mission."""
    what = f"{stopped_by} has stopped it" if stopped_by else "nobody does now"
    text = f"Mission {need.mission!r} declares that a person supervises and can stop it, and {what}"
    mend = f"have somebody with the role {need.role!r} run `offramp supervise {need.mission} --as NAME`"
    return _reason("missing", "oversight.supervise", text, mend=mend)


def too_much(alarm: Alarm) -> Reason:
    """The call goes beyond what is declared."""
    until = alarm.until.isoformat(timespec="minutes")
    text = f"More {alarm.counted} than the {alarm.limit} that mission {alarm.mission!r} declares"
    mend = "declare the scale that is so and have it approved"
    if alarm.limit > 0:
        mend += f"; there is room again from {until} on"
    return _reason("forbid", f"observed.{alarm.counted}", text, mend=mend)


def approval_needed(request: ApprovalRequest, *, reason: Reason | None = None, given: int = 0) -> ApprovalNeeded:
    """The error that says whom to ask, and under which id.

    Args:
        request: that waits in the queue.
        reason: as it stands in the log.
        given: how many approvals the call bears, all of them for others.
    """
    others = f"; the {given} given are for other calls or roles" if given else ""
    return ApprovalNeeded(
        f"mission {request.mission!r} declares that a person approves, and this call bears no approval{others}",
        request=request.id,
        digest=request.digest,
        mission=request.mission,
        role=request.role,
        expires_at=request.expires_at,
        reasons=[str(reason)] if reason else (),
        where=f"request {request.id}",
        mend=f"have somebody with the role {request.role!r} run `offramp approvals grant {request.id} --key FILE`,"
        " then call again with approvals=[client.approval(…)]",
    )


def _lacking(need: OversightNeed, what: str, *, mend: str | None) -> Reason:
    text = f"Mission {need.mission!r} declares that a person approves, and {what}"
    return _reason("missing", "oversight.approve", text, mend=mend)


def _reason(effect: Effect, clause: str, text: str, *, mend: str | None) -> Reason:
    return Reason(layer="declaration", effect=effect, clause=clause, text=f"{text}.", mend=mend)
