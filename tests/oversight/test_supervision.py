"""Where a mission declares that a person supervises, nothing is sent unless one does, and a stop cuts what is open."""

# ruff: noqa: PT012  # what is raised while a stream is read needs the stream around it
import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp import (
    Batch,
    Client,
    ConfigurationError,
    Interrupted,
    Outcome,
    OutcomeKind,
    PartEnd,
    PartStart,
    PolicyDenied,
    ResponseEnd,
    ResponseStart,
    Text,
    TextDelta,
    load_config,
)
from offramp.audit import verify
from offramp.contracts.clock import ManualClock
from offramp.contracts.oversight import OversightNeed, Watch, WatchStanding
from offramp.contracts.scripted import Step
from offramp.oversight import BEATS, LONGEST_WATCH, beat_every_s, live_watch
from support.overseen import ROLE, Desk, open_desk, said, write_approvers, write_overseen

Opens = Callable[..., Any]
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
HELD_S = 20.0
"""The longest that a test waits for another process."""


def held_after(text: str) -> list[Step]:
    """A stream that says this, and then waits for good."""
    begun = Batch((ResponseStart(), PartStart(0, Text(""))))
    return [begun, Batch((TextDelta(0, text),)), asyncio.Event(), Batch((PartEnd(0), ResponseEnd(DONE)))]


DONE = Outcome(OutcomeKind.COMPLETED)


async def test_nothing_is_sent_while_nobody_supervises(opens: Opens, state: str):
    desk = await opens(oversight="supervise", state=state)

    with pytest.raises(PolicyDenied, match="nobody does now") as caught:
        await desk.mission.generate("Flood at the depot")

    assert "offramp supervise triage --as NAME" in (caught.value.mend or "")
    assert desk.sent == 0


async def test_a_supervised_mission_sends(opens: Opens, state: str):
    desk = await opens(oversight="supervise", state=state)

    async with desk.client.supervise("triage", by="ann", key=desk.folder / "ann.key") as watch:
        answer = await desk.mission.generate("Flood at the depot")
        assert watch.live
    with pytest.raises(PolicyDenied):
        await desk.mission.generate("Flood at the depot")

    assert answer.text == "dry feet"
    assert desk.sent == 1


async def test_a_heartbeat_older_than_the_reaction_time_denies(opens: Opens):
    clock = ManualClock(datetime.now(UTC))
    desk = await opens(oversight="supervise", reaction_time_s=30.0, clock=clock)
    watch = desk.begin_watch("ann")
    clock.advance(30)
    await desk.mission.generate("still in time")
    clock.advance(0.1)

    with pytest.raises(PolicyDenied):
        await desk.mission.generate("too late")
    assert desk.watches.beat(watch)
    await desk.mission.generate("there again")

    assert desk.sent == 2


async def test_a_stop_denies_whoever_else_still_watches(opens: Opens):
    desk = await opens(oversight="supervise")
    write_approvers(desk.folder, ann=[ROLE], ben=[ROLE])
    ann, ben = desk.begin_watch("ann"), desk.begin_watch("ben")
    desk.watches.stop("triage", by="ann")

    with pytest.raises(PolicyDenied, match="ann has stopped it"):
        await desk.mission.generate("Flood at the depot")

    assert (desk.watches.beat(ann), desk.watches.beat(ben)) == (False, False)


async def test_only_a_new_watch_lifts_a_stop(opens: Opens):
    desk = await opens(oversight="supervise")
    write_approvers(desk.folder, ann=[ROLE], ben=[ROLE])
    old = desk.begin_watch("ben")
    desk.watches.stop("triage", by="ann")
    desk.begin_watch("ann")

    await desk.mission.generate("Flood at the depot")

    assert not desk.watches.beat(old)
    assert [one.by for one in desk.watches.standing("triage").watches] == ["ann"]


async def test_a_stop_cuts_an_open_stream_and_nobody_else_is_asked(opens: Opens):
    desk = await opens(oversight="supervise")
    desk.a.script[:] = [held_after("half of")]
    case = desk.mission.session("case-17")

    key = desk.folder / "ann.key"

    with pytest.raises(Interrupted) as caught:
        async with desk.client.supervise("triage", by="ann", key=key) as watch, case.stream("hi") as stream:
            async for _ in stream.text:
                await watch.stop()
    with pytest.raises(PolicyDenied, match="ann has stopped it"):
        await case.resume()

    assert caught.value.partial is not None
    assert caught.value.partial.text == "half of"
    assert desk.sent == 1


async def test_a_stream_whose_supervisor_falls_silent_is_cut(opens: Opens):
    clock = ManualClock(datetime.now(UTC))
    desk = await opens(oversight="supervise", clock=clock)
    desk.a.script[:] = [held_after("half of")]
    desk.begin_watch("ann")

    with pytest.raises(Interrupted, match="nobody supervises it any more"):
        async with desk.mission.session("case-17").stream("hi") as stream:
            async for _ in stream.text:
                clock.advance(31)


