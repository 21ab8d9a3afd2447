"""Questions that join what the vendors recorded with what the ledger holds, exchange by exchange."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from offramp.contracts.ledger import Entry, Record, Said, TurnFinished, TurnInterrupted, TurnStarted
from offramp.types import Message, OutcomeKind
from offramp_conformance.drill.bodies import asked_token, strings_of
from offramp_conformance.drill.evidence import Evidence, SeenRequest, SeenVendor
from offramp_conformance.drill.finding import NO_COUNTERS, Finding, unless, unseen

_REFUSED: Final = frozenset({OutcomeKind.REFUSAL, OutcomeKind.CONTENT_FILTER})
_SHORTEST: Final = 20
"""Opaque values shorter than this could stand in a text by chance."""
_AT_THE_CUT_S: Final = 0.2
"""An answer that ends so shortly before the order may have been on its way when it was cut."""


def _entries(record: Record) -> list[Entry]:
    return [recorded.entry for recorded in record.entries]


def _vendors(evidence: Evidence) -> list[tuple[str, SeenVendor]]:
    named = ((evidence.first, evidence.first_vendor), (evidence.second, evidence.second_vendor))
    return [(name, vendor) for name, vendor in named if vendor is not None]


def _by_conversation(evidence: Evidence) -> dict[tuple[str, str], list[SeenRequest]]:
    """The vendors' requests, by endpoint and conversation."""
    owner = {turn.token: one.script.id for one in evidence.conversations for turn in one.script.turns}
    found: dict[tuple[str, str], list[SeenRequest]] = defaultdict(list)
    for name, vendor in _vendors(evidence):
        for request in vendor.requests:
            token = asked_token(request.body)
            if token is not None and token in owner:
                found[name, owner[token]].append(request)
    return found


def no_invented_end(evidence: Evidence) -> Finding:
    """Each end in the ledger is an end that a vendor gave, in its own word; each cut is in the ledger as a cut."""
    faults: list[str] = []
    count = 0
    requests = _by_conversation(evidence)
    watched = {name for name, _ in _vendors(evidence)}
    for one in evidence.conversations:
        entries = _entries(one.record)
        ends = [entry for entry in entries if isinstance(entry, TurnFinished)]
        count += len(ends)
        faults += [f"{one.script.id}: an end without the vendor's word" for end in ends if end.outcome.raw is None]
        for name, finished in Counter(end.endpoint for end in ends).items():
            given = sum(request.answered_whole for request in requests[name, one.script.id])
            if name in watched and finished > given:
                faults.append(f"{one.script.id}: {finished} ends by {name}, which gave {given}")
        cut = sum(entry.endpoint in watched for entry in entries if isinstance(entry, TurnInterrupted))
        seen = sum(request.cut == "client" for name in watched for request in requests[name, one.script.id])
        if seen > cut:
            faults.append(f"{one.script.id}: {seen} answers were cut off, the ledger knows of {cut}")
    return unless(faults, f"{count} ends")


def no_foreign_state(evidence: Evidence) -> Finding:
    """No signature and no other opaque value of one vendor stands in any request to the other."""
    vendors = _vendors(evidence)
    if len(vendors) < 2:
        return unseen(NO_COUNTERS)
    issued = _issued(evidence)
    if not issued[evidence.first]:
        return Finding(held=False, measured="nothing shown", why="no signed reasoning stood in the history")
    faults = [
        f"a request to {name} holds opaque state of {other}"
        for name, vendor in vendors
        for other, values in issued.items()
        if other != name
        for request in vendor.requests
        if _holds(request, values)
    ]
    counts = ", ".join(f"{len(values)} of {name}" for name, values in issued.items())
    return unless(faults, f"{len(faults)} requests; {counts} issued")


def _holds(request: SeenRequest, values: Iterable[str]) -> bool:
    whole = "\n".join(strings_of(request.body))
    return any(each in whole for each in values)


def _issued(evidence: Evidence) -> dict[str, set[str]]:
    """Opaque values by the endpoint that gave them."""
    issued: dict[str, set[str]] = {evidence.first: set(), evidence.second: set()}
    for one in evidence.conversations:
        for endpoint, message in _answers(_entries(one.record)):
            values = {opaque.data for part in message.parts for opaque in part.opaque}
            issued.setdefault(endpoint, set()).update(each for each in values if len(each) >= _SHORTEST)
    return issued


def _answers(entries: Iterable[Entry]) -> Iterator[tuple[str, Message]]:
    """Each answer, partial ones included, with the endpoint that gave it."""
    asked: str | None = None
    for entry in entries:
        match entry:
            case TurnStarted(endpoint=endpoint):
                asked = endpoint
            case Said(message=message) if message.role == "assistant" and asked is not None:
                yield asked, message
            case TurnInterrupted(endpoint=endpoint, partial=Message() as partial):
                yield endpoint, partial
            case _:
                pass


def refusals_stay(evidence: Evidence) -> Finding:
    """What a vendor has refused or filtered is asked of nobody again."""
    if len(_vendors(evidence)) < 2:
        return _refusals_in_ledger(evidence)
    kinds = {turn.token: turn.kind for one in evidence.conversations for turn in one.script.turns}
    asked: dict[str, list[tuple[str, SeenRequest]]] = defaultdict(list)
    for name, vendor in _vendors(evidence):
        for request in vendor.requests:
            token = asked_token(request.body)
            if token is not None and kinds.get(token) in ("refuse", "filter"):
                asked[token].append((name, request))
    refused = {token: moment for token, found in asked.items() if (moment := _refused_at(evidence, found)) is not None}
    faults = [
        f"the turn {token} was refused, and then asked of {name}"
        for token, moment in refused.items()
        for name, request in asked[token]
        if request.t_first_byte > moment
    ]
    return unless(faults, f"{len(faults)} requests after {len(refused)} refusals")


def _refused_at(evidence: Evidence, found: Iterable[tuple[str, SeenRequest]]) -> float | None:
    """When a turn was first refused; None where no refusal has surely reached us."""
    ends = [
        request.t_end
        for name, request in found
        if request.answered_whole and request.t_end is not None and not _at_the_cut(evidence, name, request.t_end)
    ]
    return min(ends, default=None)


def _at_the_cut(evidence: Evidence, name: str, t_end: float) -> bool:
    order = evidence.order
    return order is not None and name == evidence.first and t_end > order.committed_s - _AT_THE_CUT_S


def _refusals_in_ledger(evidence: Evidence) -> Finding:
    faults: list[str] = []
    count = 0
    for one in evidence.conversations:
        refused = False
        for entry in _entries(one.record):
            match entry:
                case Said(message=message) if message.role == "user":
                    refused = False
                case TurnFinished(outcome=outcome) if outcome.kind in _REFUSED:
                    refused, count = True, count + 1
                case TurnStarted(endpoint=endpoint) if refused:
                    faults.append(f"{one.script.id}: a refused turn was asked of {endpoint}")
                case _:
                    pass
    return unless(faults, f"{len(faults)} requests after {count} refusals, by the ledger")
