"""A replica as a process: once told to go, makes one approved call and says whether it was sent. Argument: a config."""

import asyncio
import sys
from pathlib import Path

from offramp.errors import PolicyDenied
from support.overseen import open_desk
from support.scripted_answers import said


def say(word: str) -> None:
    print(word, flush=True)  # noqa: T201  # this is how the process speaks


async def main(path: Path) -> None:
    async with open_desk(path, script=[said("dry feet")]).client as client:
        say("ready")
        token = (await asyncio.to_thread(sys.stdin.readline)).strip()
        try:
            await client.mission("triage").generate("Flood at the depot", approvals=[token])
        except PolicyDenied:
            say("refused")
        else:
            say("sent")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
