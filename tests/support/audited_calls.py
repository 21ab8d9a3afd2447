"""Makes real calls in a process of its own, and says so line by line: `sent`, `answered`, `refused`.

    python audited_calls.py OFFRAMP.toml MODE

`forever` goes on until it is killed; `held` never ends its third call; `starved` may write no file for a while;
`filling` goes on until the log's disk is full, and three calls more; `read_only` finds that disk read-only. The last
two mount a small disk at `disk` beside the file first, and leave a copy of the log in `copy`.
"""

import asyncio
import resource
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from typing_extensions import override

from offramp import AsyncClient, AsyncMission, load_config
from offramp.config import endpoint_of
from offramp.contracts.permission import SendToken
from offramp.contracts.provider import PreparedCall
from offramp.contracts.scripted import ScriptedProvider
from offramp.errors import StateError
from offramp.types import AnyResponse, Message, Origin, Outcome, OutcomeKind, Response, Text

ORIGIN = Origin(developer="acme", host="acme", dialect="scripted", model="claude-sonnet-5-5")
ANSWER = Response[None](
    Message("assistant", (Text("hi"),), origin=ORIGIN), Outcome(OutcomeKind.COMPLETED), origin=ORIGIN
)


def say(word: str) -> None:
    print(word, flush=True)  # noqa: T201  # this is how the process speaks


class Telling(ScriptedProvider):
    """Answers at once, and says when permission was used."""

    holds_at: int | None = None

    @override
    async def send(self, call: PreparedCall, *, token: SendToken) -> AnyResponse:
        self.script.append(ANSWER)
        answer = await super().send(call, token=token)
        say("sent")
        if len(self.calls) == self.holds_at:
            await asyncio.Event().wait()
        return answer


async def call(mission: AsyncMission) -> bool:
    """Whether it was answered."""
    try:
        await mission.generate("?")
    except StateError:
        say("refused")
        return False
    say("answered")
    return True


async def starved(mission: AsyncMission) -> None:
    await call(mission)
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64, hard))
    for _ in range(3):
        await call(mission)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    await call(mission)


async def filling(mission: AsyncMission) -> None:
    while await call(mission):
        pass
    for _ in range(3):
        await call(mission)


async def read_only(path: Path, disk: Path) -> None:
    async with client_of(path) as client:
        await call(client.mission("triage"))
    mount("-o", "remount,ro", str(disk))
    with suppress(StateError):  # what was still to be written when the client closes cannot be: it says so
        async with client_of(path) as client:
            for _ in range(3):
                await call(client.mission("triage"))


async def forever(mission: AsyncMission) -> None:
    while True:
        await call(mission)


def mount(*arguments: str) -> None:
    """Mount, or mount anew: a disk is busy for as long as the system has not let go of a file that was just closed."""
    for _ in range(40):
        ran = subprocess.run(["mount", *arguments], check=False, capture_output=True, text=True)
        if ran.returncode == 0:
            return
        time.sleep(0.05)
    raise OSError(ran.stderr)


def client_of(path: Path, *, holds_at: int | None = None) -> AsyncClient:
    config = load_config(path)
    made = {name: Telling(replace(endpoint_of(config, name), key=lambda: None)) for name in ("a", "b")}
    made["a"].holds_at = holds_at
    return AsyncClient(config, providers=made)


async def main(path: Path, mode: str) -> None:
    disk = path.parent / "disk"
    if mode in ("filling", "read_only"):
        mount("-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk))
    if mode == "read_only":
        await read_only(path, disk)
    else:
        client = client_of(path, holds_at=3 if mode == "held" else None)
        await {"starved": starved, "filling": filling}.get(mode, forever)(client.mission("triage"))
    if mode in ("filling", "read_only"):
        shutil.copytree(disk / "audit", path.parent / "copy")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
