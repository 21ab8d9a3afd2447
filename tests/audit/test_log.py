"""The log holds every entry before `append` returns, in linked lines, without content; and refuses when it cannot."""

import asyncio
import json
import math
import os
import stat
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from offramp.audit import DecisionLog, verify
from offramp.contracts.audit import Entry
from offramp.contracts.clock import ManualClock
from offramp.contracts.policy import Decision, Reason
from offramp.errors import ConfigurationError, Prohibited, ProviderError, ProviderErrorKind, StateError
from offramp.types import (
    Identity,
    Loss,
    Origin,
    Outcome,
    OutcomeKind,
    Response,
    Severity,
    Text,
    Usage,
    assistant,
)

LOSS = Loss(code="seed", path="seed", action="dropped", severity=Severity.COSMETIC, why="no such field")


def lines(log: DecisionLog) -> list[dict[str, object]]:
    assert log.path is not None
    return [json.loads(line) for line in log.path.read_bytes().splitlines()]


def test_nothing_is_touched_before_the_first_entry(log: DecisionLog, folder: Path):
    log.close()

    assert not folder.exists()
    assert log.path is None


def test_an_entry_is_in_the_file_when_append_returns(log: DecisionLog, refused: Entry):
    log.append(refused)

    written = lines(log)[-1]
    assert written["kind"] == "decision"
    assert written["identity"] == {
        "developer": "acme",
        "host": "cloud",
        "model": "m-1",
        "endpoint": "a",
        "agreement": "gov-1",
    }
    assert (written["mission"], written["epoch"], written["call_id"]) == ("triage", 3, "c-1")


async def test_what_is_deferred_goes_out_with_the_next_line_and_before_it(log: DecisionLog, refused: Entry):
    log.append(refused)
    size = log_size(log)
    log.defer(replace(refused, call_id="deferred"))
    assert log_size(log) == size

    log.append(replace(refused, call_id="appended"))

    assert [line.get("call_id") for line in lines(log)[-2:]] == ["deferred", "appended"]


async def test_what_is_deferred_goes_out_by_itself_two_turns_later(log: DecisionLog, refused: Entry):
    log.append(refused)
    size = log_size(log)
    log.defer(replace(refused, call_id="deferred"))

    for _ in range(3):
        await asyncio.sleep(0)

    assert log_size(log) > size
    assert lines(log)[-1]["call_id"] == "deferred"


async def test_what_is_deferred_after_a_writing_has_two_turns_of_its_own(
    log: DecisionLog, refused: Entry, monkeypatch: pytest.MonkeyPatch
):
    log.append(refused)
    written, writings = os.write, list[int]()
    monkeypatch.setattr(os, "write", lambda descriptor, line: writings.append(len(line)) or written(descriptor, line))
    log.defer(replace(refused, call_id="first"))
    await asyncio.sleep(0)
    log.append(replace(refused, call_id="takes-it-along"))
    log.defer(replace(refused, call_id="second"))

    await asyncio.sleep(0)
    assert len(writings) == 1  # the turns of the first were over, and it had gone out already
    for _ in range(2):
        await asyncio.sleep(0)

    assert [line.get("call_id") for line in lines(log)[-3:]] == ["first", "takes-it-along", "second"]
    assert len(writings) == 2


def test_without_a_loop_nothing_is_deferred(log: DecisionLog, refused: Entry):
    log.append(refused)
    size = log_size(log)
    log.defer(refused)

    assert log_size(log) > size


async def test_closing_leaves_nothing_deferred(log: DecisionLog, refused: Entry, folder: Path):
    log.defer(refused)
    log.close()

    found = verify(folder)
    assert (found.sound, found.records) == (True, 3)


async def test_a_line_that_failed_is_forgotten_and_what_was_deferred_is_not(
    log: DecisionLog, refused: Entry, monkeypatch: pytest.MonkeyPatch, folder: Path
):
    log.append(refused)
    log.defer(replace(refused, call_id="deferred"))
    written = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, line: written(descriptor, line[:20]))
    with pytest.raises(StateError, match="nothing is sent"):
        log.append(replace(refused, call_id="never-sent"))
    with pytest.raises(StateError, match="nothing is sent"):
        log.defer(replace(refused, call_id="told-at-once"))
    monkeypatch.setattr(os, "write", written)
    log.append(replace(refused, call_id="later"))

    calls = [line.get("call_id") for line in lines(log) if line["kind"] == "decision"]
    assert calls == ["deferred", "later"]
    assert verify(folder).sound