async def test_another_missions_supervisor_counts_for_nothing(opens: Opens):
    desk = await opens(oversight="supervise")
    desk.begin_watch("ann", mission="scout")

    with pytest.raises(PolicyDenied):
        await desk.mission.generate("Flood at the depot")


async def test_a_watch_on_somebody_s_word_counts_only_where_no_approvers_are_named(opens: Opens):
    desk = await opens(oversight="supervise")
    desk.watches.begin("triage", by="ann")
    with pytest.raises(PolicyDenied):
        await desk.mission.generate("hi")
    await desk.client.aclose()

    other = await opens(oversight="supervise", approvers=False)
    await other.mission.generate("hi")

    assert other.sent == 1


@pytest.mark.parametrize("harm", ["role", "trust", "mission", "name", "instant"])
async def test_a_watch_that_its_signature_does_not_cover_counts_for_nothing(opens: Opens, harm: str):
    desk = await opens(oversight="supervise")
    write_approvers(desk.folder, ann=[ROLE], ben=[ROLE])
    desk.begin_watch("ann", mission="scout" if harm == "mission" else "triage")
    if harm in ("role", "trust"):
        write_approvers(desk.folder, **({"ann": ["clerk"]} if harm == "role" else {"ben": [ROLE]}))
    earlier = datetime.now(UTC) - timedelta(seconds=5)
    changes = {"mission": "mission='triage'", "name": "by='ben'", "instant": f"at='{earlier.isoformat()}'"}
    if harm in changes:
        with desk.file.writing() as connection:
            connection.execute(f"UPDATE watches SET {changes[harm]}")  # noqa: S608  # our own words

    with pytest.raises(PolicyDenied, match="nobody does now"):
        await desk.mission.generate("hi")

    assert desk.sent == 0


async def test_a_person_watches_for_twelve_hours_at_most(opens: Opens):
    clock = ManualClock(datetime.now(UTC))
    desk = await opens(oversight="supervise", clock=clock)
    watch = desk.begin_watch("ann")
    clock.advance(LONGEST_WATCH.total_seconds() - 1)
    desk.watches.beat(watch)
    await desk.mission.generate("in the last second")
    clock.advance(1)
    desk.watches.beat(watch)

    with pytest.raises(PolicyDenied):
        await desk.mission.generate("too late")


@pytest.mark.parametrize(
    ("by", "key", "says"), [("ann", None, "is signed where approvers"), ("ben", "ann.key", "the key is ann's")]
)
async def test_who_cannot_show_who_they_are_does_not_begin(opens: Opens, by: str, key: str | None, says: str):
    desk = await opens(oversight="supervise")

    with pytest.raises(ConfigurationError, match=says):
        await desk.client.supervise("triage", by=by, key=desk.folder / key if key else None).__aenter__()

    assert desk.watches.standings() == {}


async def test_the_log_names_who_supervised_each_send(opens: Opens):
    desk = await opens(oversight="supervise")
    async with desk.client.supervise("triage", by="ann", key=desk.folder / "ann.key"):
        await desk.mission.generate("Flood at the depot")
    await desk.client.aclose()

    files = sorted((desk.folder / "audit").glob("*.jsonl"))
    lines = [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]
    supervised = [line for line in lines if line["kind"] == "supervision"]

    assert [line["detail"].get("action") for line in supervised] == ["begin", None, "leave"]
    assert len({line["detail"]["by"] for line in supervised}) == 1
    assert "ann" not in supervised[0]["detail"]["by"]
    assert verify(desk.folder / "audit").problems == ()


async def test_a_mission_that_declares_no_supervision_has_none(opens: Opens):
    desk = await opens(oversight="advisory")

    with pytest.raises(ConfigurationError, match="does not declare"):
        desk.client.supervise("triage", by="ann")


async def test_a_supervisor_has_a_name(opens: Opens):
    desk = await opens(oversight="supervise")

    with pytest.raises(ConfigurationError, match="nobody is named"):
        desk.client.supervise("triage", by=" ")


def test_the_blocking_client_supervises_too(tmp_path: Path):
    path = write_overseen(tmp_path, oversight="supervise")
    desk = open_desk(path, script=[said("dry feet")])
    with Client(load_config(path), providers={"a": desk.a, "b": desk.b}) as client:
        with client.supervise("triage", by="ann", key=tmp_path / "ann.key") as watch:
            answer = client.mission("triage").generate("Flood at the depot")
            watch.stop()
        with pytest.raises(PolicyDenied, match="ann has stopped it"):
            client.mission("triage").generate("Flood at the depot")

    assert answer.text == "dry feet"


