"""A model that its vendor has shut down: the vendor says only that there is none, the profile knows why."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from offramp import AsyncClient, ProviderError, ProviderErrorKind
from offramp.catalog import load_profile
from offramp.contracts.profile import ModelFacts
from offramp_providers.emulator import EmulatorConfig, serve
from support.deployment import write_deployment


@pytest.mark.parametrize(("days", "moves"), [(-1, True), (0, True), (1, False)])
async def test_a_retired_model_falls_back_from_its_day_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int, moves: bool
):
    profile = load_profile("anthropic")
    end = datetime.now(UTC).date() + timedelta(days=days)
    monkeypatch.setitem(profile.models, "old-model", ModelFacts(evidence=profile.evidence, retires=end))
    monkeypatch.setenv("ANY_KEY", "k")
    async with (
        serve(EmulatorConfig("anthropic_messages", pace_s=0, models=("another",), also_recalled=True)) as a,
        serve(EmulatorConfig("openai_chat", pace_s=0)) as b,
    ):
        path = write_deployment(
            tmp_path, a=f'base_url = "{a.url}"\nkey.env = "ANY_KEY"', b=f'base_url = "{b.url}/v1"\nkey.env = "ANY_KEY"'
        )
        path.write_text(path.read_text().replace("claude-sonnet-5-5", "old-model"))
        async with AsyncClient.from_file(path) as client:
            if moves:
                response = await client.mission("triage").generate("hello")
            else:
                with pytest.raises(ProviderError) as caught:
                    await client.mission("triage").generate("hello")

    if moves:
        assert response.origin is not None
        assert response.origin.developer == "bolt"
    else:
        assert caught.value.kind is ProviderErrorKind.MODEL_NOT_FOUND
        assert b.counters.summary()["requests_begun"] == 0
