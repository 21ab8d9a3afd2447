"""`offramp init`: from an empty folder to a first answer, without writing policy by hand."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from offramp import AsyncClient, load_config
from offramp.catalog import vendor_names
from offramp.config import endpoint_of
from offramp_providers.emulator import EmulatorConfig, serve

Call = Callable[..., Any]


async def test_a_newcomer_reaches_a_first_answer(offramp: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k-1")
    assert offramp("init", "--vendor", "anthropic").code == 0

    async with serve(EmulatorConfig("anthropic_messages", key="k-1", pace_s=0)) as emulator:
        address_of(tmp_path, emulator.url)
        async with AsyncClient.from_file("offramp.toml") as client:
            answer = await client.mission("plain").generate("Say hello.")

    assert answer.text
    assert answer.outcome.kind == "completed"


def address_of(folder: Path, url: str) -> None:
    """Point the one endpoint at the emulator."""
    file = folder / "offramp.toml"
    file.write_text(file.read_text().replace("key.env", f'base_url = "{url}"\nkey.env'))


def test_init_says_what_it_wrote_and_what_comes_next(offramp: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)

    ran = offramp("init", "new", "--vendor", "anthropic", "--mission", "triage")

    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == [
        "offramp.toml",
        "organisation.toml",
        "triage.toml",
    ]
    assert "export ANTHROPIC_API_KEY=" in ran.out
    assert "offramp check --config new/offramp.toml" in ran.out


@pytest.mark.parametrize("present", ["offramp.toml", "plain.toml", "organisation.toml"])
def test_init_overwrites_nothing_and_writes_nothing_beside_it(offramp: Call, tmp_path: Path, present: str):
    (tmp_path / present).write_text("mine")

    ran = offramp("init", "--vendor", "anthropic")

    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert f"{present}: is there already" in ran.err
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [(present, "mine")]


OF_THE_GUIDE = "one of the two dialects of migration_guides/anthropic_to_openai"


@pytest.mark.parametrize(
    ("keys", "route"),
    [
        ([], ["anthropic", "openai"]),
        (["OPENAI_API_KEY"], ["openai", "anthropic"]),
        (["DEEPSEEK_API_KEY"], ["deepseek", "anthropic"]),
        (["DEEPSEEK_API_KEY", "MISTRAL_API_KEY"], ["deepseek", "mistral"]),
        (["OPENAI_API_KEY", "DEEPSEEK_API_KEY"], ["openai", "deepseek"]),
        (["GEMINI_API_KEY"], ["google-ai", "anthropic"]),
    ],
)
def test_without_a_vendor_those_come_first_whose_key_is_set_then_the_two_of_the_guide(
    offramp: Call, monkeypatch: pytest.MonkeyPatch, keys: list[str], route: list[str]
):
    no_keys(monkeypatch)
    for key in keys:
        monkeypatch.setenv(key, "k-2")

    ran = offramp("init")

    reasons = [*(f"{key} is set" for key in keys), *[OF_THE_GUIDE] * 2]
    assert list(load_config("offramp.toml").missions["plain"].route) == route
    assert [f"  {name}: {why}" for name, why in zip(route, reasons, strict=False)] == [
        line for line in ran.out.splitlines() if line.startswith(tuple(f"  {name}: " for name in route))
    ]
    assert "--vendor NAME" in ran.out
    assert ran.out.count("(is set)") == len(keys)


def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine on which no vendor was ever used."""
    for name in [each for each in os.environ if each.endswith("_API_KEY")]:
        monkeypatch.delenv(name)


def test_where_vendors_are_named_nobody_is_told_why(offramp: Call):
    assert "no vendor was named" not in offramp("init", "--vendor", "anthropic").out


def test_a_model_may_be_named(offramp: Call):
    offramp("init", "--vendor", "anthropic:claude-opus-4-8")

    assert load_config("offramp.toml").endpoints["anthropic"].model == "claude-opus-4-8"


def test_the_first_model_of_a_profile_that_does_not_end_is_taken(offramp: Call):
    offramp("init", "--vendor", "anthropic")

    assert load_config("offramp.toml").endpoints["anthropic"].model == "claude-opus-5-5"


@pytest.mark.parametrize("mission", ["offramp", "organisation"])
def test_a_mission_may_be_named_as_one_of_the_files(offramp: Call, mission: str):
    offramp("init", "--vendor", "anthropic", "--mission", mission)

    assert mission in load_config("offramp.toml").missions


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--vendor", "anthropic", "--vendor", "anthropic:claude-opus-5"], "'anthropic' is named twice"),
        (["--vendor", "nobody"], "there is no vendor 'nobody'"),
        (["--vendor", "anthropic", "--mission", "a b"], "is not a mission's name"),
        (["--vendor", "anthropic", "--mission", "../x"], "is not a mission's name"),
    ],
)
def test_a_mistake_ends_in_one_line(offramp: Call, tmp_path: Path, arguments: list[str], told: str):
    ran = offramp("init", *arguments)

    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert told in ran.err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("vendor", "lines"),
    [
        ("vertex", ['# region = "…"', '# account = "…"']),
        ("azure-openai:gpt-5.6", ['# base_url = "…"']),
        ("bedrock", ['# region = "…"']),
        ("openrouter", ['# host = "…"']),
    ],
)
def test_what_only_the_customer_knows_is_asked_for(offramp: Call, tmp_path: Path, vendor: str, lines: list[str]):
    ran = offramp("init", "--vendor", vendor)

    text = (tmp_path / "offramp.toml").read_text()
    asked = [line.split("  ")[0] for line in text.splitlines() if line.startswith("# ") and "…" in line]
    assert asked == lines
    names = " and ".join(line.split()[1] for line in lines)
    assert f"  fill in {names} of {vendor.partition(':')[0]} in offramp.toml" in ran.out


FILLED_IN = {"base_url": "https://mine.example/v1", "region": "r", "account": "p", "host": "mine", "developer": "maker"}


@pytest.mark.parametrize("vendor", vendor_names())
def test_what_is_filled_in_makes_the_configuration_sound(offramp: Call, tmp_path: Path, vendor: str):
    offramp("init", "--vendor", f"{vendor}:größe-\U0001f600")
    config = tmp_path / "offramp.toml"
    for place, word in FILLED_IN.items():
        config.write_text(config.read_text("utf-8").replace(f'# {place} = "…"', f'{place} = "{word}"'), "utf-8")

    endpoint = endpoint_of(load_config(config), vendor)

    assert endpoint.identity.model == "größe-\U0001f600"
