"""A client over scripted providers: the whole of the front door, with no vendor behind it."""

import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from offramp import AsyncClient, AsyncMission, load_config
from offramp.config import endpoint_of
from offramp.contracts.scripted import Scripted, ScriptedProvider
from offramp.types import AnyResponse
from offramp_providers.emulator import Emulator, EmulatorConfig, serve
from support.deployment import write_deployment
from support.scripted_answers import said


@dataclass
class Deployment:
    """A client whose endpoints `a` and `b` are scripted."""

    path: Path
    a: ScriptedProvider
    b: ScriptedProvider
    client: AsyncClient
    made: list[AsyncClient] = field(default_factory=list[AsyncClient])

    @property
    def mission(self) -> AsyncMission:
        return self.client.mission("triage")

    def again(self) -> AsyncClient:
        """Another client of the same folder and providers, as after a restart."""
        client = AsyncClient(load_config(self.path), providers={"a": self.a, "b": self.b})
        self.made.append(client)
        return client


@pytest.fixture
def answer() -> Callable[..., AnyResponse]:
    return said


@pytest.fixture
def vendor_of(tmp_path: Path) -> Callable[..., ScriptedProvider]:
    def make(path: Path, name: str, script: Sequence[Scripted]) -> ScriptedProvider:
        endpoint = endpoint_of(load_config(path), name)
        return ScriptedProvider(replace(endpoint, key=lambda: None), script)

    return make


@pytest.fixture
async def deployment(tmp_path: Path, vendor_of: Callable[..., ScriptedProvider]) -> AsyncIterator[Deployment]:
    path = write_deployment(tmp_path, b_vendor="anthropic", b_model="claude-sonnet-5-5")
    a, b = vendor_of(path, "a", []), vendor_of(path, "b", [])
    async with AsyncClient(load_config(path), providers={"a": a, "b": b}) as client:
        made = Deployment(path, a, b, client)
        yield made
        for other in made.made:
            await other.aclose()


PLACES = {
    "anthropic_messages": ("anthropic", "claude-sonnet-5-5", ""),
    "gemini": ("google-ai", "gemini-3.5-flash", "/v1beta"),
    "openai_chat": ("openai", "gpt-5.6", "/v1"),
}
"""Vendor, model and path of the endpoint that is played, by dialect."""


class Place:
    """A client with one endpoint, which is a strict vendor on loopback."""

    def __init__(self, client: AsyncClient, emulator: Emulator) -> None:
        self.client = client
        self.emulator = emulator
        self.mission = client.mission("triage")

    @property
    def sent(self) -> list[dict[str, Any]]:
        bodies: list[Any] = [each.body for each in self.emulator.counters.requests]
        return bodies


@pytest.fixture
async def deploy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Callable[..., Any]]:
    """`await deploy("openai_chat", "json_output = …", mission="…")`: a strict vendor, and what is claimed of it."""
    monkeypatch.setenv("ANY_KEY", "k")
    async with AsyncExitStack() as stack:

        async def begin(dialect: Any, claims: str = "", *, mission: str = "", offers: str = "") -> Place:
            emulator = await stack.enter_async_context(serve(EmulatorConfig(dialect, pace_s=0, record_bodies=True)))
            vendor, model, below = PLACES[dialect]
            url = emulator.url + below
            endpoint = f'base_url = "{url}"\nkey.env = "ANY_KEY"\n[endpoints.b.claims]\n{claims}\n{offers}'
            path = write_deployment(tmp_path, b=endpoint, b_vendor=vendor, b_model=model, mission=mission)
            path.write_text(path.read_text("utf-8").replace('route = ["a", "b"]', 'route = ["b"]'))
            client = await stack.enter_async_context(AsyncClient.from_file(path))
            return Place(client, emulator)

        yield begin


@pytest.fixture
def emulated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a deployment in front of an emulated vendor, which is a process of its own."""
    monkeypatch.setenv("ANY_KEY", "k")
    command = [sys.executable, "-m", "offramp_providers.emulator", "--dialect", "anthropic_messages", "--key", "k"]
    options = ["--pace", "0.002", "--end-with-stdin"]
    with subprocess.Popen([*command, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as vendor:
        assert vendor.stdout is not None
        url = dict(vendor.stdout.readline().decode().split() for _ in range(2))["READY"]
        place = f'base_url = "{url}"\nkey.env = "ANY_KEY"'
        write_deployment(tmp_path, a=place, b=place, b_vendor="anthropic", b_model="claude-sonnet-5-5")
        yield tmp_path
        vendor.terminate()