def log_size(log: DecisionLog) -> int:
    (file,) = Path(log._folder).glob("*.jsonl")
    return file.stat().st_size


def test_each_line_names_its_own_identity_and_verdict(log: DecisionLog, refused: Entry):
    assert refused.identity is not None
    elsewhere = replace(refused.identity, region="eu")
    nobody = replace(refused, identity=None, allowed=None)
    for entry in (nobody, replace(refused, identity=elsewhere), replace(refused, allowed=True), refused):
        log.append(entry)

    written = lines(log)[1:]
    assert ["eu" in json.dumps(line.get("identity")) for line in written] == [False, True, False, False]
    assert [line.get("allowed") for line in written] == [None, False, True, False]
    assert "identity" not in written[0]


def test_each_line_holds_the_hash_of_the_one_before(log: DecisionLog, refused: Entry):
    for _ in range(3):
        log.append(refused)

    written = lines(log)
    assert [line["seq"] for line in written] == [1, 2, 3, 4]
    assert [line["prev"] for line in written[1:]] == [line["hash"] for line in written[:-1]]
    assert log.head == (4, written[-1]["hash"])


class YieldingClock(ManualClock):
    """Lets another thread go on in the middle of every entry."""

    def now(self) -> datetime:
        time.sleep(0)
        return super().now()


