"""Measures in rounds that interleave all contestants, so that a busy machine harms each alike."""

import gc
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import KW_ONLY
from pathlib import Path
from typing import Final, Literal, TypeAlias

from offramp.types import value
from offramp_conformance.bench.answers import CHUNKS, Wire
from offramp_conformance.bench.contestants import AT_ONCE, Contestant, contestants, many, talkers

if sys.platform != "win32":
    import resource

Kind: TypeAlias = Literal["call", "chunk", "history", "decision", "import"]

REFERENCE: Final[dict[Kind, str]] = {
    "call": "raw aiohttp",
    "chunk": "raw aiohttp",
    "history": "1 message",
    "decision": "15 µs",
    "import": "httpx and pydantic",
}
_IMPORTS: Final = {
    "offramp": "import offramp",
    "offramp, with its client": "from offramp import AsyncClient",
    "httpx and pydantic": "import httpx, pydantic",
    "nothing": "pass",
}


@value
class Row:
    """One contestant at one kind of work."""

    kind: Kind
    dialect: str | None
    name: str
    _: KW_ONLY
    samples_us: tuple[float, ...]
    """CPU of the client process for one unit of work, a sample a round, in microseconds."""
    ratio: float | None = None
    """Median, over the rounds, of this against the reference's in the same round."""

    @property
    def median_us(self) -> float:
        """Of the rounds."""
        return statistics.median(self.samples_us)


@contextmanager
def server() -> Generator[str]:
    """The server as a process; its address."""
    command = [sys.executable, "-m", "offramp_conformance.bench.server"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603  # our own module
        try:
            if process.stdout is None:
                raise OSError("the server has no output")
            with _apart(process.pid):
                yield process.stdout.readline().removeprefix("READY ").strip()
        finally:
            process.terminate()


@contextmanager
def _apart(server: int) -> Generator[None]:
    """Keep the server off the client's processor, so that it does not take turns with what is measured there."""
    places = sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else []
    if sys.platform == "linux" and len(places) > 1:
        os.sched_setaffinity(server, places[1:])
        os.sched_setaffinity(0, places[:1])
        try:
            yield
        finally:
            os.sched_setaffinity(0, places)
    else:
        yield


async def measure(wire: Wire, address: str, *, rounds: int, calls: int, streams: int) -> list[Row]:
    """Calls, streamed chunks, and calls with a history, in one dialect."""
    with tempfile.TemporaryDirectory() as folder:
        async with contestants(wire, address, Path(folder)) as all_of_them:
            called = await _rounds(all_of_them, lambda one: one.call, rounds=rounds, count=calls)
            streamed = await _rounds(all_of_them, lambda one: one.stream, rounds=rounds, count=streams)
        async with talkers(wire, address, Path(folder)) as both:
            talked = await _rounds(both, lambda one: one.call, rounds=rounds, count=calls)
    per_chunk = {name: [sample / CHUNKS for sample in samples] for name, samples in streamed.items()}
    return [
        *_rows("call", wire.dialect, called),
        *_rows("chunk", wire.dialect, per_chunk),
        *_rows("history", wire.dialect, talked),
    ]


async def _rounds(
    all_of_them: Sequence[Contestant],
    work_of: Callable[[Contestant], Callable[[], Awaitable[object]]],
    *,
    rounds: int,
    count: int,
) -> dict[str, list[float]]:
    for one in all_of_them:
        await many(work_of(one), AT_ONCE)  # connections, caches, validators
    samples: dict[str, list[float]] = {one.name: [] for one in all_of_them}
    for turn in range(rounds):
        for place in range(len(all_of_them)):
            one = all_of_them[(place + turn) % len(all_of_them)]
            times = max(min(count, AT_ONCE), round(count * one.share))
            gc.collect()
            before = time.process_time()
            await many(work_of(one), times)
            samples[one.name].append((time.process_time() - before) / times * 1e6)
    return samples


def measure_imports(*, rounds: int) -> list[Row]:
    """CPU of a fresh interpreter, less that of one that imports nothing."""
    samples: dict[str, list[float]] = {name: [] for name in _IMPORTS}
    for turn in range(rounds + 1):
        for name, script in _IMPORTS.items():
            spent = _cpu_of([sys.executable, "-c", script])
            if turn:  # the first round warms the file system's cache
                samples[name].append(spent * 1e6)
    bare = statistics.median(samples.pop("nothing"))
    return _rows("import", None, {name: [one - bare for one in each] for name, each in samples.items()})


def _cpu_of(command: Sequence[str]) -> float:
    """Seconds of a child's CPU."""
    before = _children_s()
    subprocess.run(command, check=True)  # noqa: S603  # our own interpreter
    return _children_s() - before


def _children_s() -> float:
    """CPU of all children that have ended, in seconds; `os.times` has ticks of 10 ms only."""
    if sys.platform == "win32":
        times = os.times()
        return times.children_user + times.children_system
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _rows(kind: Kind, dialect: str | None, samples: dict[str, list[float]]) -> list[Row]:
    reference = samples[REFERENCE[kind]]
    return [
        Row(
            kind,
            dialect,
            name,
            samples_us=tuple(each),
            ratio=statistics.median(one / base for one, base in zip(each, reference, strict=True)),
        )
        for name, each in samples.items()
    ]
