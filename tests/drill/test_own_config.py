"""A drill between two endpoints of the user's own: here emulated ones that the drill takes for real."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest

from offramp import Prohibited, Selector, load_config
from offramp.config import Config
from offramp.errors import ConfigurationError
from offramp.state import open_store, prohibit
from offramp_conformance.drill.orchestrator import rehearse
from offramp_conformance.drill.own_config import write_own
from offramp_conformance.drill.progress import Progress
from offramp_conformance.drill.promises import check
from offramp_conformance.drill.report import report
from offramp_conformance.drill.scenario import FIRST_KEY, SECOND_KEY, write_emulated
from offramp_conformance.drill.settings import DrillSettings, OwnConfig
from offramp_providers.emulator import EmulatorConfig, serve


@asynccontextmanager
async def _deployment(folder: Path) -> AsyncIterator[OwnConfig]:
    """A user's configuration in front of two vendors."""
    async with (
        serve(EmulatorConfig("anthropic_messages", pace_s=0.01, issuer="acme")) as first,
        serve(EmulatorConfig("openai_chat", pace_s=0.01, issuer="bolt")) as second,
    ):
        deployment = write_emulated(folder, first=first.url, second=second.url)
        yield OwnConfig(deployment.config, first="a", second="b")


def test_own_endpoints_are_drilled_and_what_cannot_be_seen_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(FIRST_KEY, "key-a")
    monkeypatch.setenv(SECOND_KEY, "key-b")

    async def drill() -> tuple[Any, Any]:
        async with _deployment(tmp_path) as own:
            settings = DrillSettings(conversations=4, own=own, load_limit_s=3)
            evidence = await rehearse(settings, lambda _: None)
            return evidence, check(evidence)

    evidence, promises = asyncio.run(drill())

    held = {promise.id: promise.held for promise in promises}
    content = report(evidence, promises, seed=7, workers=2)
    assert held["all-finished"] is True
    assert held["silence-after-stop"] is True
    assert held["tools-once"] is True
    assert held["every-loss-named"] is None
    assert content["vendors"] == {"first": None, "second": None}
    assert "every-loss-named" in content["not_observable"]
    assert content["order"]["selector"] == "endpoint:a"
    json.dumps(content)


def test_order_of_a_drill_does_not_stop_the_users_own_deployment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(FIRST_KEY, "key-a")
    monkeypatch.setenv(SECOND_KEY, "key-b")

    async def drill() -> None:
        async with _deployment(tmp_path) as own:
            config = load_config(own.config)
            open_store(config.state, base=config.folder, create=True).close()
            await rehearse(DrillSettings(conversations=2, own=own, load_limit_s=1), lambda _: None)

    asyncio.run(drill())

    store = open_store("sqlite:state.db", base=tmp_path)
    assert (store.epoch(), store.replicas()) == (0, ())
    store.close()
    assert not (tmp_path / "ledger.db").exists()
    assert not (tmp_path / "audit").exists()


def test_an_order_in_the_users_own_state_ends_the_drill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(FIRST_KEY, "key-a")
    monkeypatch.setenv(SECOND_KEY, "key-b")

    async def drill() -> None:
        async with _deployment(tmp_path) as own:
            store = open_store("sqlite:state.db", base=tmp_path, create=True)

            def order_at_once(progress: Progress) -> None:
                if progress.phase == "working" and store.epoch() == 0:
                    prohibit(store, Selector.parse("developer:bolt"), reason="ORDER-17", by="ann")

            with closing(store):
                await rehearse(DrillSettings(conversations=4, own=own, load_limit_s=20), order_at_once)

    with pytest.raises(Prohibited, match="ORDER-17"):
        asyncio.run(drill())


@pytest.fixture
def users(tmp_path: Path) -> Path:
    """A user's folder."""
    folder = tmp_path / "users"
    folder.mkdir()
    return write_emulated(folder, first="http://127.0.0.1:1", second="http://127.0.0.1:2").config


