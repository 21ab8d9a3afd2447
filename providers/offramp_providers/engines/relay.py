"""The one address that LiteLLM can reach: a server on loopback, in its own process, that knows no way out.

Each request goes to us as a frame, and its answer comes back as frames; whether a byte leaves is decided there. It runs
in a thread of its own: LiteLLM at times asks, and waits, in the midst of its own event loop.
"""

import asyncio
import socket
import threading
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from offramp.types import JsonObject
from offramp_providers.engines.channel import Channel, packed, unpacked

_NOT_PASSED_ON: Final = frozenset(
    {"connection", "content-encoding", "content-length", "keep-alive", "set-cookie", "trailer", "transfer-encoding"}
)
"""Of an answer's headers: what belongs to one connection, or has been undone on the way."""


class Relay:
    """Answers requests under `/<call>/…` with what comes for that call."""

    def __init__(self, channel: Channel) -> None:
        """Listen, on a port that the system chooses. Nothing is answered yet."""
        self._channel = channel
        self._answers: dict[str, asyncio.Queue[JsonObject]] = {}
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._loop = asyncio.new_event_loop()  # before the walls: on some systems it connects to itself
        self.port: int = self._listener.getsockname()[1]

    def start(self) -> None:
        """Answer from now on, behind the walls."""
        threading.Thread(target=self._run, name="relay", daemon=True).start()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._listen())
        self._loop.run_forever()

    async def _listen(self) -> None:
        await self._loop.create_server(web.Server(self._serve, access_log=None), sock=self._listener)

    def expect(self, call: str) -> str:
        """From now on this call may ask; the address under which it does."""
        self._answers[call] = asyncio.Queue()
        return f"http://127.0.0.1:{self.port}/{call}"

    def answer(self, frame: JsonObject) -> None:
        """A piece of the answer has come."""
        waiting = self._answers.get(frame["call"])
        if waiting is not None:
            self._loop.call_soon_threadsafe(waiting.put_nowait, frame)

    def forget(self, call: str) -> None:
        """The call is over. What still asks for it gets no answer."""
        self.answer({"call": call, "forgotten": True})
        self._answers.pop(call, None)

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        call, slash, path = request.raw_path.removeprefix("/").partition("/")
        answers = self._answers.get(call)
        if answers is None:
            return web.Response(status=404)
        body = await request.content.read()
        self._channel.send(
            {
                "call": call,
                "request": {
                    "method": request.method,
                    "path": slash + path,
                    "headers": {name.lower(): text for name, text in request.headers.items()},
                    "body": packed(body),
                },
            }
        )
        return await _pass_on(request, answers)


async def _pass_on(request: web.BaseRequest, answers: "asyncio.Queue[JsonObject]") -> web.StreamResponse:
    first = await answers.get()
    head: Any = first.get("head")
    if head is None:
        return _hang_up(request)
    response = web.StreamResponse(status=head["status"], headers=_passed_on(head["headers"]))
    await response.prepare(request)
    while "over" not in (frame := await answers.get()):
        if "body" not in frame:
            return _hang_up(request, response)
        await response.write(unpacked(frame["body"]))
    await response.write_eof()
    return response


def _passed_on(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in headers.items() if name not in _NOT_PASSED_ON}


def _hang_up(request: web.BaseRequest, response: web.StreamResponse | None = None) -> web.StreamResponse:
    """The answer broke off. LiteLLM gets what had come, and no end, so that it cannot take it for a whole one."""
    if request.transport is not None:
        request.transport.close()
    return response or web.Response(status=502)
