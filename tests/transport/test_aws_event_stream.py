"""The decoder of AWS's event stream gives the same events whatever the chunks, and believes no damaged byte."""

import json
import struct
from collections.abc import Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import replace
from itertools import pairwise
from typing import Any, TypeAlias
from uuid import UUID
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.contracts.scripted import scripted_endpoint
from offramp.errors import ProviderError, ProviderErrorKind
from offramp.types import Batch, GenerateRequest, ResponseEnd, ResponseFailed, TextDelta, WireEvent, user
from offramp_providers.aws_event_stream import AwsEventDecoder, encode_aws_event
from offramp_providers.frame import Frame
from offramp_providers.http_provider import HttpProvider
from support.open_token import OpenToken
from support.raw_server import Peer, raw_server
from support.tiny_dialect import TINY

EVENT = {":event-type": "textDelta", ":content-type": "application/json", ":message-type": "event"}
THROTTLED = {
    ":exception-type": "throttlingException",
    ":content-type": "application/json",
    ":message-type": "exception",
}

Oracle: TypeAlias = Callable[[bytes], list[tuple[dict[str, Any], bytes]]]

texts = st.text(max_size=20)
messages = st.lists(
    st.builds(
        lambda event, text: WireEvent(data={"text": text}, event=event),
        st.sampled_from(["messageStart", "contentBlockDelta", "throttlingException"]),
        texts,
    ),
    max_size=5,
)


def message(payload: bytes, headers: Mapping[str, str] | None = None, *, raw_headers: bytes = b"") -> bytes:
    """Written out here, so that the project's own encoder is not its decoder's only judge."""
    block = raw_headers + b"".join(
        struct.pack(">B", len(name)) + name.encode() + b"\x07" + struct.pack(">H", len(text)) + text.encode()
        for name, text in (EVENT if headers is None else headers).items()
    )
    start = struct.pack(">II", 16 + len(block) + len(payload), len(block))
    start += struct.pack(">I", crc32(start)) + block + payload
    return start + struct.pack(">I", crc32(start))


def decoded(chunks: Iterable[bytes], **settings: int) -> list[Frame | ProviderErrorKind]:
    """The events, and as the last one what went wrong."""
    decoder = AwsEventDecoder(**settings)
    found: list[Frame | ProviderErrorKind] = []
    try:
        for chunk in chunks:
            for frame in decoder.feed(chunk):
                found.append(frame)  # noqa: PERF402  # those before a fault count
        found.extend(decoder.finish())
    except ProviderError as error:
        found.append(error.kind)
    return found


def cut_at(stream: bytes, places: Iterable[int]) -> list[bytes]:
    cuts = sorted({0, len(stream), *(place % (len(stream) + 1) for place in places)})
    return [stream[start:end] for start, end in pairwise(cuts)]


@pytest.fixture(scope="module")
def by_botocore() -> Oracle:
    """What AWS's own decoder makes of it."""
    theirs: Any = pytest.importorskip("botocore.eventstream", reason="botocore is not installed")

    def decode(stream: bytes) -> list[tuple[dict[str, Any], bytes]]:
        buffer = theirs.EventStreamBuffer()
        buffer.add_data(stream)
        return [(each.headers, each.payload) for each in buffer]

    return decode


def test_event_has_its_name_its_data_and_its_headers():
    assert decoded([message(b'{"a":1}')]) == [Frame(b'{"a":1}', "textDelta", headers=EVENT)]


def test_exception_is_an_event_of_its_name():
    told = message(b'{"message":"slow down"}', THROTTLED)

    assert decoded([told]) == [Frame(b'{"message":"slow down"}', "throttlingException", headers=THROTTLED)]


def test_error_without_payload_has_its_code_and_its_text():
    headers = {":message-type": "error", ":error-code": "InternalError", ":error-message": "oh"}

    (frame,) = decoded([message(b"", headers)])

    assert isinstance(frame, Frame)
    assert (frame.event, json.loads(frame.data)) == ("InternalError", {"message": "oh"})


def test_headers_of_every_type_are_passed_over_or_read(by_botocore: Oracle):
    others = {0: b"", 1: b"", 2: b"\1", 3: b"\1\2", 4: b"1234", 5: b"12345678", 6: b"\0\2xy", 8: b"12345678"}
    raw = b"".join(b"\1" + bytes([97 + kind, kind]) + content for kind, content in others.items())
    raw += b"\1u\x09" + UUID(int=7).bytes
    stream = message(b"{}", raw_headers=raw)

    assert decoded([stream]) == [Frame(b"{}", "textDelta", headers=EVENT)]
    assert len(by_botocore(stream)[0][0]) == len(EVENT) + len(others) + 1


@given(messages, st.lists(st.integers(0, 10_000), max_size=8))
def test_events_are_the_same_in_any_pieces_and_for_botocore(
    by_botocore: Oracle, events: list[WireEvent], places: list[int]
):
    stream = b"".join(map(encode_aws_event, events))

    whole = decoded([stream])

    assert decoded(cut_at(stream, places)) == whole
    frames = [each for each in whole if isinstance(each, Frame)]
    assert [(frame.headers, frame.data) for frame in frames] == by_botocore(stream)
    assert [(frame.event, json.loads(frame.data)) for frame in frames] == [(each.event, each.data) for each in events]


