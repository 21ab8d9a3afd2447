"""Whether what a log tells was permitted: every send behind an allow of its own, and none against an order.

It is judged as far as the log says. An allow must name the contracts that it was decided under; `in_force.py` judges
whether these were in force. One folder is taken to belong to one store of orders. A call whose end the log does not
tell is reported as unknown.
"""

from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from offramp.audit.in_force import InForce
from offramp.audit.problems import Problem, Unknown
from offramp.audit.records import Record, identity_of
from offramp.contracts.document_facts import DocumentFacts
from offramp.errors import OfframpError
from offramp.types import Identity, JsonObject, Selector, value

_GRACE: Final = timedelta(seconds=2)
"""Within this a replica obeys an order that it has not read yet."""

_Call: TypeAlias = tuple[str, str | None]


@dataclass(slots=True)
class _Attempt:
    """A permitted send that has not ended yet."""

    file: str
    line: int
    call_id: str | None
    sent: bool = False
    approvals: int = 0
    """How many its decision asks for and the log does not have yet; so are `supervisors`."""
    supervisors: int = 0


@value
class _Order:
    epoch: int
    at: datetime
    selector: Selector
    state: str
    notice_until: datetime | None

    def in_force(self, at: datetime) -> bool:
        if self.state == "notice":
            return self.notice_until is not None and at >= self.notice_until
        return self.state == "prohibited"


@value
class _Send:
    file: str
    line: int
    at: datetime
    epoch: int | None
    identity: Identity


