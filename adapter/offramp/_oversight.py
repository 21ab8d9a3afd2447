"""Verifies what a declaration claims of human oversight and of its scale, for each send of the missions that claim it.

When a call is made ready, its approvals and its supervisor are looked at; at the last hop they are looked at once more,
the call is counted, and its approvals are used up: by this call, whatever replica makes it. A retry of the same call
may use them again. Every refusal is a denial: it stands in the log, and nobody else is asked.
"""

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, replace
from typing import Final

from typing_extensions import override  # pydantic requires it; `typing` has it from Python 3.12

from offramp.audit import DecisionLog, alarm_entry, approval_entry, supervision_entry
from offramp.contracts.clock import Clock
from offramp.contracts.oversight import ApprovalBook, Condition, Limits, OversightNeed, UseBook, Watch, WatchBook
from offramp.contracts.policy import Decision, Reason
from offramp.errors import PolicyDenied
from offramp.oversight import (
    Approver,
    Approvers,
    SignedApproval,
    approval_needed,
    lacking,
    live_watch,
    nobody_may,
    read_token,
    refused_for_good,
    too_much,
    unapproved,
    unwatched,
    why_not_approved,
)
from offramp.policy import denial
from offramp.types import Identity, value

_NO_APPROVERS: Final[Mapping[str, Approver]] = {}


@value
class Overseen:
    """One call at one endpoint, as far as oversight is concerned."""

    _: KW_ONLY
    mission: str
    identity: Identity
    decision: Decision
    call_id: str
    approvals: tuple[str, ...]
    subject: str | None
    labels: tuple[str, ...]
    """Of the history that goes along, other than the mission's own."""
    limits: Limits | None
    content: Callable[[], bytes]
    """The canonical request."""
    is_first_count: Callable[[], bool]
    """Whether the call is still to be counted: true once."""


@value
class Books:
    """Where oversight is kept."""

    approvals: ApprovalBook
    watches: WatchBook
    use: UseBook


