"""`offramp approvals`: what waits, what it holds, and the answers; over the queue that a client has filled."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from offramp import ApprovalNeeded
from offramp.audit import verify
from support.overseen import ROLE, open_desk, write_approvers, write_overseen
from support.scripted_answers import said

Call = Callable[..., Any]
QUESTION = "Flood at Hollow Lane"


async def ask(path: Path, *approvals: str) -> str | None:
    """The request that a call leaves in the queue; None where it was answered."""
    async with open_desk(path, script=[said("dry feet")]).client as client:
        try:
            await client.mission("triage").generate(QUESTION, approvals=approvals)
        except ApprovalNeeded as needed:
            return needed.request
    return None


async def token_of(path: Path, request: str) -> str:
    async with open_desk(path).client as client:
        return await client.approval(request)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_overseen(tmp_path)


@pytest.fixture
def waiting(path: Path) -> str:
    request = asyncio.run(ask(path))
    assert request is not None
    return request


def test_a_waiting_call_is_listed_without_its_content(offramp: Call, waiting: str):
    ran = offramp("approvals", "list")
    (found,) = offramp("approvals", "list", "--json").json["requests"]

    assert waiting in ran.out
    assert (found["request"], found["state"], found["role"]) == (waiting, "pending", ROLE)
    assert "Hollow" not in ran.out


def test_where_nothing_waits_nothing_is_made(offramp: Call, path: Path):
    ran = offramp("approvals", "list")

    assert ran.code == 0
    assert "No call waits" in ran.out
    assert not list(path.parent.glob("*.oversight*"))


def test_a_granted_call_is_made_and_stands_in_the_log(offramp: Call, path: Path, waiting: str):
    ran = offramp("approvals", "grant", waiting, "--key", "ann.key", "--for", "1h")

    token = asyncio.run(token_of(path, waiting))
    assert (ran.code, asyncio.run(ask(path, token))) == (0, None)
    assert "ann (duty officer) approves" in ran.out
    assert verify(path.parent / "audit").problems == ()
    assert token not in "".join(file.read_text() for file in (path.parent / "audit").glob("*.jsonl"))


def test_a_denied_call_stays_denied(offramp: Call, path: Path, waiting: str):
    ran = offramp("approvals", "deny", waiting, "--by", "ann")
    after = offramp("approvals", "grant", waiting, "--key", "ann.key")
    (found,) = offramp("approvals", "list", "--all", "--json").json["requests"]

    assert ran.code == 0
    assert after.code == 2
    assert "answered before" in after.err
    assert (found["state"], found["by"]) == ("denied", "ann")


def test_who_lacks_the_role_cannot_grant(offramp: Call, path: Path, waiting: str):
    write_approvers(path.parent, ann=["clerk"], ben=[ROLE])

    ran = offramp("approvals", "grant", waiting, "--key", "ann.key")

    assert ran.code == 2
    assert "does not have the role" in ran.err


def test_a_strangers_key_cannot_grant(offramp: Call, path: Path, waiting: str):
    write_approvers(path.parent, ben=[ROLE])

    ran = offramp("approvals", "grant", waiting, "--key", "ann.key")

    assert ran.code == 2
    assert "belongs to nobody" in ran.err


@pytest.mark.parametrize("word", ["15", "0m", "m", "1y", "-5m", ""])
def test_a_length_of_time_that_is_none_is_named(offramp: Call, waiting: str, word: str):
    ran = offramp("approvals", "grant", waiting, "--key", "ann.key", "--for", word)

    assert ran.code == 2
    assert "--for" in ran.err


def test_an_unknown_request_is_named(offramp: Call, path: Path):
    ran = offramp("approvals", "show", "feed")

    assert ran.code == 2
    assert "offramp approvals list" in ran.err


def test_show_says_that_the_content_is_not_kept(offramp: Call, waiting: str):
    ran = offramp("approvals", "show", waiting)

    assert "keep_content" in ran.out
    assert "Hollow" not in ran.out


def test_show_prints_the_very_content_that_is_signed(offramp: Call, tmp_path: Path):
    path = write_overseen(tmp_path, more="approvals = { keep_content = true }\n")
    request = asyncio.run(ask(path))

    ran = offramp("approvals", "show", str(request))
    shown = offramp("approvals", "show", str(request), "--json").json

    assert QUESTION in ran.out
    assert shown["content"][:3] == ["offramp-request/1", "triage", "generate"]


def test_content_that_was_exchanged_is_neither_shown_nor_signed(offramp: Call, tmp_path: Path):
    path = write_overseen(tmp_path, more="approvals = { keep_content = true }\n")
    request = asyncio.run(ask(path))
    desk = open_desk(path)
    with desk.file.writing() as connection:
        connection.execute("UPDATE requests SET content='[\"harmless\"]'")

    shown = offramp("approvals", "show", str(request))
    granted = offramp("approvals", "grant", str(request), "--key", "ann.key")

    assert (shown.code, granted.code) == (2, 2)
    assert "not that of the request" in granted.err