def needing(reaction_s: float) -> OversightNeed:
    return OversightNeed(level="supervise", mission="triage", role=ROLE, reaction_time_s=reaction_s)


def watched(*, beat_at: datetime, monotonic_s: float) -> WatchStanding:
    return WatchStanding((Watch(1, by="ann", since=NOON, beat_at=beat_at, beat_monotonic_s=monotonic_s),))


@given(wall_s=st.floats(-1e5, 1e5), elapsed_s=st.floats(-1e5, 1e5), reaction_s=st.floats(0.1, 1e4))
def test_a_watch_is_live_only_where_both_clocks_say_that_it_is_fresh(
    wall_s: float, elapsed_s: float, reaction_s: float
):
    standing = watched(beat_at=NOON, monotonic_s=5e5)
    now = NOON + timedelta(seconds=wall_s)

    live = live_watch(
        standing, need=needing(reaction_s), store="s", approvers=None, now=now, monotonic_s=5e5 + elapsed_s
    )

    if live is not None:
        assert -1e-6 <= elapsed_s <= reaction_s + 1e-6
        assert abs(wall_s) <= reaction_s + 1e-5
    elif 0 <= elapsed_s < reaction_s - 1e-3:
        assert abs(wall_s) > reaction_s - 1e-3


@given(st.floats(0.01, 1e6))
def test_several_heartbeats_fit_into_one_reaction_time(reaction_s: float):
    assert beat_every_s(reaction_s) * BEATS <= reaction_s


Supervise = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Supervise]:
    """Runs `offramp supervise` in a process of its own, until it says that it watches."""
    started: list[subprocess.Popen[str]] = []

    def begin(by: str) -> subprocess.Popen[str]:
        script = "import sys; from offramp.cli.app import run; sys.exit(run(sys.argv[1:]))"
        command = [sys.executable, "-c", script, "supervise", "triage", "--as", by, "--key", f"{by}.key"]
        process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == f"{by} supervises triage as {ROLE}. Ctrl-C stops it.\n"
        return process

    yield begin
    for process in started:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


async def denied(desk: Desk) -> str:
    """Why the mission falls silent, as soon as it does."""
    async with asyncio.timeout(HELD_S):
        while True:
            try:
                desk.a.script[:] = [said("dry feet")]
                await desk.mission.generate("Flood at the depot")
            except PolicyDenied as error:
                return str(error)
            await asyncio.sleep(0)


async def test_ctrl_c_in_another_process_cuts_an_open_stream(opens: Opens, supervise: Supervise, state: str):
    desk = await opens(oversight="supervise", state=state)
    desk.a.script[:] = [held_after("half of")]
    other = await asyncio.to_thread(supervise, "ann")

    with pytest.raises(Interrupted, match="ann has stopped it"):
        async with asyncio.timeout(HELD_S), desk.mission.session("case-17").stream("hi") as stream:
            async for _ in stream.text:
                other.send_signal(signal.SIGINT)
    out, _ = await asyncio.to_thread(other.communicate)

    assert other.returncode == 0
    assert "is stopped" in out
    assert "ann has stopped it" in await denied(desk)


async def test_a_killed_supervisor_silences_the_mission_by_the_reaction_time(opens: Opens, supervise: Supervise):
    desk = await opens(oversight="supervise", reaction_time_s=3.0)
    other = await asyncio.to_thread(supervise, "ann")
    await desk.mission.generate("Flood at the depot")

    os.kill(other.pid, signal.SIGKILL)

    assert "nobody does now" in await denied(desk)


async def test_who_is_asked_to_end_leaves_without_a_stop(opens: Opens, supervise: Supervise):
    desk = await opens(oversight="supervise")
    write_approvers(desk.folder, ann=[ROLE], ben=[ROLE])
    ann = await asyncio.to_thread(supervise, "ann")
    await asyncio.to_thread(supervise, "ben")

    ann.terminate()
    await asyncio.to_thread(ann.communicate)
    await desk.mission.generate("Flood at the depot")

    assert ann.returncode == 0
    assert [one.by for one in desk.watches.standing("triage").watches] == ["ben"]


async def test_a_stop_from_the_command_line_ends_every_watch(opens: Opens, supervise: Supervise):
    desk = await opens(oversight="supervise", reaction_time_s=1.0)
    ann = await asyncio.to_thread(supervise, "ann")
    script = "import sys; from offramp.cli.app import run; sys.exit(run(sys.argv[1:]))"
    command = [sys.executable, "-c", script, "supervise", "triage", "--as", "ben", "--stop"]

    stopped = await asyncio.to_thread(subprocess.run, command, cwd=desk.folder, check=False, capture_output=True)
    out, _ = await asyncio.to_thread(ann.communicate)

    assert stopped.returncode == 0
    assert (ann.returncode, "was stopped by ben" in out) == (1, True)
    assert "ben has stopped it" in await denied(desk)
