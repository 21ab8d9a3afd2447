"""Transports that are closed at the end of the test, and networks that fail without being asked."""

import asyncio
import socket
import ssl
from collections.abc import AsyncGenerator, Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from offramp_providers.httpx_transport import HttpxTransport
from offramp_providers.transport import AiohttpTransport
from support.certificates import Authority, authority_in

AnyTransport: TypeAlias = AiohttpTransport | HttpxTransport
MakeTransport: TypeAlias = Callable[..., AnyTransport]

KINDS: Mapping[str, MakeTransport] = {"aiohttp": AiohttpTransport, "httpx": HttpxTransport}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Which transport the test is run against; it is run against each."""
    name: str = request.param
    return name


@pytest.fixture
def transport_class(kind: str) -> MakeTransport:
    return KINDS[kind]


@pytest.fixture
async def new_transport(transport_class: MakeTransport) -> AsyncGenerator[MakeTransport]:
    """Makes a transport of this kind, with settings of the test's own."""
    made: list[AnyTransport] = []

    def make(**settings: Any) -> AnyTransport:
        made.append(transport_class(**settings))
        return made[-1]

    yield make
    for each in made:
        await each.aclose()


@pytest.fixture
def transport(new_transport: MakeTransport) -> AnyTransport:
    return new_transport()


@pytest.fixture
async def unreachable(transport: AnyTransport, monkeypatch: pytest.MonkeyPatch) -> AnyTransport:
    """A transport whose connections are never made, as to a host that drops packets."""

    async def never(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    if isinstance(transport, AiohttpTransport):
        monkeypatch.setattr(
            transport._own_connections(asyncio.get_running_loop()).connector, "_create_connection", never
        )
    else:
        monkeypatch.setattr(asyncio.get_running_loop(), "create_connection", never)
    return transport


@pytest.fixture
async def nameless(monkeypatch: pytest.MonkeyPatch) -> None:
    """No host name has an address."""

    async def refuse(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", refuse)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Issues certificates under one authority, `ca`."""
    return authority_in(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="session")
def ca(authority: Authority) -> Path:
    return authority("ca", None).certificate


@pytest.fixture(scope="session")
def served(authority: Authority) -> ssl.SSLContext:
    """What the host identifies itself by."""
    issued = authority("host", None)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(issued.certificate, issued.key)
    return context
