"""The log tells who was used, for what, since when."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from offramp.audit import DecisionLog, uses
from offramp.contracts.audit import Entry
from offramp.contracts.clock import ManualClock
from offramp.types import Identity, Selector

BOLT = Identity(endpoint="b", developer="bolt", host="cloud", model="b-1")


def test_uses_count_what_was_sent_refused_and_cut(
    log: DecisionLog, folder: Path, clock: ManualClock, permitted: Entry, sent: Entry, acme: Identity
):
    began = clock.now()
    log.append(permitted, sent)
    clock.advance(60)
    log.append(permitted, sent)
    log.append(Entry("decision", mission="triage", identity=acme, allowed=False))
    log.append(Entry("cut", mission="triage", identity=acme))
    log.append(replace(permitted, identity=BOLT), replace(sent, identity=BOLT))

    report = uses(folder, Selector("developer", "ACME"))

    (use,) = report.uses
    assert (use.sent, use.refused, use.cut) == (2, 1, 1)
    assert (use.first_sent, use.last_sent) == (began, began + timedelta(seconds=60))
    assert report.log.sound


def test_uses_go_by_any_part_of_the_identity_and_by_mission(log: DecisionLog, folder: Path, sent: Entry):
    log.append(sent)
    log.append(Entry("sent", mission="other", identity=BOLT))

    report = uses(folder, Selector("host", "cloud"))

    assert [(use.mission, use.developer) for use in report.uses] == [("triage", "acme"), ("other", "bolt")]


def test_uses_before_the_time_do_not_count(log: DecisionLog, folder: Path, clock: ManualClock, sent: Entry):
    log.append(sent)

    report = uses(folder, Selector("developer", "acme"), since=clock.now() + timedelta(seconds=1))

    assert report.uses == ()


def test_uses_of_a_harmed_log_say_so(log: DecisionLog, folder: Path, sent: Entry):
    log.append(sent)
    assert log.path is not None
    log.path.write_bytes(log.path.read_bytes().replace(b"triage", b"other."))

    assert not uses(folder, Selector("developer", "acme")).log.sound
