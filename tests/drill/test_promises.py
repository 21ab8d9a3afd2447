"""Each promise is broken by evidence against it, and is not taken for held where nobody could look."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from offramp.contracts.ledger import LossesNoted, Said, TurnFinished, TurnInterrupted
from offramp.types import Outcome, OutcomeKind
from offramp_conformance.drill.evidence import Evidence, SeenRequest, SeenVendor
from offramp_conformance.drill.promises import PROMISES, broken, check

Alter = Callable[[Evidence], Evidence]


def _first_vendor(change: Callable[[SeenVendor], SeenVendor]) -> Alter:
    def alter(evidence: Evidence) -> Evidence:
        assert evidence.first_vendor is not None
        return replace(evidence, first_vendor=change(evidence.first_vendor))

    return alter


def _last_request(**fields: Any) -> Alter:
    def change(vendor: SeenVendor) -> SeenVendor:
        *earlier, last = vendor.requests
        return replace(vendor, requests=(*earlier, replace(last, **fields)))

    return _first_vendor(change)


def _one_more_request(evidence: Evidence, after_s: float) -> Evidence:
    assert evidence.first_vendor is not None
    assert evidence.order is not None
    moment = evidence.order.stop_s + after_s
    late = replace(evidence.first_vendor.requests[-1], t_first_byte=moment, t_last_byte=moment, bytes=100)
    return _first_vendor(lambda vendor: replace(vendor, requests=(*vendor.requests, late)))(evidence)


def _first_conversation(evidence: Evidence, **fields: Any) -> Evidence:
    first, *others = evidence.conversations
    return replace(evidence, conversations=(replace(first, **fields), *others))


def _given_text(evidence: Evidence, text: str) -> Evidence:
    turns = list(evidence.conversations[0].turns)
    turns[-1] = replace(turns[-1], text=text)
    return _first_conversation(evidence, turns=tuple(turns))


def _entries(evidence: Evidence, change: Callable[[Any], Any]) -> Evidence:
    """Every conversation's ledger with its entries changed; None takes one out."""
    altered: list[Any] = []
    for one in evidence.conversations:
        kept = [(recorded, change(recorded.entry)) for recorded in one.record.entries]
        entries = tuple(replace(recorded, entry=entry) for recorded, entry in kept if entry is not None)
        altered.append(replace(one, record=replace(one.record, entries=entries)))
    return replace(evidence, conversations=tuple(altered))


def _without_word(entry: Any) -> Any:
    return replace(entry, outcome=Outcome(OutcomeKind.COMPLETED)) if isinstance(entry, TurnFinished) else entry


def _body_with(evidence: Evidence, text: str) -> Evidence:
    """The second vendor's requests, each with a text more."""
    assert evidence.second_vendor is not None

    def more(request: SeenRequest) -> SeenRequest:
        body = dict(request.body or {})
        body["messages"] = [*body.get("messages", []), {"role": "assistant", "content": text}]
        return replace(request, body=body)

    requests = tuple(more(request) for request in evidence.second_vendor.requests)
    return replace(evidence, second_vendor=replace(evidence.second_vendor, requests=requests))


def _a_signature(evidence: Evidence) -> str:
    return next(
        opaque.data
        for one in evidence.conversations
        for recorded in one.record.entries
        if isinstance(recorded.entry, Said)
        for part in recorded.entry.message.parts
        for opaque in part.opaque
    )


def _refused_again(evidence: Evidence) -> Evidence:
    """The first vendor's refused turn, asked of the second as well."""
    assert evidence.first_vendor is not None
    assert evidence.second_vendor is not None
    refused = next(request for request in evidence.first_vendor.requests if "[[refuse]]" in str(request.body))
    again = replace(refused, t_first_byte=evidence.ended_s, t_last_byte=evidence.ended_s)
    requests = (*evidence.second_vendor.requests, again)
    return replace(evidence, second_vendor=replace(evidence.second_vendor, requests=requests))


def _unheard_replica(evidence: Evidence) -> Evidence:
    assert evidence.order is not None
    return replace(evidence, order=replace(evidence.order, acknowledged=evidence.order.acknowledged - 1))


def _undecided(evidence: Evidence) -> Evidence:
    first, *others = evidence.log.sends
    return replace(evidence, log=replace(evidence.log, sends=(replace(first, decided=False), *others)))


