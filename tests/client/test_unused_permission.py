"""A provider of somebody's own that uses no permission: the log has its decision all the same, before the outcome."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

from typing_extensions import override

from offramp import AsyncClient, load_config
from offramp.config import endpoint_of
from offramp.contracts.operations import Operation
from offramp.contracts.permission import SendToken
from offramp.contracts.provider import PreparedCall
from offramp.contracts.scripted import ScriptedProvider
from offramp.types import AnyResponse, Batch, TokenCount
from support.deployment import write_deployment
from support.open_token import OpenToken

Answer = Callable[..., AnyResponse]


class Heedless(ScriptedProvider):
    """Answers without a look at its token, which it neither uses nor gives back."""

    @override
    async def send(self, call: PreparedCall, *, token: SendToken) -> AnyResponse:
        return await super().send(call, token=OpenToken(token.identity))

    @override
    def stream(
        self, call: PreparedCall, *, token: SendToken
    ) -> AbstractAsyncContextManager[AsyncIterator[Sequence[Batch]]]:
        return super().stream(call, token=OpenToken(token.identity))

    @override
    async def perform(self, operation: Operation[Any, Any], call: PreparedCall, *, token: SendToken) -> Any:
        return await super().perform(operation, call, token=OpenToken(token.identity))


def heedless(folder: Path, entry: Any) -> AsyncClient:
    """A client whose endpoint `a` gives this answer."""
    config = load_config(write_deployment(folder, b_vendor="anthropic", b_model="claude-sonnet-5-5"))
    a, b = (Heedless(replace(endpoint_of(config, name), key=lambda: None), [entry]) for name in ("a", "b"))
    return AsyncClient(config, providers={"a": a, "b": b})


async def kinds(folder: Path) -> list[str]:
    for _ in range(3):
        await asyncio.sleep(0)  # an outcome is written two turns later at the latest
    files = (folder / "audit").glob("*.jsonl")
    told = [json.loads(line)["kind"] for file in files for line in file.read_text("utf-8").splitlines()]
    return [kind for kind in told if kind in ("decision", "sent", "outcome")]


async def test_the_decision_of_an_answer_stands_before_its_outcome(tmp_path: Path, answer: Answer):
    async with heedless(tmp_path, answer("hello")) as client:
        await client.mission("triage").generate("hi")

        assert await kinds(tmp_path) == ["decision", "outcome"]


async def test_the_decision_of_a_stream_stands_before_its_outcome(tmp_path: Path, answer: Answer):
    async with heedless(tmp_path, answer("hello")) as client:
        async with client.mission("triage").stream("hi") as stream:
            assert "".join([text async for text in stream.text]) == "hello"

        assert await kinds(tmp_path) == ["decision", "outcome"]


async def test_the_decision_of_a_count_stands_before_its_outcome(tmp_path: Path):
    async with heedless(tmp_path, TokenCount(7)) as client:
        await client.mission("triage").count_tokens("hi")

        assert await kinds(tmp_path) == ["decision", "outcome"]
