"""An approval that is used up, expired, changed, of another call, or by somebody who may not approve sends nothing."""

import base64
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from offramp import ApprovalNeeded, PolicyDenied, user
from offramp.contracts.clock import ManualClock
from offramp.state import StateGate
from support.overseen import ROLE, Opens, asked, open_desk, sunny, write_approvers, write_overseen
from support.scripted_answers import said


async def test_an_approval_is_used_up_after_a_restart_too(opens: Opens, state: str):
    desk = await opens(state=state)
    approval = desk.grant((await asked(desk.mission)).request)
    await desk.mission.generate("Flood at the depot", approvals=[approval])
    await desk.client.aclose()

    again = await opens(again=True)

    with pytest.raises(PolicyDenied, match="used for another call"):
        await again.mission.generate("Flood at the depot", approvals=[approval])
    assert again.sent == 0


async def test_what_was_used_is_refused_before_anybody_is_connected_to(opens: Opens, monkeypatch: pytest.MonkeyPatch):
    desk = await opens()
    approval = desk.grant((await asked(desk.mission)).request)
    await desk.mission.generate("Flood at the depot", approvals=[approval])
    monkeypatch.setattr(StateGate, "admit", None)

    with pytest.raises(PolicyDenied, match="used for another call"):
        await desk.mission.generate("Flood at the depot", approvals=[approval])


async def test_a_lost_file_voids_what_was_granted_instead_of_forgetting_what_was_used(opens: Opens):
    desk = await opens()
    token = desk.grant((await asked(desk.mission)).request)
    await desk.mission.generate("Flood at the depot", approvals=[token])
    for file in desk.folder.glob("state.db.oversight*"):
        file.unlink()

    with pytest.raises(PolicyDenied):
        await desk.mission.generate("Flood at the depot", approvals=[token])

    assert desk.sent == 1


CHANGES: dict[str, Any] = {
    "another question": ("Fire at the depot", {}),
    "another setting": ("Flood at the depot", {"settings": {"temperature": 0.5}}),
    "a system prompt": ("Flood at the depot", {"system": "Be brief."}),
    "a tool": ("Flood at the depot", {"tools": [sunny]}),
    "a history": ([user("Flood at the depot"), user("Flood at the depot")], {}),
    "another form of answer": ("Flood at the depot", {"output": int}),
    "an option of the vendor's": ("Flood at the depot", {"vendor_options": {"anthropic_messages": {"x": 1}}}),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_an_approval_of_one_call_serves_no_other(opens: Opens, change: str):
    desk = await opens()
    approval = desk.grant((await asked(desk.mission)).request)
    question, options = CHANGES[change]

    other = await asked(desk.mission, question, approvals=[approval], **options)

    assert "for other calls" in str(other)
    assert len(desk.queue.requests()) == 2
    assert desk.sent == 0


async def test_an_approval_to_count_tokens_is_none_to_generate(opens: Opens):
    desk = await opens()
    with pytest.raises(ApprovalNeeded) as caught:
        await desk.mission.count_tokens("Flood at the depot")
    approval = desk.grant(caught.value.request)

    await asked(desk.mission, approvals=[approval])

    assert desk.sent == 0


def forged(token: str, place: int, word: str) -> str:
    message, signature = token.split(".")
    words = json.loads(base64.urlsafe_b64decode(message + "=="))
    words[place] = word
    changed = json.dumps(words, separators=(",", ":")).encode()
    return f"{base64.urlsafe_b64encode(changed).decode().rstrip('=')}.{signature}"


SCHEMA, ID, STORE, MISSION, ASKED_ROLE, DIGEST, APPROVER, GRANTED, EXPIRES = range(9)
LATER = (datetime.now(UTC) + timedelta(days=300)).isoformat()


@pytest.mark.parametrize(
    ("place", "word"),
    [
        (SCHEMA, "offramp-approval/2"),
        (ID, "0" * 16),
        (STORE, "0" * 32),
        (MISSION, "scout"),
        (ASKED_ROLE, "clerk"),
        (DIGEST, "hmac-sha256:" + "0" * 64),
        (APPROVER, "ben"),
        pytest.param(GRANTED, LATER, id="granted-later"),  # a moment is no name: each process has another
        pytest.param(EXPIRES, LATER, id="expires-later"),
    ],
)
async def test_a_changed_word_makes_an_approval_void(opens: Opens, place: int, word: str):
    desk = await opens()
    token = desk.grant((await asked(desk.mission)).request)

    with pytest.raises(PolicyDenied):
        await desk.mission.generate("Flood at the depot", approvals=[forged(token, place, word)])

    assert desk.sent == 0


@pytest.mark.parametrize("token", ["", ".", "x.y", "a.b.c", "e30.e30", "bnVsbA.AA", "é", "W10." + "A" * 86])
async def test_what_is_no_approval_is_refused_as_such(opens: Opens, token: str):
    desk = await opens()

    with pytest.raises(PolicyDenied, match="is none, or not whole"):
        await desk.mission.generate("Flood at the depot", approvals=[token])


async def test_an_expired_approval_does_not_hold(opens: Opens):
    clock = ManualClock(datetime.now(UTC))
    desk = await opens(clock=clock)
    token = desk.grant((await asked(desk.mission)).request, lifetime=timedelta(minutes=5))
    clock.advance(300)

    with pytest.raises(PolicyDenied, match="expired"):
        await desk.mission.generate("Flood at the depot", approvals=[token])


async def test_who_is_no_approver_any_more_has_approved_nothing(opens: Opens):
    desk = await opens()
    token = desk.grant((await asked(desk.mission)).request)
    write_approvers(desk.folder, ben=[ROLE])

    with pytest.raises(PolicyDenied, match="not among those who may approve"):
        await desk.mission.generate("Flood at the depot", approvals=[token])


async def test_a_role_that_was_taken_away_approves_nothing(opens: Opens):
    desk = await opens()
    token = desk.grant((await asked(desk.mission)).request)
    write_approvers(desk.folder, ann=["clerk"])

    with pytest.raises(PolicyDenied, match="does not have the role"):
        await desk.mission.generate("Flood at the depot", approvals=[token])


async def test_a_key_past_its_day_approves_nothing(opens: Opens):
    desk = await opens()
    token = desk.grant((await asked(desk.mission)).request)
    write_approvers(desk.folder, ann=[ROLE], valid_until=date(2026, 1, 1))

    with pytest.raises(PolicyDenied, match="was valid until"):
        await desk.mission.generate("Flood at the depot", approvals=[token])


async def test_another_deployment_takes_no_approval_of_this_one(opens: Opens, tmp_path: Path):
    desk = await opens()
    token = desk.grant((await asked(desk.mission)).request)
    (tmp_path / "other").mkdir()
    path = write_overseen(tmp_path / "other")
    for name in ("ann.key", "ann.pub", "approvers.toml"):
        (path.parent / name).write_bytes((desk.folder / name).read_bytes())

    async with open_desk(path, script=[said("no")]).client as other:
        with pytest.raises(PolicyDenied):
            await other.mission("triage").generate("Flood at the depot", approvals=[token])
