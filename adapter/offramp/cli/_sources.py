"""What the claims of installed vendors rest on: each source once, where it can be opened, and whether it still can.

Nothing is opened unless it is asked for. Redirects are told and not followed: a page that moved is a claim to look at.
"""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import KW_ONLY, replace
from datetime import date
from typing import Final, Literal, TypeAlias

from offramp.catalog import load_profile, policy_text
from offramp.contracts.statements import address_of, statements
from offramp.errors import OfframpError
from offramp.policy import contract_from
from offramp.types import value

State: TypeAlias = Literal["opens", "moved", "gone", "refused", "unreachable"]
"""`gone`: there is no such page any more. `refused`: its host answers, and does not let a program see."""

DEAD: Final[frozenset[State]] = frozenset({"gone", "unreachable"})
_AT_ONCE: Final = 8
_LONGEST_S: Final = 20.0


@value
class Source:
    """What some claims rest on."""

    name: str
    _: KW_ONLY
    address: str | None
    """None: nobody says where a reader can open it."""
    checked: date
    """The last day on which a claim was held against it."""
    vendors: tuple[str, ...]
    claims: int


@value
class Opening:
    """What has become of one address."""

    state: State
    why: str


def sources_of(vendors: Iterable[str]) -> tuple[Source, ...]:
    """Every source of these vendors' profiles and policy contracts, in alphabetical order."""
    found: dict[tuple[str, str | None], Source] = {}
    for vendor in vendors:
        for one in (*_profile_sources(vendor), *_policy_sources(vendor)):
            key = (one.name, one.address)
            found[key] = _together(found[key], one) if key in found else one
    return tuple(found[key] for key in sorted(found, key=lambda key: (key[0].lower(), key[1] or "")))


def _together(one: Source, other: Source) -> Source:
    return replace(
        one,
        checked=max(one.checked, other.checked),
        vendors=tuple(dict.fromkeys((*one.vendors, *other.vendors))),
        claims=one.claims + other.claims,
    )


def _profile_sources(vendor: str) -> Iterator[Source]:
    profile = load_profile(vendor)
    for _, evidence in statements(profile):
        if evidence.source is not None:
            address = address_of(evidence.source, profile)
            yield Source(evidence.source, address=address, checked=evidence.checked, vendors=(vendor,), claims=1)


def _policy_sources(vendor: str) -> Iterator[Source]:
    shipped = policy_text(vendor)
    if shipped is None:
        return
    try:
        contract = contract_from(*shipped).content
    except OfframpError:
        return  # `offramp vendors` says that it cannot be read
    for each in contract.sources:
        yield Source(each.document, address=each.url, checked=each.retrieved, vendors=(vendor,), claims=1)


def opened(addresses: Iterable[str]) -> dict[str, Opening]:
    """Ask for each page once, a few at a time."""
    return asyncio.run(_all(tuple(dict.fromkeys(addresses))))


async def _all(addresses: tuple[str, ...]) -> dict[str, Opening]:
    import aiohttp  # loaded only where pages are opened

    room = asyncio.Semaphore(_AT_ONCE)
    limit = aiohttp.ClientTimeout(total=_LONGEST_S)
    async with aiohttp.ClientSession(timeout=limit, headers={"User-Agent": "offramp"}) as session:

        async def one(address: str) -> Opening:
            try:
                async with room, session.get(address, allow_redirects=False) as answer:
                    return _seen(answer.status, answer.headers.get("Location"))
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                return Opening("unreachable", type(error).__name__)

        return dict(zip(addresses, await asyncio.gather(*map(one, addresses)), strict=True))


def _seen(status: int, location: str | None) -> Opening:
    if status in (404, 410):
        return Opening("gone", f"status {status}")
    if status >= 400:
        return Opening("refused", f"status {status}")
    if status >= 300:
        return Opening("moved", f"to {location or 'nowhere'}")
    return Opening("opens", f"status {status}")
