"""Putting an answer on the socket at a vendor's pace, whole or in pieces that fall where they should not."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from random import Random
from typing import Final, Literal, TypeAlias

from aiohttp import web

from .connection import Connection
from .wire import WireEvent

Break: TypeAlias = Literal["cut", "hang", "error"]

_SPLIT_EVERY: Final = 4
"""Each fourth event leaves in two writes, inside a character where it has one outside ASCII."""
_CONTINUATION: Final = range(0x80, 0xC0)


class ClientGone(Exception):
    """The client has closed the connection."""


async def pause(seconds: float, connection: Connection) -> None:
    """Wait, and notice if the client leaves meanwhile."""
    await asyncio.sleep(seconds)
    if connection.is_lost:
        raise ClientGone


async def wait_for_leave(connection: Connection) -> None:
    """Say nothing until the client leaves."""
    while True:
        await pause(0.05, connection)


async def send_events(
    response: web.StreamResponse,
    events: Sequence[WireEvent],
    connection: Connection,
    rng: Random,
    *,
    pace_s: float,
) -> None:
    """Send each event in a write of its own, some in two."""
    for index, event in enumerate(events):
        await pause(pace_s * rng.uniform(0.5, 1.5), connection)
        if index % _SPLIT_EVERY == _SPLIT_EVERY - 1:
            head, tail = split(event.payload, rng)
            await _write(response, head, connection)
            await pause(0.001, connection)
            await _write(response, tail, connection)
        else:
            await _write(response, event.payload, connection)


async def _write(response: web.StreamResponse, payload: bytes, connection: Connection) -> None:
    try:
        await response.write(payload)
    except ConnectionError as error:
        raise ClientGone from error
    if connection.is_lost:
        raise ClientGone


def split(payload: bytes, rng: Random) -> tuple[bytes, bytes]:
    """Cut in two: inside a character where there is one of several bytes, else anywhere."""
    inside = [place for place, byte in enumerate(payload) if byte in _CONTINUATION]
    place = rng.choice(inside) if inside else rng.randrange(1, max(2, len(payload)))
    return payload[:place], payload[place:]


def middle_of(events: Sequence[WireEvent]) -> int:
    """Where to break: after about half of the content, and never before some of it."""
    places = [index for index, event in enumerate(events) if event.kind == "content"]
    return places[len(places) // 2] + 1 if places else len(events)
