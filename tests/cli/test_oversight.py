"""`offramp check` and `offramp status` say what people still have to do, and what is observed of a mission."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from offramp import PolicyDenied
from support.overseen import Desk, open_desk, write_approvers, write_overseen
from support.scripted_answers import said

Call = Callable[..., Any]


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANY_KEY", "k")


def write(folder: Path, **declared: Any) -> Desk:
    """A deployment whose endpoints have their keys."""
    path = write_overseen(folder, **declared)
    text = path.read_text("utf-8")
    path.write_text(text.replace('model = "claude', 'key.env = "ANY_KEY"\nmodel = "claude'), "utf-8")
    return open_desk(path, script=[said("dry feet")] * 9)


async def call(desk: Desk, *subjects: str) -> None:
    async with desk.client:
        for subject in subjects:
            try:
                await desk.mission.generate("hi", subject=subject)
            except PolicyDenied:
                continue


def obstacles(offramp: Call) -> list[str | None]:
    (mission,) = offramp("check", "--no-network", "--json").json["missions"]
    return [step["obstacle"] for step in mission["route"]]


def test_a_mission_that_nobody_supervises_goes_dark(offramp: Call, tmp_path: Path):
    desk = write(tmp_path, oversight="supervise")

    dark = offramp("check", "--no-network")
    desk.begin_watch("ann")
    lit = offramp("check", "--no-network")

    assert (dark.code, lit.code) == (1, 0)
    assert "offramp supervise triage --as NAME" in dark.out


@pytest.mark.parametrize("harm", ["none", "role"])
def test_a_mission_whose_calls_nobody_may_approve_goes_dark(offramp: Call, tmp_path: Path, harm: str):
    write(tmp_path, approvers=harm == "role")
    write_approvers(tmp_path, ann=["clerk"])

    assert obstacles(offramp) == ["oversight", "oversight"]


def test_a_mission_whose_calls_are_approved_says_so(offramp: Call, tmp_path: Path):
    write(tmp_path)

    ran = offramp("check", "--no-network")

    assert ran.code == 0
    assert "oversight: each call of triage waits for the approval of a duty officer" in ran.out


def test_alarms_are_shown_by_check_and_by_status(offramp: Call, tmp_path: Path):
    desk = write(tmp_path, oversight="advisory", scale="individual", bounds="\n[bounds]\nsubjects = 1\n")
    asyncio.run(call(desk, "ann", "ben"))

    checked, status = offramp("check", "--no-network"), offramp("status")

    for ran in (checked, status):
        assert "2 subjects were observed of triage, which declares 1; more are denied until" in ran.out


def test_status_shows_who_supervises_who_has_stopped_and_what_waits(offramp: Call, tmp_path: Path):
    desk = write(tmp_path)
    asyncio.run(call(desk, "ann"))
    desk.watches.begin("scout", by="ann")
    desk.watches.stop("triage", by="ben")

    found = offramp("status", "--json").json

    assert found["supervised"][0].startswith("ann supervises scout, last heard")
    assert any("triage was stopped by its supervisor ben" in one for one in found["warnings"])
    assert any("calls that wait for an approval: 1" in one for one in found["warnings"])


def test_a_harmed_book_does_not_hide_the_orders(offramp: Call, tmp_path: Path):
    desk = write(tmp_path)
    asyncio.run(call(desk, "ann"))
    (tmp_path / "state.db.oversight").write_bytes(b"\0" * 5000)

    ran = offramp("status")

    assert ran.code == 0
    assert "Nothing is prohibited." in ran.out
    assert "cannot be used" in ran.out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["scout", "--as", "ann"], "there is no mission 'scout'"),
        (["scout", "--as", "ann", "--stop"], "there is no mission 'scout'"),
        (["triage", "--as", "ann"], "does not declare that a person supervises it"),
    ],
)
def test_what_cannot_be_supervised_is_named(offramp: Call, tmp_path: Path, arguments: list[str], says: str):
    write(tmp_path, oversight="advisory")

    ran = offramp("supervise", *arguments)

    assert ran.code == 2
    assert says in ran.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--as", "ann"], "--key FILE"),
        (["--as", "ben", "--key", "ann.key"], "ann's, not ben's"),
        (["--as", " "], "named"),
    ],
)
def test_who_cannot_show_who_they_are_does_not_supervise(
    offramp: Call, tmp_path: Path, arguments: list[str], says: str
):
    desk = write(tmp_path, oversight="supervise")

    ran = offramp("supervise", "triage", *arguments)

    assert ran.code == 2
    assert says in ran.err
    assert desk.watches.standings() == {}


def test_anybody_may_stop_a_mission_without_a_key(offramp: Call, tmp_path: Path):
    desk = write(tmp_path, oversight="supervise")
    desk.begin_watch("ann")

    ran = offramp("supervise", "triage", "--as", "ben", "--stop")

    assert ran.code == 0
    assert desk.watches.standing("triage").stopped_by == "ben"
