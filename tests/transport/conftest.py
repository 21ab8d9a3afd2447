"""A transport that is closed at the end of the test, and networks that fail without being asked."""

import asyncio
import socket
from collections.abc import AsyncGenerator

import pytest

from offramp_providers.transport import AiohttpTransport


@pytest.fixture
async def transport() -> AsyncGenerator[AiohttpTransport]:
    made = AiohttpTransport()
    yield made
    await made.aclose()


@pytest.fixture
async def unreachable(transport: AiohttpTransport, monkeypatch: pytest.MonkeyPatch) -> AiohttpTransport:
    """A transport whose connections are never made, as to a host that drops packets."""
    connector = transport._own_connections().connector

    async def never(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(connector, "_create_connection", never)
    return transport


@pytest.fixture
async def nameless(monkeypatch: pytest.MonkeyPatch) -> None:
    """No host name has an address."""

    async def refuse(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", refuse)
