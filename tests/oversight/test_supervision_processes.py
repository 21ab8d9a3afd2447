"""Somebody who supervises from another process: stops, falls silent, leaves."""

# ruff: noqa: PT012  # what is raised while a stream is read needs the stream around it

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from offramp import Interrupted, PolicyDenied
from support.overseen import ROLE, Desk, Opens, held_after, write_approvers
from support.scripted_answers import said

HELD_S = 20.0
"""The longest that a test waits for another process."""


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
