"""A client of scripted vendors that runs while its policy files, its clock or its calls change."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from offramp import AsyncClient, load_config
from offramp.config import endpoint_of
from offramp.contracts.clock import ManualClock
from offramp.contracts.scripted import ScriptedProvider
from support.deployment import logged, rewrite
from support.scripted_answers import said

LOOK_S = 0.2
"""How often it looks at its policy files."""


ANSWERS = 20
"""What endpoint a has to say; more than any test asks for."""


class Site:
    """A running client of scripted vendors, with a clock of its own."""

    def __init__(self, client: AsyncClient, a: ScriptedProvider, clock: ManualClock, folder: Path) -> None:
        self.client, self.a, self.clock, self.folder = client, a, clock, folder
        self.mission = client.mission("triage")

    async def ask(self) -> str:
        self.a.script[:] = [said("yes")]
        self.clock.advance(LOOK_S)
        return (await self.mission.generate("hi")).text

    def write(self, name: str, old: str, new: str) -> None:
        rewrite(self.folder / name, old, new)

    def decisions(self) -> list[dict[str, Any]]:
        return [each for each in logged(self.folder) if each["kind"] == "decision"]


@asynccontextmanager
async def running(path: Path, vendor: type[ScriptedProvider] = ScriptedProvider) -> AsyncIterator[Site]:
    config = load_config(path)
    made = {name: vendor(replace(endpoint_of(config, name), key=lambda: None)) for name in ("a", "b")}
    made["a"].script[:] = [said("yes")] * ANSWERS
    clock = ManualClock(datetime.now(UTC))
    async with AsyncClient(config, providers=made, clock=clock) as client:
        yield Site(client, made["a"], clock, path.parent)
