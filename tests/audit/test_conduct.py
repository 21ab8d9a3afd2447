"""A send without its own allow, or against an order, is told; so is a call of which the log tells no end."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from offramp.audit import DecisionLog, verify
from offramp.audit.records import FIRST, link
from offramp.contracts.audit import Detail, Entry
from offramp.contracts.clock import ManualClock
from offramp.types import Identity

END = Entry("outcome", endpoint="a", call_id="c-1")


def order(epoch: int, state: str, selector: str = "developer:acme", **detail: Detail) -> Entry:
    return Entry("order", epoch=epoch, detail={"order": f"o-{epoch}", "state": state, "selector": selector, **detail})


def kinds(folder: Path) -> set[str]:
    return {problem.kind for problem in verify(folder).problems}


def test_a_whole_call_is_sound_and_leaves_nothing_unknown(
    folder: Path, log: DecisionLog, permitted: Entry, sent: Entry
):
    log.append(permitted, sent, END)

    found = verify(folder)
    assert (found.problems, found.unknown) == ((), ())


def test_a_send_without_an_allow_is_told(folder: Path, log: DecisionLog, refused: Entry, sent: Entry):
    log.append(refused, sent, END)

    assert kinds(folder) == {"undecided"}


@pytest.mark.parametrize("other", [{"call_id": "c-2"}, {"endpoint": "b"}])
def test_another_call_s_allow_does_not_serve(
    folder: Path, log: DecisionLog, permitted: Entry, sent: Entry, other: dict[str, str]
):
    log.append(replace(permitted, **other), sent, END)

    assert kinds(folder) == {"undecided"}


def test_an_allow_serves_for_one_send(folder: Path, log: DecisionLog, permitted: Entry, sent: Entry):
    log.append(permitted, sent, sent, END)

    assert kinds(folder) == {"undecided"}


def test_an_allow_behind_its_send_does_not_serve(folder: Path, log: DecisionLog, permitted: Entry, sent: Entry):
    log.append(sent, permitted, END)

    assert kinds(folder) == {"undecided"}


def test_an_allow_that_names_no_contract_is_told(folder: Path, log: DecisionLog, permitted: Entry, sent: Entry):
    log.append(replace(permitted, digests=()), sent, END)

    assert kinds(folder) == {"no_contract"}


def test_an_allow_and_its_send_may_stand_in_two_files(folder: Path, clock: ManualClock, permitted: Entry, sent: Entry):
    """The disk was full in between: the log goes on in a new file."""
    for entries in ((permitted,), (sent, END)):
        log = DecisionLog(folder, clock=clock)
        log.append(*entries)
        log.close()
        clock.advance(1)

    assert kinds(folder) == set()


@pytest.mark.parametrize("was_sent", [False, True])
def test_a_call_without_an_end_is_unknown(
    folder: Path, log: DecisionLog, permitted: Entry, sent: Entry, was_sent: bool
):
    log.append(permitted, *([sent] if was_sent else []))

    found = verify(folder)
    (unknown,) = found.unknown
    assert (found.problems, unknown.line, unknown.call_id, unknown.endpoint, unknown.sent) == (
        (),
        2,
        "c-1",
        "a",
        was_sent,
    )
    assert "how it ended is unknown" in str(unknown)


def test_each_attempt_of_a_call_has_an_end_of_its_own(folder: Path, log: DecisionLog, permitted: Entry, sent: Entry):
    failure = Entry("failure", endpoint="a", call_id="c-1")
    log.append(permitted, sent, failure, permitted, sent, END)
    assert verify(folder).unknown == ()

    log.append(permitted, sent, permitted, sent, END)
    assert [one.line for one in verify(folder).unknown] == [8]


SENT_AT = 3
"""Epoch of the fixture's send."""


@pytest.mark.parametrize(
    ("orders", "is_told"),
    [
        ([order(3, "prohibited")], True),
        ([order(3, "prohibited", "endpoint:b")], False),
        ([order(3, "prohibited", traffic=False)], False),
        ([order(4, "prohibited")], False),
        ([order(2, "prohibited"), order(3, "allowed")], False),
        ([order(2, "prohibited"), order(3, "prohibited", "endpoint:b")], True),
        ([order(2, "allowed"), order(3, "prohibited")], True),
        ([order(2, "prohibited")], False),  # the log lacks order 3, which may have lifted it
        ([order(3, "notice", notice_until="2020-01-01T00:00:00+00:00")], True),
        ([order(3, "notice", notice_until="2999-01-01T00:00:00+00:00")], False),
        ([order(3, "prohibited", "nonsense")], False),
    ],
)
def test_a_send_against_an_order_that_its_sender_knew_is_told(
    folder: Path, log: DecisionLog, permitted: Entry, sent: Entry, orders: list[Entry], is_told: bool
):
    assert sent.epoch == SENT_AT
    log.append(*orders, permitted, sent, END)

    assert kinds(folder) == ({"after_order"} if is_told else set())


