"""A client over scripted providers: the whole of the front door, with no vendor behind it."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from offramp import AsyncClient, AsyncMission, load_config
from offramp.config import endpoint_of
from offramp.contracts.scripted import Scripted, ScriptedProvider
from offramp.types import AnyResponse, Message, Origin, Outcome, OutcomeKind, Part, Response, Text
from support.deployment import write_deployment


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


def said(
    *parts: Part | str, kind: OutcomeKind = OutcomeKind.COMPLETED, model: str = "claude-sonnet-5-5"
) -> AnyResponse:
    """An answer of endpoint a's model."""
    texts = tuple(Text(part) if isinstance(part, str) else part for part in parts)
    origin = Origin(developer="acme", host="acme", dialect="scripted", model=model)
    return Response(Message("assistant", texts, origin=origin), Outcome(kind), origin=origin)


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