class Conduct:
    """Takes the records of all files, one file after the other, and says what was not permitted."""

    def __init__(self, given: Iterable[DocumentFacts] = ()) -> None:
        """Begin. `given` are the policy files that somebody has at hand; they are believed before the log."""
        self.in_force = InForce(given)
        self.problems: list[Problem] = []
        self._attempts: dict[_Call, _Attempt] = {}
        self._left: list[Unknown] = []
        self._orders: list[_Order] = []
        self._sends: list[_Send] = []
        self._spent: dict[str, str] = {}
        """Approvals that were used, and by which call."""
        self._refused: set[tuple[object, ...]] = set()
        """Identities that an order has refused, each with the order's epoch."""

    def note(self, file: str, line: int, record: Record) -> None:
        """Take up the next record."""
        try:
            self._note(file, line, record)
        except (TypeError, ValueError, AttributeError, KeyError):
            what = "the record does not have the form of its kind"
            self.problems.append(Problem("altered", file, line=line, what=what))

    def _note(self, file: str, line: int, record: Record) -> None:
        self.in_force.note(file, line, record)
        match record.kind:
            case "decision":
                self._decided(file, line, record)
            case "sent":
                self._sent(file, line, record)
            case "outcome" | "failure":
                self._attempts.pop(_call(file, record), None)
            case "approval":
                self._approved(file, line, record)
            case "supervision":
                self._supervised(file, record)
            case "order":
                self._ordered(record)
            case _:
                pass

    def unknown(self) -> tuple[Unknown, ...]:
        """The calls whose end the log does not tell."""
        open_ones = (_left(endpoint, attempt) for (_, endpoint), attempt in self._attempts.items())
        return (*self._left, *open_ones)

    def against_orders(self) -> Iterator[Problem]:
        """The sends that an order forbade, after all records were noted."""
        for send in self._sends:
            if self._forbids(send):
                what = f"{send.identity.endpoint} was sent to after an order that stops it"
                yield Problem("after_order", send.file, line=send.line, what=what)

    def _decided(self, file: str, line: int, record: Record) -> None:
        if record.content.get("allowed") is not True:
            self._note_refusal(record)
            return
        call = _call(file, record)
        earlier = self._attempts.get(call)
        if earlier is not None:
            self._left.append(_left(call[1], earlier))
        needed: JsonObject = record.content.get("detail", {})
        self._attempts[call] = _Attempt(
            file,
            line,
            record.content.get("call_id"),
            approvals=needed.get("approvals", 0),
            supervisors=needed.get("supervisors", 0),
        )
        if not record.content.get("digests"):
            what = "a send was permitted, and no contract is named for it"
            self.problems.append(Problem("no_contract", file, line=line, what=what))

    def _sent(self, file: str, line: int, record: Record) -> None:
        call = _call(file, record)
        attempt = self._attempts.get(call)
        if attempt is None or attempt.sent:
            self.problems.append(Problem("undecided", file, line=line, what="a send has no allow before it"))
            attempt = self._attempts[call] = _Attempt(file, line, record.content.get("call_id"))
        attempt.sent = True
        if attempt.approvals > 0:
            what = "a send has fewer approvals before it than its decision asks for"
            self.problems.append(Problem("unapproved", file, line=line, what=what))
        if attempt.supervisors > 0:
            what = "a send that somebody has to supervise does not name who did"
            self.problems.append(Problem("unsupervised", file, line=line, what=what))
        identity = identity_of(record.content.get("identity"))
        if identity is not None:
            self._sends.append(_Send(file, line, datetime.fromisoformat(record.at), _epoch(record), identity))

    def _approved(self, file: str, line: int, record: Record) -> None:
        """Count an approval for its call. One that another call has had already is counted for none."""
        call, approval = _call(file, record), record.content["detail"]["approval"]
        holder = self._spent.setdefault(approval, call[0])
        if holder != call[0]:
            what = f"the approval {approval} was used for another call too"
            self.problems.append(Problem("approved_twice", file, line=line, what=what))
        elif (attempt := self._attempts.get(call)) is not None:
            attempt.approvals -= 1

    def _supervised(self, file: str, record: Record) -> None:
        attempt = self._attempts.get(_call(file, record))
        if attempt is not None:
            attempt.supervisors -= 1

    def _note_refusal(self, record: Record) -> None:
        identity, epoch = identity_of(record.content.get("identity")), _epoch(record)
        by_order = any(reason.startswith("order:") for reason in record.content.get("reasons", ()))
        if by_order and identity is not None and epoch is not None:
            self._refused.add((epoch, *astuple(identity)))

    def _ordered(self, record: Record) -> None:
        order = _order(record)
        if order is not None:
            self._orders.append(order)

    def _forbids(self, send: _Send) -> bool:
        return self._was_refused(send) or any(
            self._nothing_unknown_since(order, send) for order in self._standing(send) if order.in_force(send.at)
        )

    def _was_refused(self, send: _Send) -> bool:
        """Whether an order of the very epoch at which it was sent has refused the same identity."""
        return send.epoch is not None and (send.epoch, *astuple(send.identity)) in self._refused

    def _standing(self, send: _Send) -> list[_Order]:
        """The latest order for each selector that the sender knew, or had had time to know."""
        latest: dict[str, _Order] = {}
        for order in self._orders:
            known = send.epoch is not None and order.epoch <= send.epoch
            if (known or order.at + _GRACE < send.at) and order.selector.matches(send.identity):
                held = latest.get(name := str(order.selector).casefold())
                latest[name] = order if held is None or held.epoch < order.epoch else held
        return list(latest.values())

    def _nothing_unknown_since(self, order: _Order, send: _Send) -> bool:
        """Whether the log has every order between: one that it lacks may have lifted this."""
        recorded = {each.epoch for each in self._orders}
        return send.epoch is None or all(epoch in recorded for epoch in range(order.epoch + 1, send.epoch + 1))


def _call(file: str, record: Record) -> _Call:
    return record.content.get("call_id") or file, record.content.get("endpoint")


def _epoch(record: Record) -> int | None:
    """Raises TypeError where it is no number."""
    held = record.content.get("epoch")
    if not isinstance(held, int | None):
        raise TypeError("an epoch is a whole number")
    return held


def _left(endpoint: str | None, attempt: _Attempt) -> Unknown:
    return Unknown(attempt.file, attempt.line, call_id=attempt.call_id, endpoint=endpoint, sent=attempt.sent)


def _order(record: Record) -> _Order | None:
    """An order that stops or lifts traffic; None where it does neither, or cannot be understood."""
    detail: JsonObject = record.content.get("detail", {})
    if detail.get("traffic") is False:
        return None
    epoch = _epoch(record)
    if epoch is None:
        return None
    try:
        until = detail.get("notice_until")
        return _Order(
            epoch,
            datetime.fromisoformat(record.at),
            Selector.parse(detail["selector"]),
            detail["state"],
            datetime.fromisoformat(until) if until else None,
        )
    except (KeyError, ValueError, TypeError, OfframpError):
        return None
