"""An emulated vendor in this process and a plain HTTP client for it, neither of them ours."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import pytest

from offramp_providers.emulator import Emulator, EmulatorConfig, serve
from support.vendor_requests import KEYS, PATHS


class Plain:
    """Posts to one emulated vendor."""

    def __init__(self, emulator: Emulator, session: aiohttp.ClientSession) -> None:
        self.emulator = emulator
        self.session = session

    def post(self, body: Any, **headers: str) -> Any:
        dialect = self.emulator.config.dialect
        url = self.emulator.url + PATHS[dialect]
        return self.session.post(url, json=body, headers={**KEYS[dialect], **headers})

    async def json(self, body: Any) -> Any:
        async with self.post(body) as response:
            return await response.json()

    async def admin(self, path: str, body: Any = None) -> Any:
        method = "GET" if body is None else "POST"
        async with self.session.request(method, self.emulator.admin_url + path, json=body) as response:
            return await response.json()


Start = Callable[..., Any]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """`await start("openai_chat", pace_s=0)` gives a Plain client of a fresh vendor."""
    async with AsyncExitStack() as stack:

        async def begin(dialect: Any, **config: Any) -> Plain:
            found = EmulatorConfig(dialect=dialect, **{"pace_s": 0.0, "key": "k", **config})
            emulator = await stack.enter_async_context(serve(found))
            return Plain(emulator, await stack.enter_async_context(aiohttp.ClientSession()))

        yield begin
