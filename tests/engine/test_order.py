"""An order in the middle of an answer, at a real inference server: the stream is cut, and the conversation goes on."""

import asyncio
import json
import sys
from collections.abc import AsyncGenerator, Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from offramp import AsyncClient, AsyncStream, Interrupted
from support.deployment import write_deployment

if TYPE_CHECKING:
    from conftest import Engine

GiveOrder = Callable[[], Coroutine[Any, Any, None]]
LONG = 1900
"""Tokens: as many as the server's context holds, and it is kept from ending earlier."""
ORDER = """
import sys
from offramp.types import Selector
from offramp.state import open_store, prohibit

store = open_store("sqlite:state.db")
print("READY", flush=True)
sys.stdin.readline()
prohibit(store, Selector.parse("developer:acme"), reason="ORDER-1", by="test")
store.close()
"""


@pytest.fixture
def path(engine: "Engine", tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two developers' models at the server. Only in the first one's dialect can it be kept from ending."""
    monkeypatch.setenv("ENGINE_KEY", engine.key)
    shared = f'served_as = ["tiny*"]\nkey.env = "ENGINE_KEY"\nbase_url = "{engine.url}'
    return write_deployment(
        tmp_path,
        a=f'{shared}/v1"',
        b=f'{shared}"',
        a_place=("openai", "gpt-5.6"),
        b_vendor="anthropic",
        b_model="claude-sonnet-5-5",
    )


@pytest.fixture
async def order(path: Path) -> AsyncGenerator[GiveOrder]:
    """Gives the order from another process, which has begun already."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", ORDER, cwd=path.parent, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    await process.stdout.readline()

    async def give() -> None:
        assert process.stdin is not None
        process.stdin.write(b"\n")
        await process.stdin.drain()
        await cut_is_told(path.parent)

    yield give
    assert await process.wait() == 0


async def test_it_is_cut_and_another_vendor_answers(path: Path, order: GiveOrder):
    pieces: list[str] = []
    async with AsyncClient.from_file(path) as client:
        case = client.mission("triage").session("case")
        stream = case.stream(
            "Tell me about the depot.",
            settings={"max_output_tokens": LONG},
            vendor_options={"openai_chat": {"ignore_eos": True}},
        )
        with pytest.raises(Interrupted) as caught:
            await read(stream, pieces, order)
        answer = await case.resume()

    assert caught.value.partial is not None
    assert caught.value.partial.text == "".join(pieces)
    assert answer.origin is not None
    assert answer.origin.developer == "bolt"
    told = kinds(path.parent, "acme")
    assert told[:2] == ["decision", "sent"]
    assert sorted(told[2:4]) == ["cut", "failure"]
    assert "sent" not in told[4:]  # it is asked for, since it held the conversation, and stays prohibited


async def read(stream: AsyncStream[None], pieces: list[str], order: GiveOrder) -> None:
    """Read it, and give the order when the first piece is there. No other is read before it holds."""
    async with stream as opened:
        async for piece in opened.text:
            if not pieces:
                await order()
            pieces.append(piece)


async def cut_is_told(folder: Path) -> None:
    """Until the log says that the order has arrived."""
    async with asyncio.timeout(60):
        while "cut" not in kinds(folder, "acme"):  # noqa: ASYNC110  # another process gives the order
            await asyncio.sleep(0)


def kinds(folder: Path, developer: str) -> list[str]:
    lines = [json.loads(line) for file in (folder / "audit").glob("*.jsonl") for line in file.read_text().splitlines()]
    return [line["kind"] for line in lines if line.get("identity", {}).get("developer") == developer]
