"""What an emulated vendor counts is exactly what a client sent, and asking for it is not counted."""

import asyncio
import json
from random import Random
from time import monotonic
from typing import Any

import pytest

from offramp_providers.emulator.sender import split
from offramp_providers.emulator.words import phrase
from support.vendor_requests import DIALECTS, KEYS, PATHS, parse, request

RNG = Random(2)  # noqa: S311  # a place to split, no secret


def raw_request(dialect: str, body: Any, path: str | None = None) -> bytes:
    payload = json.dumps(body).encode()
    head = [f"POST {path or PATHS[dialect]} HTTP/1.1", "Host: emulated", f"Content-Length: {len(payload)}"]
    head += [f"{name}: {content}" for name, content in KEYS[dialect].items()]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + payload


async def connect(client: Any) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", int(client.emulator.url.rsplit(":", 1)[1]))


async def until(met: Any) -> None:
    async with asyncio.timeout(5):
        while not met():  # noqa: ASYNC110  # the vendor counts; it announces nothing
            await asyncio.sleep(0.005)


async def leave(writer: asyncio.StreamWriter) -> None:
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_bytes_equal_what_a_raw_socket_sent(start: Any, dialect: Any):
    client = await start(dialect)
    sent = raw_request(dialect, request(dialect, "Zürich"))
    reader, writer = await connect(client)

    for _ in range(2):  # twice on one connection
        writer.write(sent[:20])
        await writer.drain()
        await asyncio.sleep(0.01)
        writer.write(sent[20:])
        await reader.readuntil(b"}}")
    await leave(writer)

    counted = await client.admin("/counters")
    assert counted["bytes_received"] == 2 * len(sent)
    assert (counted["requests_begun"], counted["requests_complete"]) == (2, 2)
    assert counted["answered"] == {"200": 2}
    assert counted["connections"] == 1
    assert [row["bytes"] for row in await client.admin("/requests")] == [len(sent)] * 2


async def test_half_a_request_is_counted_as_begun_and_not_complete(start: Any):
    client = await start("openai_chat")
    before = monotonic()
    _, writer = await connect(client)

    writer.write(b"POST /v1/chat")
    await until(lambda: client.emulator.counters.requests)
    await leave(writer)
    await until(lambda: client.emulator.counters.connections_open == 0)

    counted = await client.admin(f"/counters?since={before}")
    assert counted["bytes_received"] == 13
    assert (counted["requests_begun"], counted["requests_complete"]) == (1, 0)
    assert counted["since"]["bytes_received"] == 13
    assert before < counted["t_first_byte"] == counted["t_last_byte"] < monotonic()


async def test_what_came_before_is_not_counted_as_since(start: Any):
    client = await start("openai_chat")
    await client.json(request("openai_chat", "Hi"))

    counted = await client.admin(f"/counters?since={monotonic()}")

    assert counted["requests_begun"] == 1
    assert counted["since"] == {
        "time": counted["since"]["time"],
        "bytes_received": 0,
        "requests_begun": 0,
        "requests_with_bytes": 0,
        "t_first_byte": None,
        "t_last_byte": None,
    }


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_stream_cut_by_the_client_is_counted(start: Any, dialect: Any):
    client = await start(dialect, pace_s=0.01)
    reader, writer = await connect(client)

    writer.write(raw_request(dialect, request(dialect, "Hi [[text:400]]", stream=True)))
    await reader.readuntil(b"data: ")
    during = await client.admin("/counters")
    await leave(writer)
    await until(lambda: not client.emulator.counters.requests[0].is_open)

    after = await client.admin("/counters")
    assert (during["streams_open"], during["streams_cut_by_client"]) == (1, 0)
    assert (after["streams_open"], after["streams_cut_by_client"], after["streams_ended"]) == (0, 1, 0)


async def test_a_stream_that_ended_is_counted_as_ended(start: Any):
    client = await start("openai_chat")

    async with client.post(request("openai_chat", "Hi", stream=True)) as response:
        await response.read()

    counted = await client.admin("/counters")
    assert (counted["streams_ended"], counted["streams_cut_by_client"]) == (1, 0)


