"""A bench over an endpoint that answers as a test wants, and checks that look at what the test names."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from offramp.config import Config, load_config
from offramp_conformance.conform.line_file import LineFile
from offramp_conformance.suite.check import Check, check
from offramp_conformance.suite.observations import Observation
from offramp_conformance.suite.opening import opened
from offramp_conformance.suite.sending import Bench
from offramp_conformance.suite.subject import Subject
from offramp_providers.emulator import Emulator, EmulatorConfig, serve
from support.deployment import write_deployment


def made(id: str, run: Callable[[Subject], Awaitable[Observation]], **fields: Any) -> Check:  # noqa: A002  # as the field
    """A check of this id and function; the rest as a plain MUST."""
    given = {"level": "MUST", "axis": "behaviour", "proves": "It holds.", "look_at": "The vendor.", **fields}
    return check(id, **given)(run)


def seeing(*observations: Observation) -> Callable[[Subject], Awaitable[Observation]]:
    """Asks nothing; sees these, one a try, the last one from then on."""

    async def run(subject: Subject) -> Observation:
        return observations[min(subject.number, len(observations) - 1)]

    return run


class Killed(BaseException):
    """The process ends here."""


@contextmanager
def killed_after(lines: int, *, torn: bool = False) -> Iterator[None]:
    """Whoever writes to a journal is killed when it has written so many lines; half of the next may be written."""
    left = lines

    def write(self: LineFile, line: BaseModel) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            if torn and left == -1:
                self._file.write(line.model_dump_json()[:9])
                self._file.flush()
            raise Killed
        whole(self, line)

    whole = LineFile.write
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LineFile, "write", write)
        with pytest.raises(Killed):
            yield


class Stand:
    """An emulated vendor and a configuration whose endpoint `a` it is."""

    def __init__(self, emulator: Emulator, config: Config) -> None:
        self.emulator = emulator
        self.config = config

    @asynccontextmanager
    async def bench(self, **options: Any) -> AsyncIterator[Bench]:
        async with opened(self.config, "a", **options) as bench:
            yield bench

    @property
    def requests(self) -> int:
        """Requests that have arrived."""
        return int(self.emulator.counters.summary()["requests_begun"])


@pytest.fixture
async def stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stand]:
    monkeypatch.setenv("A_KEY", "k-a")
    async with AsyncExitStack() as stack:
        emulator = await stack.enter_async_context(serve(EmulatorConfig("anthropic_messages", key="k-a", pace_s=0)))
        where = f'key.env = "A_KEY"\nbase_url = "{emulator.url}"'
        yield Stand(emulator, load_config(write_deployment(tmp_path, a=where, b='key.env = "A_KEY"')))


def states(results: Sequence[Any]) -> dict[str, str]:
    """The states by check."""
    return {each.id: each.state for each in results}
