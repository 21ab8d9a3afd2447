"""A transport that is closed at the end of the test."""

from collections.abc import AsyncGenerator

import pytest

from offramp_providers.transport import AiohttpTransport


@pytest.fixture
async def transport() -> AsyncGenerator[AiohttpTransport]:
    made = AiohttpTransport()
    yield made
    await made.aclose()
