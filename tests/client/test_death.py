"""P5, whenever a process dies: at each step of its ledger, before it and after it, a call is started at most once."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from offramp import (
    AnyResponse,
    AsyncClient,
    AsyncSession,
    Message,
    OutcomeKind,
    SessionError,
    Text,
    ToolCall,
    ToolError,
    ToolResult,
    load_config,
)
from offramp.config import endpoint_of
from offramp.contracts.scripted import Scripted, ScriptedProvider
from support.deployment import write_deployment

Answer = Callable[..., AnyResponse]
PLACES = ("north", "south")
MOST_STEPS = 100


class Killed(BaseException):
    """The process is no more."""


class MortalLedger:
    """A ledger whose process dies at one of its steps: before what is asked has been done, or right after.

    Whoever is dead does nothing more.
    """

    def __init__(self, inner: Any, *, steps: int, after: bool) -> None:
        self._inner, self._left, self._after = inner, steps, after

    @property
    def dead(self) -> bool:
        return self._left < 0

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        work = getattr(self._inner, name)

        async def step(*given: Any, **named: Any) -> Any:
            self._left -= 1
            if self._left < -1 or (self.dead and not self._after):
                raise Killed
            done = await work(*given, **named)
            if self.dead:
                raise Killed
            return done

        return step


class Model(ScriptedProvider):
    """Asks for a tool at both places, and is content once it has the results."""

    answer: Answer

    def _next(self, call: Any, token: Any) -> Scripted:
        calls = (ToolCall(f"call_{place}", "units_near", f'{{"place": "{place}"}}') for place in PLACES)
        told = self.requests[-1].messages[-1].role == "tool"
        self.script = [self.answer("done") if told else self.answer(*calls, kind=OutcomeKind.TOOL_CALLS)]
        return super()._next(call, token)


@dataclass
class World:
    """What is there whoever lives: the deployment's folder, and how often the tool has been started."""

    path: Path
    answer: Answer
    starts: list[str] = field(default_factory=list[str])

    def client(self) -> AsyncClient:
        config = load_config(self.path)
        models = {name: Model(endpoint_of(config, name)) for name in "ab"}
        for model in models.values():
            model.answer = self.answer
        return AsyncClient(config, providers=models)

    async def units_near(self, place: str) -> str:
        """Units near a place."""
        self.starts.append(place)
        return f"a unit at {place}"

    async def live(self, *, steps: int, after: bool) -> bool:
        """Run until death. Whether it came."""
        async with self.client() as client:
            mission = client.mission("triage")
            ledger: Any = MortalLedger(mission._parts.ledger, steps=steps, after=after)
            session = AsyncSession(mission._parts, mission._plan, conversation="case", ledger=ledger)
            try:
                await session.run("Who?", tools=[self.units_near])
            except Killed:
                return True
            assert not ledger.dead, "somebody has gone on after death"
            return False

    async def go_on(self) -> tuple[Message, ...]:
        """As the next process does, and as its caller decides where a call's fate is not known."""
        async with self.client() as client:
            case = client.mission("triage").session("case")
            try:
                await case.resume(tools=[self.units_near])
            except ToolError:  # the fate of some is not known
                results = tuple(ToolResult(each.call_id, (Text("it may have run"),)) for each in unanswered(case))
                await case.run(Message("tool", results), tools=[self.units_near])
            except SessionError:
                if not case.messages:  # it had died before anything was said
                    await case.run("Who?", tools=[self.units_near])
            return case.messages


def unanswered(case: AsyncSession) -> list[ToolCall]:
    parts = [part for message in case.messages for part in message.parts]
    answered = {part.call_id for part in parts if isinstance(part, ToolResult)}
    return [part for part in parts if isinstance(part, ToolCall) and part.call_id not in answered]


async def test_whenever_a_process_dies_the_next_one_starts_no_call_again(tmp_path: Path, answer: Answer):
    deaths = 0
    for steps in range(MOST_STEPS):
        died = False
        for after in (False, True):
            folder = tmp_path / f"{steps}-{after}"
            folder.mkdir()
            world = World(write_deployment(folder, b_vendor="anthropic", b_model="claude-sonnet-5-5"), answer)

            died = await world.live(steps=steps, after=after)
            messages = await world.go_on()

            deaths += died
            assert all(world.starts.count(place) <= 1 for place in PLACES), (steps, after, world.starts)
            assert [message.text for message in messages][-1] == "done", (steps, after)
            results = [part for message in messages for part in message.parts if isinstance(part, ToolResult)]
            assert sorted(part.call_id for part in results) == ["call_north", "call_south"], (steps, after)
        if not died:
            break
    assert deaths > 10
