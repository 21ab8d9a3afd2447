"""The process that holds LiteLLM. It knows no key, reads no environment but the one it is given, and has no way out."""

import asyncio
import os
import signal
import threading
from contextlib import suppress
from typing import Any

from offramp.types import JsonObject
from offramp_providers.engines.channel import Channel
from offramp_providers.engines.litellm import ask_litellm, import_litellm
from offramp_providers.engines.relay import Relay
from offramp_providers.engines.walls import Walls, raise_walls


def main() -> None:
    """Serve until the other side is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the application decides when it ends
    channel = _take_pipes()
    with suppress(asyncio.CancelledError):
        asyncio.run(Worker(channel).serve())
    os._exit(0)  # LiteLLM keeps threads of its own


def _take_pipes() -> Channel:
    """Our pipes, where nothing that LiteLLM prints can reach them."""
    channel = Channel(os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb"))
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    return channel


class Worker:
    """Runs LiteLLM's calls, each as a task."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._relay = Relay(channel)
        self._calls: dict[str, asyncio.Task[None]] = {}
        self._gone = asyncio.Event()

    async def serve(self) -> None:
        """Close the process in, load LiteLLM, say so, and take calls."""
        walls = raise_walls(self._relay.port)
        self._relay.start()
        try:
            litellm = import_litellm()
        except Exception as error:  # noqa: BLE001  # whatever keeps it from loading is told by its kind
            self._channel.send({"broken": type(error).__name__})
            return
        self._channel.send({"ready": {"kernel": walls.kernel}})
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._listen, args=(loop, litellm, walls), daemon=True).start()
        await self._gone.wait()

    def _listen(self, loop: asyncio.AbstractEventLoop, litellm: Any, walls: Walls) -> None:
        while (frame := self._channel.receive()) is not None:
            self._relay.answer(frame)
            if "ask" in frame or "drop" in frame:
                loop.call_soon_threadsafe(self._take, frame, litellm, walls)
        loop.call_soon_threadsafe(self._gone.set)

    def _take(self, frame: JsonObject, litellm: Any, walls: Walls) -> None:
        call = frame["call"]
        if "ask" in frame:
            self._calls[call] = asyncio.create_task(self._run(call, frame["ask"], litellm, walls))
        elif (task := self._calls.get(call)) is not None:
            task.cancel()

    async def _run(self, call: str, ask: JsonObject, litellm: Any, walls: Walls) -> None:
        address = self._relay.expect(call) + ask["base_path"]
        already = len(walls.refused)
        told: JsonObject
        try:
            async for answer in ask_litellm(litellm, ask["arguments"], api_base=address, api_key=ask["key"]):
                self._channel.send({"call": call, "answer": answer})
            told = {"ended": True}
        except asyncio.CancelledError:
            told = {"ended": False}
        except Exception as error:  # noqa: BLE001  # LiteLLM's classes are not ours; the raw answer tells what happened
            told = {"failed": type(error).__name__}
        finally:
            self._relay.forget(call)
            self._calls.pop(call, None)
        self._channel.send({"call": call, "refused": walls.refused[already:], **told})


if __name__ == "__main__":
    main()
