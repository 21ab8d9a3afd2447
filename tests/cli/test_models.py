"""`offramp models`: a vendor's own list, asked under a mission's policy."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from offramp.contracts.state import OrderDraft
from offramp.state import open_store
from offramp.types import Selector
from offramp_providers.emulator import EmulatorConfig, serve
from support.deployment import write_deployment
from support.raw_server import counting_server

Call = Callable[..., Any]


def deploy(folder: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("A_KEY", "k-a")
    where = f'key.env = "A_KEY"\nbase_url = "{url}"'
    return write_deployment(folder, a=where, b=where, b_vendor="anthropic", b_model="claude-sonnet-5-5")


async def test_the_vendors_models_are_listed(offramp: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    async with serve(EmulatorConfig("anthropic_messages", key="k-a", models=("claude-x", "claude-y"))) as vendor:
        deploy(tmp_path, vendor.url, monkeypatch)

        ran = await asyncio.to_thread(offramp, "models", "a", "--json")
        table = await asyncio.to_thread(offramp, "models", "b", "--mission", "triage")

    assert ran.code == table.code == 0
    assert [row["model"] for row in ran.json["models"]] == ["claude-x", "claude-y"]
    assert ran.json["models"][0]["context_tokens"] is None
    assert "claude-y" in table.out
    assert "unknown" in table.out


def test_whom_an_order_stops_is_not_asked(offramp: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with counting_server() as server:
        deploy(tmp_path, server.url, monkeypatch)
        store = open_store("sqlite:state.db", base=tmp_path)
        store.commit(OrderDraft(selector=Selector.parse("developer:acme"), state="prohibited", reason="r", by="ann"))
        store.close()

        ran = offramp("models", "a")

    assert ran.code != 0
    assert "developer:acme" in ran.err
    assert (server.accepted.is_set(), server.received) == (False, 0)


def test_whom_policy_denies_is_not_asked(offramp: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with counting_server() as server:
        deploy(tmp_path, server.url, monkeypatch)
        terms = tmp_path / "acme.toml"
        terms.write_text(terms.read_text().replace('effect = "permit"', 'effect = "forbid"'))

        ran = offramp("models", "a")

    assert ran.code != 0
    assert (server.accepted.is_set(), server.received) == (False, 0)


def test_an_endpoint_of_no_mission_is_not_asked(offramp: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = deploy(tmp_path, "http://127.0.0.1:1", monkeypatch)
    path.write_text(path.read_text().replace('route = ["a", "b"]', 'route = ["a"]'))

    ran = offramp("models", "b")

    assert ran.code != 0
    assert "no mission has the endpoint 'b'" in ran.err


def test_an_endpoint_that_is_not_configured_is_named_as_such(
    offramp: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    deploy(tmp_path, "http://127.0.0.1:1", monkeypatch)

    ran = offramp("models", "nope")

    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "there is no endpoint 'nope'. Use one of a, b." in ran.err
