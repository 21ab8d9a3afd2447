"""The process that holds LiteLLM, seen from here: started at the first call, shared by all, ended with the last.

It gets an environment of our making. What the application has in its own (keys, addresses, proxies, aliases, callbacks,
a `.env` beside it, settings of its own LiteLLM) does not exist there.
"""

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, Final, cast

from offramp.contracts.process import process_id
from offramp.errors import ConfigurationError
from offramp.types import JsonMapping, JsonObject
from offramp_providers.engines.channel import Channel

_OURS: Final[Mapping[str, str]] = {
    # Read by LiteLLM while it is imported (litellm 1.110.2, read 2026-11-26).
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # else it fetches a table of prices
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",  # else it fetches a table of headers
    "LITELLM_LOCAL_BLOG_POSTS": "True",
    "LITELLM_MODE": "PRODUCTION",  # else it loads a `.env`
    "LITELLM_RUST": "false",  # its native code opens sockets of its own
    "LITELLM_LOG": "CRITICAL",
    "HF_HUB_OFFLINE": "1",
    "PYTHONUTF8": "1",
}
_SYSTEM: Final = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""What a process needs of its system to start at all."""

_START: Final = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from offramp_providers.engines.worker import main; main()"
)
_START_S: Final = 120.0
"""LiteLLM takes some seconds to load; on a machine that is busy, many."""

STUCK_S: Final = 20.0
"""How long LiteLLM may take to write a request or to read an answer. A process that is silent for longer is ended."""

Inbox = asyncio.Queue[JsonObject]
GONE: Final[JsonObject] = {"gone": True}
"""What every open call is told when the process has ended."""


class LitellmProcess:
    """One such process, and the calls that are open in it."""

    def __init__(self) -> None:
        self.pid = process_id()
        self._started = threading.Lock()
        self._channel: Channel | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False
        self._unheard_since: float | None = None
        """Since when a question waits and nothing at all has come; None while it is heard of."""
        self._inboxes: dict[str, tuple[asyncio.AbstractEventLoop, Inbox]] = {}
        self.held_by_kernel = False
        """Whether the kernel keeps native code in it from the network too."""

    @property
    def alive(self) -> bool:
        """Whether it can be used, by this process."""
        running = self._process is None or self._process.poll() is None
        unheard = self._unheard_since is not None and time.monotonic() - self._unheard_since > STUCK_S
        return running and not unheard and not self._closed and self.pid == process_id()

    def start(self) -> None:
        """Start it, where it is not running, and wait until LiteLLM is loaded. Blocks.

        Raises:
            ConfigurationError: it does not load.
        """
        with self._started:
            if self._channel is None:
                self._channel = self._opened()

    def _opened(self) -> Channel:
        process = self._process = subprocess.Popen(  # noqa: S603  # this interpreter, with nothing of the environment
            [sys.executable, "-I", "-S", "-c", _START, json.dumps([entry for entry in sys.path if entry])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=clean_environment(os.environ),
            cwd=Path(__file__).parent,
        )
        channel = Channel(cast("Any", process.stdout), cast("Any", process.stdin))
        alarm = threading.Timer(_START_S, process.kill)
        alarm.start()
        first = channel.receive()
        alarm.cancel()
        if first is None or "ready" not in first:
            process.kill()
            raise ConfigurationError(
                f"LiteLLM cannot be loaded ({(first or {}).get('broken', 'its process ended')})",
                mend="run: pip install --force-reinstall 'offramp[litellm]'",
            )
        self.held_by_kernel = first["ready"]["kernel"]
        threading.Thread(target=self._listen, args=(channel,), name="offramp-litellm", daemon=True).start()
        return channel

    def open_call(self, call: str) -> Inbox:
        """Where the frames of this call arrive, in the running event loop."""
        inbox: Inbox = asyncio.Queue()
        self._inboxes[call] = (asyncio.get_running_loop(), inbox)
        if not self.alive:
            inbox.put_nowait(GONE)
        return inbox

    def close_call(self, call: str) -> None:
        """The call is over; LiteLLM drops it where it is still at work."""
        self._inboxes.pop(call, None)
        self.send({"call": call, "drop": True})

    def send(self, frame: JsonMapping) -> None:
        """Hand a frame over. Where the process is gone, the call's inbox says so."""
        try:
            if "ask" in frame and self._unheard_since is None:
                self._unheard_since = time.monotonic()
            if self._channel is not None:
                self._channel.send(frame)
        except (OSError, ValueError):
            return

    def close(self) -> None:
        """End it."""
        if self.pid != process_id():  # a parent's: it is not ours to end
            return
        with self._started:
            self._closed = True
            process, self._process = self._process, None
            if process is not None:
                process.kill()
                process.wait()
                _close(process.stdin)

    def _listen(self, channel: Channel) -> None:
        while (frame := channel.receive()) is not None:
            self._unheard_since = None
            self._deliver(frame["call"], frame)
        for call in list(self._inboxes):
            self._deliver(call, GONE)
        channel.close()

    def _deliver(self, call: str, frame: JsonObject) -> None:
        found = self._inboxes.get(call)
        if found is None:
            return
        loop, inbox = found
        try:
            loop.call_soon_threadsafe(inbox.put_nowait, frame)
        except RuntimeError:  # the loop is closed, and nobody waits any more
            self._inboxes.pop(call, None)


def clean_environment(given: Mapping[str, str]) -> dict[str, str]:
    """What the process gets of an environment: enough to start, and what keeps LiteLLM quiet."""
    return {**{name: given[name] for name in _SYSTEM if name in given}, **_OURS}


def _close(pipe: IO[bytes] | None) -> None:
    if pipe is not None:
        try:
            pipe.close()
        except OSError:
            return


class _Shared:
    """The one process of this application: LiteLLM takes seconds to load, and some 200 MB."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.process: LitellmProcess | None = None
        self.holders = 0


_shared = _Shared()


class Lease:
    """A share in the process. It ends with the last share that is given back."""

    def __init__(self) -> None:
        self._held = False

    def take(self) -> LitellmProcess:
        """The running process; started, or started again, where there is none. Blocks while LiteLLM loads.

        Raises:
            ConfigurationError: it does not load.
        """
        with _shared.lock:
            if not self._held:
                self._held = True
                _shared.holders += 1
            process = _shared.process
            if process is None or not process.alive:
                if process is not None:
                    process.close()
                process = _shared.process = LitellmProcess()
        process.start()
        return process

    def give_back(self) -> None:
        """Safe to call twice."""
        with _shared.lock:
            if not self._held:
                return
            self._held = False
            _shared.holders -= 1
            if _shared.holders == 0 and _shared.process is not None:
                _shared.process.close()
                _shared.process = None
