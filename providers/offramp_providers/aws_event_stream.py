"""AWS's binary event stream, both ways: bytes in any chunking to events, and one wire event to bytes.

A message is: total length, length of its headers, a checksum of these two; the headers; the payload; a checksum of all
before it. Numbers are big-endian, checksums are CRC-32 (https://smithy.io/2.0/aws/amazon-eventstream.html, checked
2026-11-26). An exception is a message too, and is given as an event that bears its name.

Decoded here, not by botocore, so that a stream can be read without it; the tests hold the two against each other.
"""

import struct
from collections.abc import Iterator, Mapping
from typing import Final
from zlib import crc32

from offramp.errors import ProviderError, ProviderErrorKind
from offramp.types import WireEvent
from offramp_providers.frame import Frame
from offramp_providers.wire_json import dump_json

MAX_MESSAGE_BYTES: Final = 24 * 1024 * 1024
"""The longest payload that the format allows, 24 MB, is this less the headers."""

_PRELUDE: Final = struct.Struct(">III")
_CHECKSUM: Final = struct.Struct(">I")
_LEAST: Final = _PRELUDE.size + _CHECKSUM.size

_SIZES: Final[Mapping[int, int]] = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}
"""Bytes of a header's content by the code of its type, where the type fixes it: booleans, integers, a time, a UUID."""
_BYTES, _TEXT = 6, 7


class AwsEventDecoder:
    """Splits one stream into events, whatever the chunks."""

    def __init__(self, *, max_message_bytes: int = MAX_MESSAGE_BYTES) -> None:
        self._max_message_bytes = max_message_bytes
        self._buffer = bytearray()

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        """The events that these bytes complete.

        Raises:
            ProviderError: `too_large`; or `stream_interrupted`: a checksum or a length is wrong, so that nothing
                after it can be trusted either.
        """
        self._buffer += chunk
        while (size := self._next_size()) is not None and len(self._buffer) >= size:
            message = bytes(self._buffer[:size])
            del self._buffer[:size]
            yield _decode_message(message)

    def finish(self) -> tuple[Frame, ...]:
        """Nothing: half a message is none."""
        return ()

    def _next_size(self) -> int | None:
        """The length of the message that the buffer begins with; None until its prelude is there."""
        if len(self._buffer) < _PRELUDE.size:
            return None
        size, headers_size, checksum = _PRELUDE.unpack_from(self._buffer)
        if crc32(self._buffer[:8]) != checksum:
            raise _damaged("the checksum of a message's prelude is wrong")
        if size > self._max_message_bytes:
            raise ProviderError(
                f"a stream event of more than {self._max_message_bytes} bytes", kind=ProviderErrorKind.TOO_LARGE
            )
        if size < _LEAST + headers_size:
            raise _damaged("a message is shorter than its headers")
        return int(size)


def _decode_message(message: bytes) -> Frame:
    _, headers_size, _ = _PRELUDE.unpack_from(message)
    (checksum,) = _CHECKSUM.unpack_from(message, len(message) - _CHECKSUM.size)
    if crc32(message[: -_CHECKSUM.size]) != checksum:
        raise _damaged("the checksum of a message is wrong")
    body = _PRELUDE.size + headers_size
    headers = _decode_headers(message[_PRELUDE.size : body])
    return _frame(headers, message[body : -_CHECKSUM.size])


def _frame(headers: dict[str, str], payload: bytes) -> Frame:
    if headers.get(":message-type") == "error":  # a fault without a payload: its text stands in a header
        told = dump_json({"message": headers.get(":error-message", "")})
        return Frame(told, headers.get(":error-code") or "error", headers=headers)
    return Frame(payload, headers.get(":event-type") or headers.get(":exception-type"), headers=headers)


def _decode_headers(block: bytes) -> dict[str, str]:
    """The headers that are text; others say nothing that is read here."""
    headers: dict[str, str] = {}
    at = 0
    try:
        while at < len(block):
            name_ends = at + 1 + block[at]
            name, kind = block[at + 1 : name_ends], block[name_ends]
            begins, ends = _extent(kind, block, name_ends + 1)
            if ends > len(block):
                raise _damaged("a header ends outside its message")
            if kind == _TEXT:
                headers[name.decode()] = block[begins:ends].decode()
            at = ends
    except (IndexError, KeyError, UnicodeDecodeError, struct.error) as error:
        raise _damaged("the headers of a message cannot be read") from error
    return headers


def _extent(kind: int, block: bytes, at: int) -> tuple[int, int]:
    """Where a header's content begins and ends."""
    if kind in (_BYTES, _TEXT):
        (length,) = struct.unpack_from(">H", block, at)
        return at + 2, at + 2 + length
    return at, at + _SIZES[kind]


def _damaged(what: str) -> ProviderError:
    return ProviderError(f"the stream is damaged: {what}", kind=ProviderErrorKind.STREAM_INTERRUPTED)


def encode_aws_event(event: WireEvent) -> bytes:
    """One wire event as a message. What its headers do not say, its name does: `…Exception` is an exception."""
    kind = "exception" if (event.event or "").endswith("Exception") else "event"
    standing = {f":{kind}-type": event.event or "", ":content-type": "application/json", ":message-type": kind}
    payload = event.data.encode() if isinstance(event.data, str) else dump_json(event.data)
    return _encode_message(event.headers or standing, payload)


def _encode_message(headers: Mapping[str, str], payload: bytes) -> bytes:
    block = b"".join(_encode_header(name.encode(), content.encode()) for name, content in headers.items())
    lengths = struct.pack(">II", _LEAST + len(block) + len(payload), len(block))
    message = lengths + _CHECKSUM.pack(crc32(lengths)) + block + payload
    return message + _CHECKSUM.pack(crc32(message))


def _encode_header(name: bytes, content: bytes) -> bytes:
    return bytes([len(name)]) + name + struct.pack(">BH", _TEXT, len(content)) + content