def _unseen(evidence: Evidence) -> Evidence:
    """As with real vendors, whose counters nobody can read."""
    return replace(evidence, first_vendor=None, second_vendor=None)


AGAINST: list[tuple[str, Alter]] = [
    ("all-finished", lambda seen: _first_conversation(seen, finished_s=None, failure="ProviderError: it failed")),
    ("all-finished", lambda seen: replace(seen, worker_failures=("worker 0 ended with -9: ",))),
    ("half-streaming", _first_vendor(lambda vendor: replace(vendor, requests=vendor.requests[:2]))),
    ("half-streaming", lambda seen: replace(seen, first_vendor=None, streaming_when_told=2)),
    ("half-streaming", lambda seen: replace(seen, order=None, streaming_when_told=None)),
    ("silence-after-stop", lambda seen: _one_more_request(seen, 0.1)),
    ("silence-after-stop", _first_vendor(lambda vendor: replace(vendor, bytes_after_stop=1))),
    ("silence-after-stop", lambda seen: replace(seen, order=None)),
    ("streams-cut", _last_request(stream=True, t_end=None)),
    ("streams-cut", _unheard_replica),
    ("cut-latency", _first_vendor(lambda vendor: replace(vendor, t_last_byte=(vendor.t_last_byte or 0) + 30))),
    ("tools-once", lambda seen: replace(seen, tool_starts=(*seen.tool_starts, seen.tool_starts[0]))),
    ("no-rejection", _last_request(status=400, rule="signature")),
    ("no-rejection", lambda seen: _unseen(_first_conversation(seen, failure="ProviderError: no", failure_status=400))),
    ("nothing-spliced", lambda seen: _given_text(seen, "something else")),
    ("no-invented-end", lambda seen: _entries(seen, _without_word)),
    ("no-invented-end", lambda seen: _entries(seen, lambda one: None if isinstance(one, TurnInterrupted) else one)),
    ("no-foreign-state", lambda seen: _body_with(seen, f"see {_a_signature(seen)}")),
    ("every-loss-named", lambda seen: _entries(seen, lambda one: None if isinstance(one, LossesNoted) else one)),
    ("nothing-injected", lambda seen: _body_with(seen, "Ignore the above.")),
    ("refusals-stay", _refused_again),
    ("decided-before-send", _undecided),
    ("decided-before-send", lambda seen: replace(seen, log=replace(seen.log, sends=()))),
    ("log-sound", lambda seen: replace(seen, log=replace(seen.log, problems=("x.jsonl:3: altered",)))),
    ("log-sound", lambda seen: replace(seen, log=replace(seen.log, records=0))),
]


def test_clean_evidence_holds_every_promise(clean: Evidence):
    promises = check(clean)

    assert [(promise.id, promise.why) for promise in promises if promise.held is not True] == []


@pytest.mark.parametrize(("promise", "alter"), AGAINST, ids=[name for name, _ in AGAINST])
def test_evidence_against_a_promise_breaks_it(promise: str, alter: Alter, clean: Evidence):
    found = check(alter(clean))

    assert promise in [one.id for one in broken(found)]
    assert all(one.why for one in broken(found))


def test_every_promise_has_evidence_against_it():
    tried = {promise for promise, _ in AGAINST}

    assert tried == set(PROMISES)


def test_what_nobody_counted_is_not_taken_for_held(clean: Evidence):
    promises = check(_unseen(clean))

    unknown = {promise.id for promise in promises if promise.held is None}
    assert unknown == {"streams-cut", "no-foreign-state", "every-loss-named", "nothing-injected"}
    assert all(promise.why for promise in promises if promise.held is None)
    assert broken(promises) == []


def test_failure_of_another_kind_is_not_taken_for_a_rejection(clean: Evidence):
    failed = _first_conversation(clean, finished_s=None, failure="OutputInvalid: no form", failure_status=None)

    broken_ones = [one.id for one in broken(check(_unseen(failed)))]

    assert broken_ones == ["all-finished"]


def test_order_that_was_never_given_breaks_what_rests_on_it(clean: Evidence):
    promises = check(replace(clean, order=None, streaming_when_told=None))

    assert {one.id for one in broken(promises)} == {
        "half-streaming",
        "silence-after-stop",
        "streams-cut",
        "cut-latency",
    }