@pytest.mark.parametrize(("later", "is_told"), [(1.9, False), (2.1, True)])
def test_a_sender_that_does_not_know_an_order_has_two_seconds(
    folder: Path, log: DecisionLog, clock: ManualClock, permitted: Entry, sent: Entry, later: float, is_told: bool
):
    log.append(order(4, "prohibited"))
    clock.advance(timedelta(seconds=later).total_seconds())
    log.append(permitted, sent, END)

    assert kinds(folder) == ({"after_order"} if is_told else set())


def test_an_order_s_own_refusal_tells_of_it_where_no_line_does(
    folder: Path, log: DecisionLog, permitted: Entry, sent: Entry, refused: Entry
):
    log.append(replace(refused, reasons=("order:o-3:prohibited",)), permitted, sent, END)
    assert kinds(folder) == {"after_order"}

    log.append(replace(permitted, epoch=4), replace(sent, epoch=4), END)
    assert [problem.line for problem in verify(folder).problems] == [4]


@pytest.mark.parametrize(
    "content",
    [
        '"kind":"sent","identity":[1],"endpoint":"a"',
        '"kind":"sent","identity":{"developer":"acme"},"endpoint":"a"',
        '"kind":"decision","allowed":false,"reasons":7,"epoch":1',
        '"kind":"decision","allowed":true,"call_id":{"a":1}',
        '"kind":"order","detail":7',
        '"kind":"order","epoch":"x","detail":{"selector":"developer:acme","state":"prohibited"}',
        '"kind":"sent","epoch":"x","identity":{"endpoint":"a","developer":"acme","host":"h","model":"m"}',
    ],
)
def test_a_record_of_no_known_form_is_a_problem_and_no_error(folder: Path, acme: Identity, content: str):
    folder.mkdir()
    at, name = "2026-11-26T00:00:00+00:00", "20261126T000000.000000Z-1-abcdef.jsonl"
    first, last = link(f'"kind":"opened","detail":{{"file":"{name}"}}', seq=1, at=at, prev=FIRST)
    order = '"kind":"order","epoch":1,"detail":{"selector":"developer:acme","state":"prohibited"}'
    second, last = link(order, seq=2, at=at, prev=last)
    third, _ = link(content, seq=3, at=at, prev=last)
    (folder / name).write_bytes(first + second + third)

    found = verify(folder)
    assert found.problems or found.unknown or "order" in content


def approval(name: str = "r-1", call_id: str = "c-1") -> Entry:
    detail: dict[str, Detail] = {"approval": name, "digest": "hmac-sha256:0", "by": "hmac:0"}
    return Entry("approval", mission="triage", endpoint="a", call_id=call_id, detail=detail)


SUPERVISED = Entry("supervision", endpoint="a", call_id="c-1", detail={"watch": 1, "by": "hmac:0"})


def test_a_send_with_its_approval_and_supervisor_before_it_is_sound(
    folder: Path, log: DecisionLog, permitted: Entry, sent: Entry
):
    log.append(replace(permitted, detail={"approvals": 1, "supervisors": 1}), SUPERVISED, approval(), sent, END)

    assert kinds(folder) == set()


@pytest.mark.parametrize(
    ("needed", "between", "kind"),
    [
        ({"approvals": 1}, (), "unapproved"),
        ({"approvals": 2}, (approval(),), "unapproved"),
        ({"approvals": 1}, (approval(call_id="c-2"),), "unapproved"),
        ({"supervisors": 1}, (), "unsupervised"),
        ({"supervisors": 1}, (approval(),), "unsupervised"),
    ],
)
def test_a_send_that_lacks_what_people_owe_it_is_told(  # each is a part of the log
    folder: Path,
    log: DecisionLog,
    permitted: Entry,
    sent: Entry,
    needed: dict[str, Detail],
    between: tuple[Entry, ...],
    kind: str,
):
    log.append(replace(permitted, detail=needed), *between, sent, END)

    assert kinds(folder) == {kind}


def test_an_approval_behind_its_send_does_not_serve(folder: Path, log: DecisionLog, permitted: Entry, sent: Entry):
    log.append(replace(permitted, detail={"approvals": 1}), sent, approval(), END)

    assert kinds(folder) == {"unapproved"}


def test_an_approval_of_two_calls_is_told_wherever_they_stand(
    folder: Path, clock: ManualClock, permitted: Entry, sent: Entry
):
    for call_id in ("c-1", "c-2"):
        log = DecisionLog(folder, clock=clock)
        decided = replace(permitted, call_id=call_id, detail={"approvals": 1})
        log.append(decided, approval(call_id=call_id), replace(sent, call_id=call_id), replace(END, call_id=call_id))
        log.close()
        clock.advance(1)

    assert kinds(folder) == {"approved_twice", "unapproved"}


def test_a_retry_of_one_call_uses_its_approval_again(folder: Path, log: DecisionLog, permitted: Entry, sent: Entry):
    once = (replace(permitted, detail={"approvals": 1}), approval(), sent)
    log.append(*once, Entry("failure", endpoint="a", call_id="c-1"), *once, END)

    assert kinds(folder) == set()
