"""Deployments whose mission declares oversight or a scale."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from offramp.contracts.clock import ManualClock
from support.overseen import Desk, Opens, open_desk, write_overseen
from support.scripted_answers import said

ANSWERS = 6
"""What each vendor has to say; more than any test asks for."""


@pytest.fixture(params=["sqlite:state.db", "file:state.json"])
def state(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def opens(tmp_path: Path) -> AsyncIterator[Opens]:
    """`await opens(oversight="approve")`: a client, closed at the end. Without arguments again: a second replica."""
    async with AsyncExitStack() as stack:

        async def begin(*, clock: ManualClock | None = None, again: bool = False, **declared: Any) -> Desk:
            path = tmp_path / "offramp.toml" if again else write_overseen(tmp_path, **declared)
            desk = open_desk(path, script=[said("dry feet")] * ANSWERS, clock=clock)
            await stack.enter_async_context(desk.client)
            return desk

        yield begin
