"""How the public API types. Type checkers read this (`make types`, and a test); nobody runs it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import assert_type

from pydantic import BaseModel

from offramp import (
    ApprovalNeeded,
    AsyncClient,
    AsyncMission,
    AsyncSession,
    AsyncStream,
    AsyncSupervision,
    Client,
    Config,
    Embeddings,
    EmbedInput,
    EmbedRequest,
    Event,
    FunctionTool,
    GenerateRequest,
    Interrupted,
    LossExceeded,
    Message,
    Mission,
    ModelInfo,
    ModelList,
    Outcome,
    Part,
    ProviderError,
    ProviderErrorKind,
    ReasoningAdaptive,
    ReasoningSettings,
    Response,
    Session,
    Stream,
    Supervision,
    Text,
    TokenCount,
    ToolFunction,
    load_config,
    tool_from_function,
    user,
)
from offramp.types import AnyResponse, Loss, Origin, Usage


class Triage(BaseModel):
    urgent: bool


def units_near(place: str) -> list[str]:
    """Units near a place."""
    return [place]


async def units_far(place: str, *, at_least_km: float = 5.0) -> list[str]:
    """Units far from a place."""
    return [place] * int(at_least_km)


def configuration(path: Path) -> None:
    assert_type(load_config(path), Config)
    assert_type(Client.from_file("offramp.toml"), Client)
    assert_type(AsyncClient.from_file(path), AsyncClient)
    assert_type(tool_from_function(units_near), ToolFunction)


async def asynchronous(tool: FunctionTool) -> None:
    async with AsyncClient.from_file("offramp.toml") as client:
        mission = client.mission("triage")
        assert_type(mission, AsyncMission)
        assert_type(await mission.generate("x"), Response[None])
        assert_type(await mission.generate(user("x"), output=Triage), Response[Triage])
        assert_type(
            await mission.run([user("x")], output=list[str], tools=[units_near, units_far, tool]), Response[list[str]]
        )
        assert_type(await mission.generate(GenerateRequest((user("x"),))), Response[None])
        async with mission.stream("x", output=Triage) as stream:
            assert_type(stream, AsyncStream[Triage])
            assert_type(stream.text, AsyncIterator[str])
            async for event in stream:
                assert_type(event, Event)
            assert_type(await stream.collect(), Response[Triage])
        assert_type(await mission.count_tokens("x", endpoint="a", tools=[units_near]), TokenCount)
        assert_type((await mission.embed(["x"])).vectors, tuple[tuple[float, ...], ...])
        assert_type((await mission.models("a")).models, tuple[ModelInfo, ...])
        session = mission.session("case-17")
        assert_type(session, AsyncSession)
        assert_type(await session.resume(), Response[None])
        assert_type(session.messages, tuple[Message, ...])


def blocking() -> None:
    with Client.from_file("offramp.toml") as client:
        mission = client.mission("triage")
        assert_type(mission, Mission)
        response = mission.generate(
            "x",
            output=Triage,
            system="Be brief.",
            settings={"temperature": 0.2, "reasoning": ReasoningSettings(mode=ReasoningAdaptive())},
            timeout_s=30.0,
            vendor_options={"some_dialect": {"key": 1}},
        )
        assert_type(response, Response[Triage])
        assert_type(response.output, Triage | None)
        assert_type(response.losses, tuple[Loss, ...])
        assert_type(response.origin, Origin | None)
        assert_type(response.usage, Usage)
        assert_type(response.outcome, Outcome)
        assert_type(response.message.parts, tuple[Part, ...])
        assert_type(mission.count_tokens("x").input_tokens, int | None)
        assert_type(mission.embed(EmbedRequest((EmbedInput((Text("x"),)),), purpose="query")), Embeddings)
        assert_type(mission.models(), ModelList)
        session = mission.session("case-17")
        assert_type(session, Session)
        with session.stream("x") as stream:
            assert_type(stream, Stream[None])
            assert_type(stream.text, Iterator[str])
            assert_type(stream.response, Response[None])


def errors(error: Exception) -> None:
    match error:
        case Interrupted():
            assert_type(error.partial, AnyResponse | None)
        case LossExceeded():
            assert_type(error.losses, tuple[Loss, ...])
        case ProviderError():
            assert_type(error.kind, ProviderErrorKind)
            assert_type(error.retry_after_s, float | None)
        case _:
            pass


async def overseen(client: AsyncClient, mission: AsyncMission) -> None:
    try:
        await mission.generate("hi", subject="case-17")
    except ApprovalNeeded as needed:
        approval = await client.approval(needed.request)
        assert_type(approval, str)
        await mission.generate("hi", approvals=[approval], subject="case-17")
    supervision = client.supervise("triage", by="ann", key=Path("ann.key"))
    assert_type(supervision, AsyncSupervision)
    async with supervision as watch:
        assert_type(watch.live, bool)
        await watch.stop()


def overseen_blocking(client: Client) -> None:
    assert_type(client.approval("a1"), str)
    with client.supervise("triage", by="ann") as watch:
        assert_type(watch, Supervision)
        watch.stop()
