"""A replica as a process: opens exchanges, says when they are cut, and ends when its input does. Run it with a URL."""

import asyncio
import json
import sys
import time
from datetime import UTC, datetime

from offramp.contracts.policy import Decision
from offramp.errors import Prohibited
from offramp.state import StateGate, open_store
from offramp.types import Identity

OPEN = 8


def say(**words: object) -> None:
    print(json.dumps(words), flush=True)  # noqa: T201  # this is how the process speaks


async def exchange(gate: StateGate, identity: Identity, decision: Decision) -> float:
    """Hold an exchange open until it is cut; give the monotonic instant at which it was."""
    cut = asyncio.get_running_loop().create_future()
    token = gate.admit(identity, decision=decision)
    token.on_cut(lambda: cut.set_result(time.monotonic()))
    token.spend()
    try:
        instant: float = await cut
        return instant
    finally:
        token.release()


async def main(url: str) -> None:
    store = open_store(url)
    gate = StateGate(store, replica="test")
    identity = Identity(endpoint="a", developer="acme", host="cloud", model="m-1")
    decision = Decision(allowed=True, mission="triage", endpoint="a", at=datetime.now(UTC), reasons=())
    exchanges = [asyncio.create_task(exchange(gate, identity, decision)) for _ in range(OPEN)]
    await asyncio.sleep(0)
    say(ready=gate.replica)
    instants = await asyncio.gather(*exchanges)
    try:
        gate.admit(identity, decision=decision)
    except Prohibited as error:
        say(cut=instants, selector=error.selector, epoch=error.epoch)
    await asyncio.to_thread(sys.stdin.read)
    gate.close()
    store.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
