"""The checks of permission, held against providers that do not mind their token."""

from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from offramp.config import endpoint_of, load_config
from offramp_conformance.checks import policy
from offramp_conformance.liars.places import PLACES, Place
from offramp_conformance.suite.check import Check
from offramp_conformance.suite.opening import opened
from offramp_conformance.suite.runner import Runner, RunSettings
from offramp_providers.emulator import EmulatorConfig, serve
from offramp_providers.http_provider import HttpProvider
from support.deployment import write_deployment
from support.open_token import OpenToken


class Heedless(HttpProvider):
    """Sends under a token of its own, whatever it was given."""

    def _own(self) -> Any:
        return OpenToken(self.endpoint.identity)

    async def send(self, call: Any, *, token: Any) -> Any:  # noqa: ARG002  # which is the lie
        return await super().send(call, token=self._own())

    @asynccontextmanager
    async def stream(self, call: Any, *, token: Any) -> Any:  # noqa: ARG002  # which is the lie
        async with super().stream(call, token=self._own()) as reads:
            yield reads

    async def perform(self, operation: Any, call: Any, *, token: Any) -> Any:  # noqa: ARG002  # which is the lie
        return await super().perform(operation, call, token=self._own())


_ANSWERS = Place("anthropic_messages", "anthropic", "claude-sonnet-5-5")
_EMBEDS = PLACES["openai_chat"]

HEEDLESS = (
    policy.stopped_whole,
    policy.stopped_stream,
    policy.stopped_count,
    policy.stopped_models,
    policy.others_token,
    policy.cut,
    policy.stopped_embed,
)
"""Checks that a provider which minds no token is refuted in."""


@pytest.mark.parametrize("heedless", [True, False])
@pytest.mark.parametrize("check", HEEDLESS, ids=lambda check: check.id)
async def test_who_does_not_mind_its_token_is_refuted_and_who_does_is_proven(
    check: Check, heedless: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("A_KEY", "k-a")
    place = _EMBEDS if check is policy.stopped_embed else _ANSWERS
    async with serve(EmulatorConfig(place.dialect, key="k-a", pace_s=0.01, models=(place.model,))) as server:
        where = f'key.env = "A_KEY"\nbase_url = "{server.url}{place.base_path}"'
        path = write_deployment(tmp_path, a=where, b='key.env = "A_KEY"', a_place=(place.vendor, place.model))
        config = load_config(path)
        provider = Heedless(endpoint_of(config, "a")) if heedless else None
        async with opened(config, "a", provider=provider) as bench:
            (result,) = await Runner(bench, RunSettings(tries=1)).run([check])

    assert result.state == ("refuted" if heedless else "proven"), result.why