@given(messages.filter(bool), st.integers(0), st.integers(1, 255), st.lists(st.integers(0, 10_000), max_size=5))
def test_no_changed_byte_is_believed_and_what_came_before_it_is_kept(
    events: list[WireEvent], place: int, change: int, places: list[int]
):
    encoded = [encode_aws_event(event) for event in events]
    stream = bytearray(b"".join(encoded))
    place %= len(stream)
    stream[place] ^= change
    intact, end = 0, 0
    for each in encoded:
        end += len(each)
        intact += end <= place

    found = decoded(cut_at(bytes(stream), places))

    assert found[:intact] == decoded([b"".join(encoded)])[:intact]
    assert found[intact:] in (
        [ProviderErrorKind.STREAM_INTERRUPTED],
        [ProviderErrorKind.TOO_LARGE],
        [],  # a length that became larger, and the bytes that would prove it wrong have not come
    )


@given(messages.filter(bool), st.integers(1))
def test_half_a_message_is_none(events: list[WireEvent], cut: int):
    encoded = [encode_aws_event(event) for event in events]
    stream = b"".join(encoded)

    found = decoded([stream[: len(stream) - 1 - cut % len(encoded[-1])]])

    assert found == decoded(encoded[:-1])


def test_message_above_the_cap_is_refused_before_it_has_come():
    head = message(b"x" * 200)[:12]

    assert decoded([head], max_message_bytes=100) == [ProviderErrorKind.TOO_LARGE]


@pytest.mark.parametrize(
    "broken",
    [
        message(b"{}", {}, raw_headers=b"\x05ab"),  # a name that ends outside
        message(b"{}", {}, raw_headers=b"\x01a\x07\x00\x09x"),  # a text that ends outside
        message(b"{}", {}, raw_headers=b"\x01a\x0b"),  # a type that there is not
        message(b"{}", {}, raw_headers=b"\x01a\x07\x00\x01\xff"),  # no UTF-8
        struct.pack(">II", 20, 9) + struct.pack(">I", crc32(struct.pack(">II", 20, 9))) + b"12345678",
    ],
)
def test_headers_that_cannot_be_read_end_the_stream(broken: bytes):
    assert decoded([message(b"{}"), broken, message(b"{}")])[1:] == [ProviderErrorKind.STREAM_INTERRUPTED]


# Over a socket, with the provider.


def text(word: str) -> bytes:
    return message(json.dumps({"text": word}).encode())


DONE = message(b'{"stop":"done"}')


async def read_from(*pieces: bytes, ended: bool = True) -> list[Batch]:
    asked: list[bytes] = []

    async def handler(peer: Peer) -> None:
        asked.append((await peer.request())[0].lower())
        head = (
            b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.amazon.eventstream\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        await peer.say(head, *(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces))
        if ended:
            await peer.say(b"0\r\n\r\n")

    async with raw_server(handler) as server:
        endpoint = replace(scripted_endpoint(dialect="tiny"), base_url=server.url)
        async with aclosing(HttpProvider(endpoint, dialect=replace(TINY, framing="aws_event_stream"))) as provider:
            call = provider.prepare(GenerateRequest((user("hello"),), stream=True))
            async with provider.stream(call, token=OpenToken(provider.endpoint.identity)) as reads:
                read = [batch async for batches in reads for batch in batches]
    assert b"accept: application/vnd.amazon.eventstream\r\n" in asked[0]
    return read


def said(batches: list[Batch]) -> str:
    return "".join(event.text for batch in batches for event in batch.events if isinstance(event, TextDelta))


def failure(batches: list[Batch]) -> ProviderError:
    last = batches[-1].events[-1]
    assert isinstance(last, ResponseFailed)
    return last.error


async def test_stream_in_any_pieces_is_read_to_its_outcome():
    stream = text("a") + text("b") + DONE

    batches = await read_from(*(stream[at : at + 7] for at in range(0, len(stream), 7)))

    assert said(batches) == "ab"
    assert isinstance(batches[-1].events[-1], ResponseEnd)


async def test_damage_in_mid_stream_keeps_what_came_before_it_in_the_same_read():
    damaged = bytearray(text("b"))
    damaged[-6] ^= 1

    batches = await read_from(text("a") + bytes(damaged) + DONE)

    assert said(batches) == "a"
    error = failure(batches)
    assert (error.kind, error.phase, error.status) == (ProviderErrorKind.STREAM_INTERRUPTED, "mid_stream", 200)


@pytest.mark.parametrize("ended", [True, False])
@pytest.mark.parametrize("last", [b"", DONE[:-1]])
async def test_stream_without_its_end_is_interrupted_and_never_complete(last: bytes, ended: bool):
    pieces = [piece for piece in (text("a"), last) if piece]

    batches = await read_from(*pieces, ended=ended)

    assert said(batches) == "a"
    assert failure(batches).kind is ProviderErrorKind.STREAM_INTERRUPTED
    assert not any(isinstance(event, ResponseEnd) for batch in batches for event in batch.events)


async def test_damage_after_the_outcome_takes_nothing_back():
    batches = await read_from(text("a") + DONE, b"\0" * 12)

    assert isinstance(batches[-1].events[-1], ResponseEnd)
