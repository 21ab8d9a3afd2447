"""Recorded streams, served over a socket in odd pieces, arrive as the same batches as decoded in one go."""

import random
from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import replace

import pytest

from offramp.contracts.scripted import scripted_endpoint
from offramp.types import Batch, GenerateRequest, ResponseFailed, user
from offramp_conformance.accounting.recordings import split_sse
from offramp_providers.http_provider import HttpProvider
from offramp_providers.installed import find_dialect
from support.cassettes import recordings
from support.open_token import OpenToken
from support.raw_server import Peer, raw_server

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n"


def recorded(api: str) -> list[bytes]:
    texts = [each["response"].get("text") for each in recordings(api)]
    return [text.encode() for text in texts if text and "data:" in text]


def in_odd_pieces(stream: bytes, chance: random.Random) -> Iterator[bytes]:
    at = 0
    while at < len(stream):
        size = chance.choice([1, 7, 500, 2000, 8000])
        piece = stream[at : at + size]
        yield b"%x\r\n%s\r\n" % (len(piece), piece)
        at += size
    yield b"0\r\n\r\n"


async def read(provider: HttpProvider) -> list[tuple[object, ...]]:
    call = provider.prepare(GenerateRequest((user("hello"),), stream=True, max_output_tokens=10))
    async with provider.stream(call, token=OpenToken(provider.endpoint.identity)) as reads:
        return told([batch async for batches in reads for batch in batches])


def decoded(stream: bytes, provider: HttpProvider) -> list[tuple[object, ...]]:
    decoder = find_dialect(provider.endpoint.profile.dialect).stream_decoder({}, provider.endpoint.origin)
    return told([decoder.decode(event) for event in split_sse(stream.decode())])


def told(batches: list[Batch]) -> list[tuple[object, ...]]:
    """The events up to a failure, and of that its kind: errors are not equal to each other, and end the stream."""
    events: list[tuple[object, ...]] = []
    for batch in batches:
        kinds = [event.error.kind for event in batch.events if isinstance(event, ResponseFailed)]
        events.append((*[event for event in batch.events if not isinstance(event, ResponseFailed)], *kinds))
        if kinds:
            break
    return [batch for batch in events if batch]


@pytest.mark.parametrize(
    ("api", "dialect"), [("openai.chat", "openai_chat"), ("anthropic.messages", "anthropic_messages")]
)
async def test_recorded_streams_survive_any_pieces(api: str, dialect: str):
    streams = recorded(api)
    waiting = iter(streams)
    chance = random.Random(7)  # noqa: S311  # repeatable on purpose

    async def handler(peer: Peer) -> None:
        while True:
            await peer.request()
            pieces = list(in_odd_pieces(next(waiting), chance))
            await peer.say(HEAD, *pieces[:20])
            await peer.say(b"".join(pieces[20:]))

    async with raw_server(handler) as server:
        endpoint = replace(scripted_endpoint(dialect=dialect), base_url=server.url)
        async with aclosing(HttpProvider(endpoint)) as provider:
            differing = [
                number for number, stream in enumerate(streams) if await read(provider) != decoded(stream, provider)
            ]

    assert differing == []
    assert len(streams) > 10
