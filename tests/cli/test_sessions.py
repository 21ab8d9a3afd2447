"""`offramp sessions`: what the ledger holds, without content; and erasing."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from offramp.contracts.ledger import Opened, Said, TurnFinished, TurnStarted
from offramp.sessions import open_ledger
from offramp.types import Message, Outcome, OutcomeKind, Text
from support.deployment import write_deployment

Call = Callable[..., Any]
SECRET = "the very words"


@pytest.fixture
def deployment(tmp_path: Path) -> Path:
    """A ledger with one finished conversation, and one whose turn has no end."""
    path = write_deployment(tmp_path, b_vendor="anthropic", b_model="claude-sonnet-5-5")
    asyncio.run(_fill(tmp_path))
    return path


async def _fill(folder: Path) -> None:
    ledger = open_ledger("sqlite:ledger.db", base=folder)
    begun = (Opened(mission="triage"), Said(Message("user", (Text(SECRET),))), TurnStarted(endpoint="a"))
    await ledger.append(
        "case-1", [*begun, TurnFinished(endpoint="a", outcome=Outcome(OutcomeKind.COMPLETED))], expected=0
    )
    await ledger.append("case-2", list(begun), expected=0)
    await ledger.aclose()


def test_all_conversations_are_listed_without_content(offramp: Call, deployment: Path):
    ran = offramp("sessions")

    assert ran.code == 0
    assert "case-1" in ran.out
    assert "case-2" in ran.out
    assert SECRET not in ran.out


def test_interrupted_shows_those_whose_turn_has_no_end(offramp: Call, deployment: Path):
    ran = offramp("sessions", "--interrupted", "--json")

    (found,) = ran.json["sessions"]
    assert (found["conversation"], found["status"], found["endpoint"]) == ("case-2", "running", "a")


def test_erase_removes_the_content_for_good(offramp: Call, deployment: Path, tmp_path: Path):
    ran = offramp("sessions", "erase", "case-1")

    statuses = {each["conversation"]: each["status"] for each in offramp("sessions", "--json").json["sessions"]}
    assert (ran.code, statuses["case-1"]) == (0, "erased")
    offramp("sessions", "erase", "case-2")
    assert all(SECRET.encode() not in path.read_bytes() for path in tmp_path.glob("ledger.db*"))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(["erase", "case-9"], "there is no conversation 'case-9'"), (["--config", "no.toml"], "no.toml")],
)
def test_a_mistake_ends_in_one_line(offramp: Call, deployment: Path, arguments: list[str], told: str):
    ran = offramp("sessions", *arguments)

    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert told in ran.err


@pytest.mark.parametrize(
    ("ledger", "told"),
    [('[ledger]\nurl = "memory:"', "ends with its process"), ('[ledger]\nurl = "sqlite:none.db"', "no ledger here")],
)
def test_a_ledger_that_cannot_be_read_ends_in_one_line(offramp: Call, tmp_path: Path, ledger: str, told: str):
    write_deployment(tmp_path, ledger=ledger, b_vendor="anthropic", b_model="claude-sonnet-5-5")

    ran = offramp("sessions")

    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert told in ran.err
