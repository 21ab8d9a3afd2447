"""A running client says in the list of replicas what its files say and it does not follow."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from offramp import AsyncClient, load_config
from offramp._notices import ConfigWatch
from offramp.config import endpoint_of
from offramp.contracts.clock import ManualClock
from offramp.contracts.scripted import ScriptedProvider
from offramp.contracts.state import Notice
from support.deployment import write_deployment

LOOK_S = 1.1


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_deployment(tmp_path, b_vendor="anthropic", b_model="claude-sonnet-5-5")


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    draft = file.with_name(f"{file.name}.new")
    draft.write_text(text.replace(old, new), "utf-8")
    draft.replace(file)


@asynccontextmanager
async def told(path: Path) -> AsyncIterator[Callable[[], list[Notice]]]:
    """What a client that nobody calls reports, after its next look at its files."""
    config, clock = load_config(path), ManualClock(datetime.now(UTC))
    made = {name: ScriptedProvider(replace(endpoint_of(config, name), key=lambda: None)) for name in ("a", "b")}
    async with AsyncClient(config, providers=made, clock=clock) as client:
        client._parts.gate._watcher.stop()  # the test looks in its place

        def found() -> list[Notice]:
            clock.advance(LOOK_S)
            client._parts.gate.look()
            (report,) = client._parts.store.replicas()
            return list(report.notices)

        yield found


async def test_an_idle_client_tells_of_a_refused_policy_file_and_of_its_mending(path: Path):
    async with told(path) as found:
        assert found() == []

        change(path.with_name("acme.toml"), "layer = ", "layer is ")
        (notice,) = found()
        change(path.with_name("acme.toml"), "layer is ", "layer = ")

        assert notice.kind == "policy_refused"
        assert "acme.toml" in notice.text
        assert "what stood before is kept" in notice.text
        assert found() == []


async def test_a_client_tells_of_a_file_that_was_taken_away_and_denies(path: Path):
    async with told(path) as found:
        path.with_name("acme.toml").unlink()

        (notice,) = found()

    assert notice.kind == "policy_unreadable"
    assert "acme.toml" in notice.text
    assert notice.text.endswith("it denies")


async def test_a_changed_configuration_is_told_until_it_is_changed_back(path: Path):
    async with told(path) as found:
        change(path, 'route = ["a", "b"]', 'route = ["b"]')
        (notice,) = found()
        change(path, 'route = ["b"]', 'route = ["a", "b"]')

        assert notice == Notice("config_changed", "offramp.toml changed since it started; restart it to apply")
        assert found() == []


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('route = ["a", "b"]', 'route = ["c"]', "names the endpoint 'c'"),
        ("schema = 1", "schema is 1", "this is not TOML"),
        ('vendor = "anthropic"', 'vendor = "nobody"', "there is no vendor 'nobody'"),
    ],
)
async def test_a_configuration_with_which_nothing_could_start_is_told_before_anybody_restarts(
    path: Path, old: str, new: str, why: str
):
    async with told(path) as found:
        change(path, old, new)

        (notice,) = found()

    assert "It could not start now" in notice.text
    assert why in notice.text


async def test_a_configuration_that_is_gone_is_told(path: Path):
    async with told(path) as found:
        path.unlink()

        (notice,) = found()

    assert "there is no such file" in notice.text


def test_a_file_that_is_read_at_the_start_alone_is_watched_too(path: Path):
    schema = path.with_name("answer.json")
    schema.write_text('{"type": "object"}')
    change(path, 'route = ["a", "b"]', 'route = ["a", "b"]\nneeds.output_schema = "answer.json"')
    clock = ManualClock(datetime.now(UTC))
    watch = ConfigWatch(load_config(path), clock=clock)
    schema.write_text('{"type": "string"}')
    clock.advance(LOOK_S)

    (notice,) = watch.now()

    assert notice.text.startswith("answer.json changed since it started")


def test_a_file_that_is_only_touched_has_not_changed(path: Path):
    clock = ManualClock(datetime.now(UTC))
    watch = ConfigWatch(load_config(path), clock=clock)
    path.write_text(path.read_text("utf-8") + " ", "utf-8")
    path.write_text(path.read_text("utf-8")[:-1], "utf-8")
    clock.advance(LOOK_S)

    assert watch.now() == ()


async def test_a_removed_endpoint_is_told_first_and_forbids_on_after_the_restart(path: Path):
    text = path.read_text("utf-8")
    table = text[text.index("[endpoints.a]") : text.index("[endpoints.b]")]
    async with told(path) as found:
        change(path, table, "")
        change(path, 'route = ["a", "b"]', 'route = ["b"]')
        assert [each.kind for each in found()] == ["config_changed"]

    async with AsyncClient.from_file(path) as restarted:
        case = restarted._parts.book.known.policies["triage"].case

    assert case is not None
    assert ("carry-over", ("endpoint:a",)) in [(one.contract.layer, one.contract.carried_from) for one in case.general]
