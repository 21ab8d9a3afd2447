"""A running emulated vendor: counted port, side entrance, and what happens to one request."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Final

from aiohttp import web

from .admin import admin_application
from .config import Behaviour, EmulatorConfig
from .connection import Connection, Connections
from .counters import Counters
from .exchange import Exchange
from .vendor import Vendor

_HOST: Final = "127.0.0.1"
_LARGEST_BODY: Final = 32 * 1024 * 1024
_SHUTDOWN_S: Final = 0.2


class Emulator:
    """One emulated vendor that listens on loopback."""

    def __init__(self, config: EmulatorConfig, vendor: Vendor | None = None) -> None:
        """Listen nowhere yet.

        Args:
            config: how it is set up.
            vendor: who answers; None: one that makes its answers up.
        """
        self.config = config
        self.counters = Counters()
        self.behaviour = Behaviour(pace_s=config.pace_s, first_s=config.first_s)
        self._vendor = vendor or Vendor(config)
        self._connections: Connections = {}
        self._ports: tuple[int, int] = (0, 0)

    @property
    def url(self) -> str:
        """Origin of the counted port; requests go to the vendor's own paths below it."""
        return f"http://{_HOST}:{self._ports[0]}"

    @property
    def admin_url(self) -> str:
        """Origin of the side entrance; asking there is not counted."""
        return f"http://{_HOST}:{self._ports[1]}"

    @asynccontextmanager
    async def listening(self) -> AsyncGenerator[Emulator]:
        """Listen until the block ends. Raises OSError where a port cannot be had."""
        application = web.Application(client_max_size=_LARGEST_BODY)
        application.router.add_route("*", "/{tail:.*}", self._answer)
        async with _running(application) as runner, _running(admin_application(self)) as admin:
            counted = await asyncio.get_running_loop().create_server(
                lambda: self._connection(runner), _HOST, self.config.port
            )
            try:
                site = web.TCPSite(admin, _HOST, self.config.admin_port)
                await site.start()
                self._ports = (counted.sockets[0].getsockname()[1], admin.addresses[0][1])
                yield self
            finally:
                counted.close()
                for connection in list(self._connections.values()):
                    connection.sever()

    def _connection(self, runner: web.AppRunner) -> Connection:
        server: Any = runner.server
        return Connection(server(), self.counters, self._connections)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        transport = request.transport
        if transport is None or transport not in self._connections:
            return web.Response(status=499)  # the client left before we began; nobody reads this
        exchange = Exchange(request, self._connections[transport], self._vendor, self.behaviour)
        return await exchange.run(record_body=self.config.record_bodies)


@asynccontextmanager
async def serve(config: EmulatorConfig, vendor: Vendor | None = None) -> AsyncGenerator[Emulator]:
    """Run an emulated vendor in this process. Arguments as `Emulator`. Raises OSError where a port cannot be had."""
    async with Emulator(config, vendor).listening() as emulator:
        yield emulator


@asynccontextmanager
async def _running(application: web.Application) -> AsyncGenerator[web.AppRunner]:
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=_SHUTDOWN_S)
    await runner.setup()
    try:
        yield runner
    finally:
        await runner.cleanup()