def test_threads_share_one_chain(refused: Entry, folder: Path):
    log = DecisionLog(folder, clock=YieldingClock())
    threads = [threading.Thread(target=lambda: [log.append(refused) for _ in range(25)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    found = verify(folder)
    assert (found.sound, found.files, found.records) == (True, 1, 101)


def test_a_forked_child_writes_a_file_of_its_own(log: DecisionLog, refused: Entry, folder: Path):
    log.append(refused)

    child = os.fork()
    if child == 0:
        log.append(refused)
        log.close()
        os._exit(0)
    os.waitpid(child, 0)
    log.append(refused)

    found = verify(folder)
    assert (found.sound, found.files, found.records) == (True, 2, 6)


@pytest.mark.parametrize("fsync", [False, True])
def test_a_full_disk_refuses_and_leaves_no_torn_line(
    folder: Path, refused: Entry, fsync: bool, monkeypatch: pytest.MonkeyPatch
):
    log = DecisionLog(folder, fsync=fsync)
    log.append(refused)
    written = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, line: written(descriptor, line[:20]))

    with pytest.raises(StateError, match="nothing is sent"):
        log.append(refused)
    monkeypatch.setattr(os, "write", written)
    log.append(refused)

    found = verify(folder)
    assert (found.sound, found.files) == (True, 2)


def test_a_folder_that_cannot_be_made_refuses(tmp_path: Path, refused: Entry):
    (tmp_path / "audit").write_text("a file")

    with pytest.raises(StateError, match="cannot be opened"):
        DecisionLog(tmp_path / "audit").append(refused)


@pytest.mark.parametrize(
    "entry",
    [
        Entry("outcome", detail={"text": "Flood at the depot"}),
        Entry("outcome", detail={"text": "x" * 201}),
        Entry("outcome", detail={"a prompt": 1}),
        Entry("decision", reasons=("because of this",)),
        Entry("sent", call_id="Flood at"),
    ],
)
def test_prose_is_refused_and_not_repeated(log: DecisionLog, entry: Entry):
    with pytest.raises(ConfigurationError, match="more than a code") as refused:
        log.append(entry)

    assert "Flood" not in str(refused.value)
    assert log.path is None


def test_a_decision_is_recorded_by_its_codes(log: DecisionLog, acme: Identity):
    reason = Reason(layer="vendor", effect="permit", clause="V1", text="A sentence about the terms.")
    decision = Decision(
        allowed=True,
        mission="triage",
        endpoint="a",
        at=datetime(2026, 11, 23, tzinfo=UTC),
        reasons=(reason,),
        digests=("d" * 64,),
        unreviewed=True,
    )

    log.append_decision(decision, identity=acme, call_id="c-1", epoch=4, losses=[LOSS, LOSS])

    written = lines(log)[-1]
    assert written["reasons"] == ["vendor:V1:permit"]
    assert written["detail"] == {"loss:seed:cosmetic": 2, "unreviewed": True}
    assert "sentence" not in json.dumps(written)


def test_an_outcome_is_recorded_without_its_text(log: DecisionLog, acme: Identity):
    response: Response[None] = Response(
        message=assistant(Text("the secret answer")),
        outcome=Outcome(OutcomeKind.COMPLETED),
        usage=Usage(input_tokens=3, output_tokens=0),
        origin=Origin(developer="acme", host="cloud", dialect="d", model="m 1\n", response_id="r-1"),
    )

    log.append_outcome(response, identity=acme, call_id="c-1")

    written = lines(log)[-1]
    assert written["detail"] == {
        "outcome": "completed",
        "served_model": None,
        "response_id": "r-1",
        "input_tokens": 3,
        "output_tokens": 0,
    }


@pytest.mark.parametrize(
    ("odd", "why"),
    [
        ({"outcome": Outcome("it said: your prompt")}, "ValueError"),
        ({"usage": Usage(input_tokens="your prompt")}, "TypeError"),
        ({"usage": Usage(output_tokens=math.nan)}, "TypeError"),
        ({"origin": Origin(developer="acme", host="acme", dialect="d", model=["your prompt"])}, "TypeError"),
        ({"origin": Origin(developer="acme", host="acme", dialect="d", model="m", response_id=7)}, "TypeError"),
        ({"losses": (replace(LOSS, code="your prompt"),)}, "ConfigurationError"),
    ],
)
def test_an_answer_of_a_provider_that_keeps_no_types_is_recorded_as_one_that_cannot_be(
    log: DecisionLog, acme: Identity, odd: dict[str, Any], why: str
):
    given: dict[str, Any] = {"message": assistant("your prompt"), "outcome": Outcome(OutcomeKind.COMPLETED), **odd}

    log.append_outcome(Response(**given), identity=acme, call_id="c-1")
    log.append(Entry("acknowledged"))

    odd_line, next_line = lines(log)[-2:]
    assert (odd_line["call_id"], odd_line["endpoint"]) == ("c-1", acme.endpoint)
    assert odd_line["detail"] == {"outcome": "unknown", "unrecordable": why}
    assert next_line["kind"] == "acknowledged"
    assert "prompt" not in json.dumps(odd_line)


async def test_what_one_turn_defers_is_written_with_its_own_times(tmp_path: Path, acme: Identity):
    clock = ManualClock(datetime(2026, 11, 27, 23, 59, 59, 999_999, tzinfo=UTC))
    log = DecisionLog(tmp_path, clock=clock)
    response = Response(assistant("a"), Outcome(OutcomeKind.COMPLETED))
    for _ in range(3):
        log.append_outcome(response, identity=acme)
        clock.advance(1)

    assert [line["at"] for line in lines(log)[-3:]] == [
        "2026-11-27T23:59:59.999999+00:00",
        "2026-11-28T00:00:00.999999+00:00",
        "2026-11-28T00:00:01.999999+00:00",
    ]


@pytest.mark.parametrize(
    ("error", "detail"),
    [
        (
            ProviderError("no", kind=ProviderErrorKind.SERVER, status=500, vendor_code="it said: your prompt"),
            {"error": "ProviderError", "error_kind": "server", "status": 500, "vendor_code": None},
        ),
        (Prohibited("no", selector="developer:acme", epoch=2), {"selector": "developer:acme", "order_epoch": 2}),
        (ValueError("your prompt"), {"error": "ValueError"}),
    ],
)
def test_a_failure_is_recorded_by_its_kind(
    log: DecisionLog, acme: Identity, error: Exception, detail: dict[str, object]
):
    log.append_failure(error, identity=acme)

    written = lines(log)[-1]["detail"]
    assert isinstance(written, dict)
    assert detail.items() <= written.items()
    assert "your prompt" not in json.dumps(written)


def test_a_pseudonym_is_the_same_in_every_process_and_reveals_no_name(folder: Path):
    word = DecisionLog(folder).pseudonym("alice@example.org")

    assert DecisionLog(folder).pseudonym("alice@example.org") == word
    assert DecisionLog(folder).pseudonym("bob@example.org") != word
    assert "alice" not in word
    assert stat.S_IMODE((folder / "salt").stat().st_mode) == 0o600
