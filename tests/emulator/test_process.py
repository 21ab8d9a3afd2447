"""An emulated vendor as a process: how it says that it listens, and that nothing of it stays."""

import asyncio
import json
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.request import Request, urlopen

import pytest

MODULE = [sys.executable, "-m", "offramp_providers.emulator"]


@asynccontextmanager
async def running(*options: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, str, str]]:
    process = await asyncio.create_subprocess_exec(
        *MODULE, *options, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        ready = (await asyncio.wait_for(process.stdout.readline(), 20)).decode().split()
        admin = (await asyncio.wait_for(process.stdout.readline(), 20)).decode().split()
        assert (ready[0], admin[0]) == ("READY", "ADMIN")
        yield process, ready[1], admin[1]
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def fetched(url: str, body: object = None) -> object:
    headers = {"authorization": "Bearer k"}
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(url, data=data, headers=headers), timeout=10) as response:  # noqa: S310  # loopback
        return json.loads(response.read())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_cleanly_with_a_stream_open(number: signal.Signals):
    async with running("--dialect", "openai_chat", "--pace", "0.05") as (process, url, _):
        port = int(url.rsplit(":", 1)[1])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        body = json.dumps(
            {"model": "gpt-4o", "stream": True, "messages": [{"role": "user", "content": "[[text:500]]"}]}
        ).encode()
        head = (
            f"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer k\r\nContent-Length: {len(body)}"
        )
        writer.write(head.encode() + b"\r\n\r\n" + body)
        await reader.readuntil(b"data: ")

        process.send_signal(number)
        _, errors = await asyncio.wait_for(process.communicate(), 5)

        writer.close()
        assert (process.returncode, errors) == (0, b"")
        with pytest.raises(OSError, match=r"."):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()


async def test_it_ends_with_its_starter_where_asked_to():
    async with running("--dialect", "anthropic_messages", "--end-with-stdin") as (process, _, _):
        assert process.stdin is not None

        process.stdin.close()

        assert await asyncio.wait_for(process.wait(), 5) == 0


async def test_its_counters_are_read_at_the_side_entrance():
    async with running("--dialect", "openai_chat", "--seed", "3", "--key", "k") as (_, url, admin):
        body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}]}

        answer = await asyncio.to_thread(fetched, f"{url}/v1/chat/completions", body)
        counted = await asyncio.to_thread(fetched, f"{admin}/counters")

        assert isinstance(answer, dict)
        assert isinstance(counted, dict)
        assert answer["model"] == "gpt-4o"
        assert counted["answered"] == {"200": 1}


async def test_a_port_in_use_is_one_line():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])

        process = await asyncio.create_subprocess_exec(
            *MODULE, "--dialect", "openai_chat", "--port", port, stderr=asyncio.subprocess.PIPE
        )
        _, errors = await asyncio.wait_for(process.communicate(), 20)

    assert process.returncode == 1
    assert errors.decode().splitlines() == [f"offramp emulator: port {port} is in use. Use --port 0 for a free one."]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM")
async def test_a_signal_ends_it_though_its_input_stays_open():
    async with running("--dialect", "openai_chat", "--end-with-stdin") as (process, _, _):
        process.send_signal(signal.SIGTERM)

        assert await asyncio.wait_for(process.wait(), 5) == 0
