"""A vendor's further API is the same vendor in another dialect: chosen by the endpoint, with claims of its own."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from offramp import AsyncClient
from offramp.catalog import load_profile, vendor_names
from offramp.config import endpoint_of, load_config
from offramp.errors import ConfigurationError, PolicyDenied
from offramp.policy.plain import plain_declaration, plain_organisation
from offramp_providers.emulator import EmulatorConfig, serve
from offramp_providers.installed import find_dialect

CONFIG = """
schema = 1
state = "file:state.json"
policy = ["organisation.toml"]
[endpoints.a]
vendor = "openai"
model = "gpt-5.4"
key.env = "A_KEY"
{more}
[missions.triage]
declaration = "triage.toml"
route = ["a"]
"""


def written(folder: Path, more: str, *, approved: bool = True) -> Path:
    today = datetime.now(UTC).date()
    missions = ["triage"] if approved else ["another"]
    (folder / "triage.toml").write_text(plain_declaration("triage", on=today))
    (folder / "organisation.toml").write_text(
        plain_organisation(missions, endpoints=["endpoint:a"], on=today, allow_unreviewed=True)
    )
    file = folder / "offramp.toml"
    file.write_text(CONFIG.format(more=more))
    return file


def test_an_endpoint_speaks_the_vendors_own_dialect_unless_it_names_another(tmp_path: Path):
    own = endpoint_of(load_config(written(tmp_path, "")), "a")
    other = endpoint_of(load_config(written(tmp_path, 'dialect = "openai_responses"')), "a")

    assert (own.profile.dialect, other.profile.dialect) == ("openai_chat", "openai_responses")
    assert own.identity == other.identity
    assert own.base_url == other.base_url
    assert [own.capability("stop").support, other.capability("candidates").support] == ["rejected", "unsupported"]  # type: ignore[union-attr]
    assert "max_tokens_field" in own.options
    assert "max_tokens_field" not in other.options


def test_a_dialect_that_the_vendor_does_not_speak_is_refused_by_name(tmp_path: Path):
    with pytest.raises(ConfigurationError, match="anthropic_messages") as refused:
        endpoint_of(load_config(written(tmp_path, 'dialect = "anthropic_messages"')), "a")

    assert "endpoints.a.dialect" in str(refused.value)
    assert "openai_chat, openai_responses" in str(refused.value)


@pytest.mark.parametrize("vendor", vendor_names())
def test_every_further_api_is_one_that_is_spoken_and_differs(vendor: str):
    profile = load_profile(vendor)

    for dialect, api in profile.apis.items():
        assert find_dialect(dialect).name == dialect != profile.dialect
        assert api.capabilities
        assert profile.speaking(dialect).vendor == vendor


async def test_a_mission_is_carried_by_the_further_api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("A_KEY", "made-up")
    async with serve(EmulatorConfig("openai_responses", pace_s=0, key="made-up")) as server:
        file = written(tmp_path, f'dialect = "openai_responses"\nbase_url = "{server.url}/v1"')
        async with AsyncClient.from_file(file) as client:
            mission = client.mission("triage")
            answer = await mission.generate("How high is the water?")
            async with mission.stream("And at the depot?") as stream:
                streamed = "".join([text async for text in stream.text])

    assert answer.text
    assert streamed
    assert answer.origin is not None
    assert answer.origin.dialect == "openai_responses"


async def test_the_vendors_terms_hold_for_every_one_of_its_apis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("A_KEY", "made-up")
    async with AsyncClient.from_file(written(tmp_path, 'dialect = "openai_responses"', approved=False)) as client:
        with pytest.raises(PolicyDenied):
            await client.mission("triage").generate("?")
