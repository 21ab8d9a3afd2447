"""Where a call's time goes, by part: a profile of the client's own thread."""

import cProfile
import tempfile
import time
from pathlib import Path
from typing import Final

from offramp.types import value
from offramp_conformance.bench.answers import Wire
from offramp_conformance.bench.contestants import contestants, many

_PARTS: Final = (
    ("policy", "offramp/policy/"),
    ("gate and state", "offramp/state/"),
    ("decision log", "offramp/audit/"),
    ("ledger and sessions", "offramp/sessions/"),
    ("ledger and sessions", "offramp/_notebook"),
    ("ledger and sessions", "offramp/_session"),
    ("retry, breaker, deadline", "offramp/resilience/"),
    ("retry, breaker, deadline", "tenacity"),
    ("negotiation and routing", "offramp/negotiation/"),
    ("negotiation and routing", "offramp/routing/"),
    ("dialect", "offramp_providers/dialects/"),
    ("transport", "offramp_providers/"),
    ("values", "offramp/types/"),
    ("front door", "offramp/"),
    ("aiohttp", "aiohttp"),
    ("asyncio", "asyncio"),
    ("asyncio", "selectors"),
)

_WAITING: Final = "waiting"
_BUILTINS: Final = (
    (_WAITING, ("epoll", "select.select")),
    ("files of state and log", ("posix.stat", "posix.write", "posix.fsync", "posix.fdatasync", "sqlite3")),
    ("sockets", ("socket",)),
    ("JSON", ("json", "pydantic_core")),
    ("hashes", ("sha256", "hashlib", "hmac")),
)


@value
class Share:
    """One part's own time."""

    part: str
    us: float
    """For one unit of work, in microseconds, with the profiler's own burden in it."""
    share: float


async def profiled(wire: Wire, address: str, *, stream: bool, count: int) -> list[Share]:
    """Own time by part, the largest first."""
    with tempfile.TemporaryDirectory() as folder:
        async with contestants(wire, address, Path(folder)) as all_of_them:
            (one,) = (each for each in all_of_them if each.name == "offramp")
            work = one.stream if stream else one.call
            await many(work, count)
            profile = cProfile.Profile(time.thread_time)
            profile.enable()
            await many(work, count)
            profile.disable()
    return _shares(profile, count)


def _shares(profile: cProfile.Profile, count: int) -> list[Share]:
    spent: dict[str, float] = {}
    for entry in profile.getstats():
        code = entry.code
        part = _builtin(code) if isinstance(code, str) else _part(code.co_filename)
        spent[part] = spent.get(part, 0.0) + entry.inlinetime
    spent.pop(_WAITING, None)
    whole = sum(spent.values())
    shares = [Share(part, own / count * 1e6, own / whole) for part, own in spent.items()]
    return sorted(shares, key=lambda each: -each.us)


def _part(file: str) -> str:
    place = file.replace("\\", "/")
    return next((part for part, sign in _PARTS if sign in place), "other")


def _builtin(name: str) -> str:
    return next((part for part, signs in _BUILTINS if any(sign in name for sign in signs)), "built-in functions")
