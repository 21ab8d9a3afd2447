"""Endpoints as a configuration makes them, with the profiles that ship."""

from collections.abc import Callable
from typing import Any

import pytest

from offramp.config import Config, endpoint_of
from offramp.contracts.endpoint import Endpoint
from offramp_providers.http_provider import HttpProvider


class NoTransport:
    """Nothing is sent in these tests."""

    async def aclose(self) -> None:
        """Nothing is open."""


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Endpoint]:
    """An endpoint of an installed vendor; further words are those of its table in offramp.toml."""
    monkeypatch.setenv("MADE_UP_KEY", "made-up")

    def make(vendor: str, model: str = "m", **table: Any) -> Endpoint:
        tables = {"e": {"vendor": vendor, "model": model, "key": {"env": "MADE_UP_KEY"}, **table}}
        missions = {"m": {"declaration": "m.toml", "route": ["e"]}}
        return endpoint_of(Config.model_validate({"schema": 1, "endpoints": tables, "missions": missions}), "e")

    return make


@pytest.fixture
def prepare() -> Callable[..., Any]:
    """The call as it would be sent to an endpoint."""

    def run(endpoint: Endpoint, request: Any, vendor_options: Any = None) -> Any:
        transport: Any = NoTransport()
        return HttpProvider(endpoint, transport=transport).prepare(request, vendor_options)

    return run
