"""What queue and log keep of an approval: who approved which call, before its send, and no word of the request."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from offramp import GenerateRequest, user
from offramp.audit import verify
from offramp.contracts.clock import ManualClock
from offramp.contracts.oversight import ApprovalRequest
from offramp.oversight import canonical_request
from offramp.state import FileApprovalBook
from support.deployment import logged
from support.overseen import ROLE, Opens, asked

WAIT_S: Final = 60.0
NORMAL, FULL = 1, 2
"""As SQLite counts how sure it is that a transaction is on the disk."""


async def test_the_log_names_each_approval_before_its_send_and_verifies(opens: Opens):
    desk = await opens()
    needed = await asked(desk.mission)
    token = desk.grant(needed.request)
    await desk.mission.generate("Flood at the depot", approvals=[token])
    await desk.client.aclose()

    kinds = [line["kind"] for line in logged(desk.folder)]
    (approval,) = [line for line in logged(desk.folder) if line["kind"] == "approval"]

    assert kinds.index("approval") < kinds.index("sent")
    assert approval["detail"]["approval"] == needed.request
    assert approval["detail"]["digest"] == needed.digest
    assert "ann" not in approval["detail"]["by"]
    assert verify(desk.folder / "audit").problems == ()


async def test_neither_error_nor_log_nor_queue_quotes_the_request(opens: Opens):
    desk = await opens()
    needed = await asked(desk.mission, "Flood at Hollow Lane")
    token = desk.grant(needed.request)
    await desk.mission.generate("Flood at Hollow Lane", approvals=[token])
    await desk.client.aclose()

    kept = b"".join(file.read_bytes() for file in desk.folder.rglob("*") if file.is_file())

    assert "Hollow" not in f"{needed} {needed.reasons}"
    assert b"Hollow" not in kept
    assert token.encode() not in b"".join(file.read_bytes() for file in (desk.folder / "audit").iterdir())


async def test_content_is_kept_for_the_approver_alone_and_until_he_has_answered(opens: Opens):
    desk = await opens(more="approvals = { keep_content = true }\n")
    needed = await asked(desk.mission, "Flood at Hollow Lane")
    waiting = desk.queue.request(needed.request)
    assert waiting is not None

    desk.grant(needed.request)

    answered = desk.queue.request(needed.request)
    assert "Hollow Lane" in (waiting.content or "")
    assert desk.queue.keyed((waiting.content or "").encode()) == needed.digest
    assert answered is not None
    assert answered.content is None


async def test_what_was_granted_can_be_looked_up_for_thirty_days_and_a_denial_for_good(opens: Opens):
    clock = ManualClock(datetime(2026, 11, 26, tzinfo=UTC))
    desk = await opens(clock=clock)
    book = desk.queue
    granted, denied, unanswered = [filed(book, word) for word in ("granted", "denied", "unanswered")]
    book.rule(granted.id, state="granted", by="ann", token="t")
    book.rule(denied.id, state="denied", by="ann", token=None)

    clock.advance(WAIT_S + timedelta(days=30).total_seconds() - 1)
    filed(book, "another")
    assert {granted.id, denied.id, unanswered.id} <= {one.id for one in book.requests()}
    clock.advance(1)
    later = filed(book, "a later one")

    assert {one.id for one in book.requests()} & {granted.id, denied.id, unanswered.id} == {denied.id}
    assert book.request(later.id) == later


async def test_what_was_denied_is_not_asked_again_however_late(opens: Opens):
    clock = ManualClock(datetime(2026, 11, 26, tzinfo=UTC))
    book = (await opens(clock=clock)).queue
    denied, unanswered = filed(book, "denied"), filed(book, "unanswered")
    book.rule(denied.id, state="denied", by="ann", token=None)

    clock.advance(WAIT_S)

    assert (filed(book, "denied").id, filed(book, "denied").state) == (denied.id, "denied")
    assert filed(book, "unanswered").id != unanswered.id


async def test_content_is_gone_once_the_request_has_waited_for_its_time(opens: Opens):
    clock = ManualClock(datetime(2026, 11, 26, tzinfo=UTC))
    book = (await opens(clock=clock)).queue
    early = filed(book, "early", content="Flood")
    clock.advance(1)
    late = filed(book, "late", content="Fire")

    clock.advance(WAIT_S - 1)
    filed(book, "another")

    assert [(one.id, one.content) for one in book.requests()[:2]] == [(early.id, None), (late.id, "Fire")]


@pytest.mark.parametrize("what", ["ask", "rule", "spend"])
async def test_what_is_asked_ruled_and_used_up_is_on_the_disk_at_once(opens: Opens, what: str):
    file = (await opens()).file
    book = FileApprovalBook(file)
    request = filed(book, "a").id
    with file.writing():
        pass
    assert file.rows("PRAGMA synchronous") == [(NORMAL,)]

    match what:
        case "ask":
            filed(book, "b")
        case "rule":
            book.rule(request, state="granted", by="ann", token="t")
        case _:
            book.spend(request, call_id="c")

    assert file.rows("PRAGMA synchronous") == [(FULL,)]


async def test_looking_at_a_queue_that_nobody_has_used_makes_none(opens: Opens):
    desk = await opens()

    assert desk.queue.requests() == ()
    assert not desk.file.exists


def filed(book: FileApprovalBook, digest: str, *, content: str | None = None) -> ApprovalRequest:
    return book.file(mission="triage", role=ROLE, digest=digest, wait_s=WAIT_S, content=content)


async def test_a_short_prompt_cannot_be_tried_against_the_digest_of_its_approval(opens: Opens):
    secret, guesses = "4711", [f"{number:04}" for number in range(4600, 4800)]
    desk = await opens()
    request = (await asked(desk.mission, secret)).request
    await desk.mission.generate(secret, approvals=[desk.grant(request)])
    (filed,) = desk.queue.requests()
    log = "".join(file.read_text() for file in (desk.folder / "audit").glob("*.jsonl"))

    canonical = {guess: canonical_request("triage", "generate", request_of(guess), {}) for guess in guesses}
    found = [guess for guess, raw in canonical.items() for digest in digests_of(raw) if digest in filed.digest + log]

    assert found == []
    assert filed.digest.rpartition(":")[2] in log
    assert desk.queue.keyed(canonical[secret]) == filed.digest  # with the key of the store the same search finds it


def request_of(prompt: str) -> GenerateRequest:
    """As the encoder of the endpoint is handed it."""
    return GenerateRequest((user(prompt),))


def digests_of(raw: bytes) -> set[str]:
    """Every digest that somebody without the key of the store could make of it."""
    plain = [hashlib.new(name, raw).hexdigest() for name in ("md5", "sha1", "sha256", "sha512", "blake2b")]
    keyed = [hmac.new(key, raw, hashlib.sha256).hexdigest() for key in (b"", b"offramp", bytes(32))]
    return {*plain, *keyed}