class Overseer:
    """One for each client.

    Args:
        books: where oversight is kept.
        approvers: those who may approve, and whose watches count. None: nobody may, and a watch counts on its word.
        keep_content: let the queue hold the request for the approver to read.
        wait_s: how long a request may be answered.
        clock: decides when an approval has expired and a heartbeat is old.
        log: where approvals, supervisors, alarms and refusals are recorded.
    """

    def __init__(
        self,
        books: Books,
        *,
        approvers: Approvers | None,
        keep_content: bool,
        wait_s: float,
        clock: Clock,
        log: DecisionLog,
    ) -> None:
        self.books = books
        self.clock = clock
        self._approvers = approvers
        self._keep_content = keep_content
        self._wait_s = wait_s
        self._log = log

    def condition(self, call: Overseen) -> Condition:
        """What the send depends on; everything that can be told beforehand holds.

        Raises:
            ApprovalNeeded: a person has to approve the call first; the request stands in the queue.
            PolicyDenied: an approval does not hold, or nobody supervises.
            StateError, ConfigurationError: books or approvers cannot be read.
        """
        needs = call.decision.oversight
        supervised = tuple(need for need in needs if need.level == "supervise")
        for need in supervised:
            self.watched(need, call)
        given = [(need, self._approval(need, call)) for need in needs if need.level == "approve"]
        return _Held(self, call, {one.approval.id: (need, one) for need, one in given}, supervised)

    def _approval(self, need: OversightNeed, call: Overseen) -> SignedApproval:
        content = call.content()
        digest = self.books.approvals.keyed(content)
        signed = [read_token(token) for token in call.approvals]
        for one in signed:
            if one is not None and (one.approval.digest, one.approval.role) == (digest, need.role):
                self._verify(one, need, call)
                if self.books.approvals.spent(one.approval.id) not in (None, call.call_id):
                    raise self.refusal(call, _used(one, need))
                return one
        if None in signed:
            raise self.refusal(call, lacking(need, "what was given as an approval is none, or not whole"))
        raise self._ask(need, call, content=content)

    def _verify(self, one: SignedApproval, need: OversightNeed, call: Overseen) -> None:
        why = why_not_approved(
            one,
            need=need,
            mission=call.mission,
            digest=one.approval.digest,
            store=self.books.approvals.store,
            approvers=self._approvers.now() if self._approvers else _NO_APPROVERS,
            now=self.clock.now(),
        )
        if why is not None:
            raise self.refusal(call, lacking(need, f"the approval {one.approval.id[:32]!r} does not hold: {why}"))
        denied = self.books.approvals.denial_of(mission=call.mission, role=need.role, digest=one.approval.digest)
        if denied is not None:
            raise self.refusal(call, refused_for_good(need, denied))

    def _ask(self, need: OversightNeed, call: Overseen, *, content: bytes) -> PolicyDenied:
        """File the request; the error says so. A denial of the very same call is final."""
        if self._approvers is None:
            return self.refusal(call, nobody_may(need))
        request = self.books.approvals.file(
            mission=call.mission,
            role=need.role,
            digest=self.books.approvals.keyed(content),
            wait_s=self._wait_s,
            content=content.decode() if self._keep_content else None,
        )
        if request.state == "denied":
            return self.refusal(call, refused_for_good(need, request))
        reason = unapproved(need, request)
        self.refusal(call, reason)
        return approval_needed(request, reason=reason, given=len(call.approvals))

    def watched(self, need: OversightNeed, call: Overseen) -> Watch:
        """Who supervises the mission now. Raises PolicyDenied, StateError."""
        watch, stopped_by = self._look(need)
        if watch is None:
            raise self.refusal(call, unwatched(need, stopped_by))
        return watch

    def broken(self, need: OversightNeed) -> str | None:
        """Why an open exchange has lost its supervisor; None: it has not. Raises StateError."""
        watch, stopped_by = self._look(need)
        if watch is not None:
            return None
        return f"{stopped_by} has stopped it" if stopped_by else "nobody supervises it any more"

    def _look(self, need: OversightNeed) -> tuple[Watch | None, str | None]:
        book = self.books.watches
        standing = book.standing(need.mission)
        watch = live_watch(
            standing,
            need=need,
            store=book.store if standing.watches else "",
            approvers=self._approvers.now() if self._approvers else None,
            now=self.clock.now(),
            monotonic_s=self.clock.monotonic(),
        )
        return watch, standing.stopped_by

    def supervise(self, need: OversightNeed, call: Overseen) -> None:
        """Look once more at the last hop, and name the supervisor in the log. Raises PolicyDenied, StateError."""
        watch = self.watched(need, call)
        by, identity = self._log.pseudonym(watch.by), call.identity
        self._log.defer(
            supervision_entry(watch.id, by=by, mission=need.mission, identity=identity, call_id=call.call_id)
        )

    def spend(self, one: SignedApproval, need: OversightNeed, call: Overseen) -> None:
        """Use an approval up, and name it in the log. Raises PolicyDenied, StateError."""
        approval = one.approval
        self._verify(one, need, call)
        if not self.books.approvals.spend(approval.id, call_id=call.call_id):
            raise self.refusal(call, _used(one, need))
        by, identity = self._log.pseudonym(approval.approver), call.identity
        self._log.defer(
            approval_entry(
                approval.id, approval.digest, by=by, mission=call.mission, identity=identity, call_id=call.call_id
            )
        )

    def count(self, limits: Limits, call: Overseen) -> None:
        """Count the call, unless it goes beyond what is declared. Raises PolicyDenied, StateError."""
        word = f"subject/{call.subject}" if call.subject is not None else f"call/{call.call_id}"
        subject = self.books.use.keyed(word.encode("utf-8", "surrogatepass"))
        seen = self.books.use.count(
            call.mission, limits, subject=subject, labels=call.labels, counts_call=call.is_first_count()
        )
        for alarm in seen.alarms:
            self._log.append(alarm_entry(alarm, call_id=call.call_id))
        if seen.beyond is not None:
            raise self.refusal(call, too_much(seen.beyond))

    def refusal(self, call: Overseen, reason: Reason) -> PolicyDenied:
        """Record a denial, and give the error."""
        denied = replace(call.decision, allowed=False, reasons=(reason,), oversight=())
        self._log.append_decision(denied, identity=call.identity, call_id=call.call_id)
        return denial(denied)


def _used(one: SignedApproval, need: OversightNeed) -> Reason:
    return lacking(need, f"the approval {one.approval.id!r} was used for another call")


class _Held(Condition):
    """The condition of one call at one endpoint."""

    def __init__(
        self,
        overseer: Overseer,
        call: Overseen,
        approvals: Mapping[str, tuple[OversightNeed, SignedApproval]],
        supervised: tuple[OversightNeed, ...],
    ) -> None:
        self._overseer = overseer
        self._call = call
        self._approvals = approvals
        self._supervised = supervised

    @override
    def at_last_hop(self) -> None:
        limits = self._call.limits
        for need in self._supervised:
            self._overseer.supervise(need, self._call)
        if limits is not None and limits.bear_on(self._call.subject):
            self._overseer.count(limits, self._call)
        for need, approval in self._approvals.values():  # last: what was used up is gone
            self._overseer.spend(approval, need, self._call)

    @override
    def broken(self) -> str | None:
        return next((why for need in self._supervised if (why := self._overseer.broken(need))), None)
