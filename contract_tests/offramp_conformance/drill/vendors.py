"""The two emulated vendors as processes, and what their own counters say."""

from asyncio.subprocess import Process
from collections.abc import Mapping
from typing import Any, Final, cast

import aiohttp

from offramp.types import JsonObject, value
from offramp_conformance.drill.children import Children
from offramp_conformance.drill.evidence import SeenRequest, SeenVendor
from offramp_conformance.drill.scenario import FIRST_MODEL, SECOND_MODEL
from offramp_providers.emulator.json_values import is_object

_DIALECTS: Final = ("anthropic_messages", "openai_chat")
_MODELS: Final = (FIRST_MODEL, SECOND_MODEL)
_ISSUERS: Final = ("acme", "bolt")


@value
class Address:
    """Where an emulated vendor listens, and where its counters are read."""

    url: str
    admin: str


async def start_vendors(
    children: Children, *, seed: int, pace_s: float, keys: tuple[str, str]
) -> tuple[Address, Address]:
    """Start both, strict in every rule they have, and wait until they listen."""
    first, second = [
        await children.start(
            "offramp_providers.emulator",
            [
                *("--dialect", dialect, "--seed", str(seed), "--pace", f"{pace_s:g}", "--first", "0.03"),
                *("--key", keys[place], "--issuer", _ISSUERS[place], "--model", _MODELS[place]),
                *("--also-recalled", "--record-bodies", "--end-with-stdin"),
            ],
        )
        for place, dialect in enumerate(_DIALECTS)
    ]
    return await _address(children, first), await _address(children, second)


async def _address(children: Children, process: Process) -> Address:
    return Address(await children.line_of(process, "READY"), await children.line_of(process, "ADMIN"))


class Counters:
    """Reads one emulated vendor's counters by its side entrance; asking there is not counted."""

    def __init__(self, http: aiohttp.ClientSession, address: Address) -> None:
        self._http = http
        self._admin = address.admin

    async def sums(self, *, since: float | None = None) -> JsonObject:
        """The sums so far; with a time, also what came after it."""
        query = "" if since is None else f"?since={since!r}"
        return cast("JsonObject", await self._get(f"/counters{query}"))

    async def requests(self) -> tuple[SeenRequest, ...]:
        """Every request with its body."""
        return tuple(_request(row) for row in await self._get("/requests?bodies=1"))

    async def _get(self, path: str) -> Any:
        async with self._http.get(f"{self._admin}{path}") as answer:
            answer.raise_for_status()
            return await answer.json()


async def seen_vendor(counters: Counters, *, stop_s: float) -> SeenVendor:
    """What a vendor has counted in the whole drill.

    Args:
        counters: of the vendor.
        stop_s: when its counters were read after the order.
    """
    sums = await counters.sums(since=stop_s)
    after: Mapping[str, Any] = sums["since"]
    return SeenVendor(
        requests=await counters.requests(),
        bytes_received=sums["bytes_received"],
        requests_after_stop=after["requests_with_bytes"],
        bytes_after_stop=after["bytes_received"],
        t_last_byte=sums["t_last_byte"],
    )


def _request(row: JsonObject) -> SeenRequest:
    return SeenRequest(
        t_first_byte=row["t_first_byte"],
        t_last_byte=row["t_last_byte"],
        bytes=row["bytes"],
        complete=row["is_complete"],
        status=row["status"],
        rule=row["rule"],
        stream=row["stream"],
        cut=row["cut"],
        t_end=row["t_end"],
        path=row["path"],
        body=row["body"] if is_object(row["body"]) else None,
    )
