"""What Google Cloud has answered, over a socket and through the front door."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from offramp import AsyncClient, AsyncMission
from support.cassettes import recordings
from support.deployment import write_deployment
from support.raw_server import Peer, raw_server

Open = Callable[..., Any]


@pytest.fixture
async def answering(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Open]:
    """A mission at a host that gives every request this answer, and keeps the heads of what it is asked."""
    monkeypatch.setenv("TOKEN", "token")
    async with AsyncExitStack() as stack:

        async def start(model: str, body: str, media_type: str) -> tuple[AsyncMission, list[bytes]]:
            heads: list[bytes] = []

            async def handle(peer: Peer) -> None:
                while True:
                    head, _ = await peer.request()
                    heads.append(head)
                    said = body.encode()
                    await peer.say(
                        f"HTTP/1.1 200 OK\r\ncontent-type: {media_type}\r\ncontent-length: {len(said)}\r\n\r\n".encode()
                        + said
                    )

            server = await stack.enter_async_context(raw_server(handle))
            place = f"{server.url}/v1beta1/projects/p/locations/global/publishers/google"
            # No terms of that host ship, so that policy would deny it; here it is a server of our own.
            where = f'key.env = "TOKEN"\nchannel = "self-host"\nbase_url = "{place}"'
            path = write_deployment(tmp_path, b=where, b_vendor="vertex", b_model=model)
            path.write_text(path.read_text().replace('route = ["a", "b"]', 'route = ["b"]'))
            client = await stack.enter_async_context(AsyncClient.from_file(path))
            return client.mission("triage"), heads

        yield start


def recorded(api: str, key: str) -> dict[str, Any]:
    """The first answer with a text, of a model that says to be the one that was asked for."""
    for each in recordings(api):
        asked = (each.get("request") or {}).get("path", "").rpartition("/")[2].partition(":")[0]
        said = each["response"].get(key)
        text = said if isinstance(said, str) else json.dumps(said)
        if each["vendor"] == "vertex" and said and f'"modelVersion": "{asked}"' in text and '"text"' in text:
            return {"model": asked, "said": text}
    raise AssertionError(f"no such answer was recorded of {api}")


async def test_an_answer_is_read_with_its_model_and_usage(answering: Open):
    found = recorded("gemini.generateContent", "json")
    mission, heads = await answering(found["model"], found["said"], "application/json")

    answer = await mission.generate("Hello")

    assert answer.text
    assert answer.usage.input_tokens
    assert answer.origin is not None
    assert answer.origin.model == found["model"]
    assert f"/publishers/google/models/{found['model']}:generateContent HTTP".encode() in heads[0]
    assert b"authorization: Bearer token" in heads[0]


async def test_a_stream_is_read_to_its_end(answering: Open):
    found = recorded("gemini.streamGenerateContent", "text")
    mission, heads = await answering(found["model"], found["said"], "text/event-stream")

    async with mission.stream("Hello") as stream:
        pieces = [piece async for piece in stream.text]

    assert "".join(pieces) == stream.response.text != ""
    assert b":streamGenerateContent?alt=sse HTTP" in heads[0]


async def test_a_recorded_count_is_told(answering: Open):
    body = '{"totalTokens": 7, "totalBillableCharacters": 25}'
    mission, heads = await answering("gemini-2.5-flash", body, "application/json")

    told = await mission.count_tokens("Hello")

    assert told.input_tokens == 7
    assert b"/models/gemini-2.5-flash:countTokens HTTP" in heads[0]