async def test_a_hang_lasts_until_the_client_leaves(start: Any):
    client = await start("openai_chat")
    reader, writer = await connect(client)

    writer.write(raw_request("openai_chat", request("openai_chat", "Hi [[hang]]", stream=True)))
    await reader.readuntil(b"data: ")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await reader.readuntil(b"[DONE]")
    await leave(writer)

    await until(lambda: client.emulator.counters.requests[0].cut == "client")


async def test_a_refused_request_is_counted_with_its_rule(start: Any):
    client = await start("openai_chat", record_bodies=True)

    await client.json(request("openai_chat", "Hi", top_k=1))

    counted, log = await client.admin("/counters"), await client.admin("/requests?bodies=1")
    assert (counted["answered"], counted["rejections"]) == ({"400": 1}, {"no_top_k": 1})
    assert (log[0]["status"], log[0]["rule"], log[0]["body"]["top_k"]) == (400, "no_top_k", 1)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(("body", "status"), [(b"{not json", 400), (b"[" * 100_000, 400), (b"[]", 400), (b'"x"', 400)])
async def test_a_body_that_is_no_request_is_refused(start: Any, dialect: Any, body: bytes, status: int):
    client = await start(dialect)
    url = client.emulator.url + PATHS[dialect]

    async with client.session.post(url, data=body, headers=KEYS[dialect]) as response:
        error = await response.json()

    assert response.status == status
    assert "error" in error


async def test_bodies_are_not_kept_unless_asked_for(start: Any):
    client = await start("openai_chat")

    await client.json(request("openai_chat", "Hi"))

    assert client.emulator.counters.requests[0].body is None


async def test_reset_forgets_and_asking_is_not_counted(start: Any):
    client = await start("openai_chat")
    await client.json(request("openai_chat", "Hi"))

    await client.admin("/reset", {})

    counted = await client.admin("/counters")
    assert (counted["bytes_received"], counted["requests_begun"], counted["t_last_byte"]) == (0, 0, None)


@pytest.mark.parametrize(
    ("mood", "statuses"),
    [("overloaded", (529, 503)), ("rate_limited", (429, 429)), ("server_error", (500, 500)), ("suspended", (403, 403))],
)
async def test_a_mood_holds_for_every_answer_until_it_is_changed(start: Any, mood: str, statuses: tuple[int, int]):
    for dialect, status in zip(DIALECTS, statuses, strict=True):
        client = await start(dialect)
        await client.admin("/behaviour", {"mood": mood, "retry_after_s": 2})

        async with client.post(request(dialect, "Hi")) as moody:
            found = moody.status, moody.headers["retry-after"]
        await client.admin("/behaviour", {"mood": "normal"})
        async with client.post(request(dialect, "Hi")) as normal:
            after = normal.status

        assert (found, after) == ((status, "2"), 200)


async def test_an_unknown_mood_or_field_is_refused_by_name(start: Any):
    client = await start("openai_chat")

    assert "mood must be one of" in (await client.admin("/behaviour", {"mood": "sad"}))["error"]
    assert "'colour'" in (await client.admin("/behaviour", {"colour": "red"}))["error"]


async def test_events_arrive_split_inside_a_character(start: Any):
    client = await start("anthropic_messages")
    reader, writer = await connect(client)
    chunks: list[bytes] = []

    writer.write(
        raw_request(
            "anthropic_messages", request("anthropic_messages", "Hi [[text:300]] [[canary:東京東京]]", stream=True)
        )
    )
    await reader.readuntil(b"\r\n\r\n")
    while (size := int((await reader.readuntil(b"\r\n")).strip(), 16)) > 0:
        chunks.append(await reader.readexactly(size))
        await reader.readexactly(2)
    await leave(writer)

    def is_whole(chunk: bytes) -> bool:
        try:
            chunk.decode()
        except UnicodeDecodeError:
            return False
        return True

    assert not all(is_whole(chunk) for chunk in chunks)
    assert parse(b"".join(chunks))[-1][0] == "message_stop"


def test_a_split_falls_inside_a_character_where_there_is_one():
    payload = phrase(RNG, 5).encode() + "東".encode()

    head, tail = split(payload, RNG)

    assert head + tail == payload
    with pytest.raises(UnicodeDecodeError):
        head.decode()