def test_taken_over_configuration_is_read_and_reaches_the_same_endpoints(users: Path, tmp_path: Path):
    taken = load_config(write_own(tmp_path, OwnConfig(users, first="b", second="a")).config)

    own = load_config(users)
    assert {name: taken.endpoints[name].base_url for name in ("a", "b")} == {
        name: own.endpoints[name].base_url for name in ("a", "b")
    }
    assert taken.missions["drill"].route == ("b", "a")
    assert [taken.at(path) for path in taken.policy] == [own.at(path) for path in own.policy]
    assert taken.at(taken.missions["drill"].declaration).is_file()


EVERY_PATH = """
[endpoints.a]
vendor = "anthropic"
model = "acme-large-1"
developer = "acme"
key.file = "keys/a"
agreement = "agreements/a.toml"
observed = "seen/a.json"
tls = { ca = "ca.pem", certificate = "own.pem", key = "own.key", key_password.file = "keys/tls" }
unix_socket = "a.socket"
claims.tools = { support = "native", evidence = { level = "declared", checked = 2026-11-26 } }

[endpoints.b]
vendor = "openai"
model = "größe-\U0001f600"
proxy = "http://127.0.0.1:9"
proxy_login.file = "keys/proxy"

[endpoints.elsewhere]
vendor = "openai"
model = "m"

[missions.first]
declaration = "declaration.toml"
route = ["elsewhere"]

[missions."drill"]
declaration = "declaration.toml"
route = ["a", "elsewhere", "b"]
weights = { a = 0.5, b = 0.5 }
waivers = ["waivers.toml"]
former_declarations = ["earlier.toml"]
needs.output_schema = "answer.json"
"""
HEAD = """\
schema = 1
state = "sqlite:mine.db"
audit = "my-log"
audit_key = "keys/log"
policy = ["organisation.toml"]
signers = "signers.toml"
approvers = "approvers.toml"
operators = "operators.toml"
require_signed = true
"""


def test_all_that_the_user_has_written_is_taken_over_and_every_path_leads_where_it_did(tmp_path: Path):
    users = tmp_path / "users" / "offramp.toml"
    users.parent.mkdir()
    users.write_text(HEAD + EVERY_PATH, encoding="utf-8")
    (tmp_path / "drill").mkdir()

    deployment = write_own(tmp_path / "drill", OwnConfig(users, first="a", second="b"))

    own, taken = load_config(users), load_config(deployment.config)
    mission = own.missions["drill"].model_copy(update={"route": ("a", "b"), "weights": {}})
    assert deployment.mission == "drill"
    assert set(taken.endpoints) == {"a", "b"}
    assert (taken.state, taken.ledger.url, taken.audit, taken.audit_key) == (
        "sqlite:state.db",
        "sqlite:ledger.db",
        Path("audit"),
        None,
    )
    assert _whole(taken.missions["drill"], taken) == _whole(mission, own)
    assert [_whole(taken.endpoints[name], taken) for name in "ab"] == [
        _whole(own.endpoints[name], own) for name in "ab"
    ]
    for key in ("policy", "signers", "approvers", "operators", "require_signed"):
        assert _whole(getattr(taken, key), taken) == _whole(getattr(own, key), own)


def _whole(held: Any, config: Config) -> Any:
    """The same with every path as seen from anywhere."""
    if isinstance(held, Path):
        return config.at(held).resolve()
    if isinstance(held, tuple):
        return tuple(_whole(each, config) for each in held)
    if isinstance(held, dict):
        return {key: _whole(each, config) for key, each in held.items()}
    names = getattr(type(held), "model_fields", None) or getattr(held, "__dataclass_fields__", {})
    return (type(held), {key: _whole(getattr(held, key), config) for key in names}) if names else held


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [("a", "a", "same endpoint"), ("a", "c", "--to names the endpoint 'c'"), ("c", "b", "--from")],
)
def test_endpoint_that_is_not_there_is_named(first: str, second: str, said: str, users: Path, tmp_path: Path):
    with pytest.raises(ConfigurationError, match=said):
        write_own(tmp_path, OwnConfig(users, first=first, second=second))


def test_mission_over_both_endpoints_is_required(users: Path, tmp_path: Path):
    users.write_text(users.read_text("utf-8").replace('route = ["a", "b"]', 'route = ["a"]'), encoding="utf-8")

    with pytest.raises(ConfigurationError, match="no mission has both"):
        write_own(tmp_path, OwnConfig(users, first="a", second="b"))
