"""What oversight lets not go does not reach a vendor's socket, over either transport."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from offramp import ApprovalNeeded, AsyncClient, Interrupted, PolicyDenied, load_config
from offramp.oversight import approval_of
from offramp.state import FileApprovalBook, FileWatchBook, OversightFile
from offramp_providers.emulator import Emulator, EmulatorConfig, serve
from support.overseen import Desk, Opens, asked, open_desk, write_overseen

# ruff: noqa: PT012  # what is raised while a stream is read needs the stream around it


class Wire:
    """A client whose two endpoints are strict vendors on loopback."""

    def __init__(self, desk: Desk, client: AsyncClient, vendor: Emulator) -> None:
        self.desk, self.client, self.vendor = desk, client, vendor
        self.mission = client.mission("triage")

    @property
    def arrived(self) -> int:
        return len(self.vendor.counters.requests)


@pytest.fixture(params=["aiohttp", "httpx"])
async def wire(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Opens]:
    monkeypatch.setenv("ANY_KEY", "k")
    async with AsyncExitStack() as stack:

        async def begin(**declared: Any) -> Wire:
            config = EmulatorConfig("anthropic_messages", pace_s=0.01, record_bodies=True)
            vendor = await stack.enter_async_context(serve(config))
            path = write_overseen(tmp_path, **declared)
            place = f'base_url = "{vendor.url}"\nkey.env = "ANY_KEY"\noptions = {{ transport = "{request.param}" }}\n'
            path.write_text(path.read_text("utf-8").replace("model = ", f"{place}model = "), "utf-8")
            client = await stack.enter_async_context(AsyncClient(load_config(path)))
            return Wire(open_desk(path), client, vendor)

        yield begin


async def test_a_call_that_waits_for_its_approval_does_not_reach_the_vendor(wire: Opens):
    at = await wire()

    for call in (at.mission.generate, at.mission.count_tokens):
        with pytest.raises(ApprovalNeeded):
            await call("Flood at the depot")

    assert at.arrived == 0


async def test_of_calls_at_the_same_time_one_reaches_the_vendor(wire: Opens):
    """All of them find the approval unused when they are made ready; the last hop decides."""
    at = await wire()
    token = at.desk.grant((await asked(at.mission)).request)

    calls = [at.mission.generate("Flood at the depot", approvals=[token]) for _ in range(5)]
    told = await asyncio.gather(*calls, return_exceptions=True)

    assert [type(one).__name__ for one in told].count("PolicyDenied") == 4
    assert at.arrived == 1


async def test_of_people_at_the_same_time_no_more_than_declared_reach_the_vendor(wire: Opens):
    at = await wire(oversight="advisory", scale="individual", bounds="\n[bounds]\nsubjects = 2\n")

    calls = [at.mission.generate("hi", subject=f"s{number}") for number in range(5)]
    told = await asyncio.gather(*calls, return_exceptions=True)

    assert sum(isinstance(one, PolicyDenied) for one in told) == 3
    assert at.arrived == 2


async def test_a_supervisor_s_stop_cuts_the_socket(wire: Opens):
    at = await wire(oversight="supervise")
    watches = FileWatchBook(OversightFile.beside("sqlite:state.db", at.desk.folder))
    at.desk.begin_watch("ann")

    with pytest.raises(Interrupted, match="ann has stopped it"):
        async with at.mission.stream("Count to a thousand" * 50) as stream:
            async for _ in stream.text:
                watches.stop("triage", by="ann")
                await asyncio.sleep(0)
    with pytest.raises(PolicyDenied):
        await at.mission.generate("hi")

    assert at.arrived == 1


async def test_the_queue_knows_the_token_that_was_granted(wire: Opens):
    at = await wire()
    needed = await asked(at.mission)
    token = at.desk.grant(needed.request)
    book = FileApprovalBook(OversightFile.beside("sqlite:state.db", at.desk.folder))

    answer = await at.mission.generate("Flood at the depot", approvals=[approval_of(book, needed.request)])

    assert answer.text
    assert approval_of(book, needed.request) == token
