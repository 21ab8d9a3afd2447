"""A mission whose endpoint is of the long tail: the same front door, the same policy, orders, sessions and losses."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from offramp import AsyncClient
from offramp.config import endpoint_of, load_config
from offramp.errors import CapabilityError, ConfigurationError, PolicyDenied, Prohibited, ServedModelMismatch
from offramp.policy.plain import plain_declaration, plain_organisation, plain_terms
from offramp.state import open_store, prohibit
from offramp.types import Selector
from support.long_tail import completion, http, pieces
from support.raw_server import Peer, RawServer, raw_server

pytestmark = pytest.mark.usefixtures("litellm")

CONFIG = """
schema = 1
state = "sqlite:state.db"
policy = ["org.toml", "acme.toml", "cloud.toml"]
[endpoints.tail]
vendor = "litellm"
model = "{model}"
developer = "acme"
host = "cloud"
base_url = "{url}/v1"
{more}
[missions.triage]
declaration = "triage.toml"
route = ["tail"]
{mission}
"""


def channel_terms(host: str, *, on: date) -> str:
    """The terms of whoever runs the model."""
    terms = plain_terms(host, on=on).replace(f"developer:{host}", f"host:{host}")
    return terms.replace('layer = "vendor"', 'layer = "channel"').replace('"usage-policy"', '"channel-terms"')


def write(folder: Path, url: str, *, model: str = "openai/m1", more: str = "", mission: str = "") -> Path:
    today = datetime.now(UTC).date()
    texts = {
        "offramp.toml": CONFIG.format(url=url, model=model, more=more, mission=mission),
        "triage.toml": plain_declaration("triage", on=today),
        "org.toml": plain_organisation(["triage"], endpoints=["developer:acme"], on=today, allow_unreviewed=True),
        "acme.toml": plain_terms("acme", on=today),
        "cloud.toml": channel_terms("cloud", on=today),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    return folder / "offramp.toml"


@asynccontextmanager
async def vendor(answer: bytes | None = None) -> AsyncGenerator[RawServer]:
    async def handler(peer: Peer) -> None:
        _, body = await peer.request()
        streams = json.loads(body).get("stream")
        await peer.say(answer or http(pieces("hel", "lo") if streams else completion()))
        await handler(peer)

    async with raw_server(handler) as server:
        yield server


async def test_a_mission_asks_streams_and_converses(tmp_path: Path):
    async with vendor() as server, AsyncClient.from_file(write(tmp_path, server.url)) as client:
        mission = client.mission("triage")
        answer = await mission.generate("Flood at the depot")
        async with mission.stream("Flood at the depot") as stream:
            streamed = "".join([text async for text in stream.text])
        session = mission.session("case-17")
        again = await session.run("And now?")

    assert (answer.text, streamed, again.text) == ("hello", "hello", "hello")
    assert answer.origin is not None
    assert (answer.origin.host, answer.origin.model) == ("cloud", "openai/m1")


@pytest.mark.parametrize("word", ["developer:acme", "host:cloud", "model:openai/m1", "endpoint:tail"])
async def test_an_order_on_any_part_of_its_identity_stops_it(word: str, tmp_path: Path):
    async with vendor() as server, AsyncClient.from_file(write(tmp_path, server.url)) as client:
        store = open_store(f"sqlite:{tmp_path / 'state.db'}")
        prohibit(store, Selector.parse(word), reason="ORDER-17", by="ann")
        store.close()
        with pytest.raises(Prohibited, match=word):
            await client.mission("triage").generate("Flood at the depot")

    assert [peer for peer in server.peers if peer.requests] == []


async def test_a_host_whose_terms_nobody_has_read_is_denied(tmp_path: Path):
    async with vendor() as server:
        path = write(tmp_path, server.url)
        path.write_text(path.read_text("utf-8").replace(', "cloud.toml"', ""), "utf-8")
        async with AsyncClient.from_file(path) as client:
            with pytest.raises(PolicyDenied):
                await client.mission("triage").generate("Flood at the depot")

    assert [peer for peer in server.peers if peer.requests] == []


async def test_no_mission_rests_on_what_nobody_has_verified(tmp_path: Path):
    async with vendor() as server:
        path = write(tmp_path, server.url, mission='requires = ["tools"]')
        async with AsyncClient.from_file(path) as client:
            with pytest.raises(CapabilityError, match="unverified native"):
                await client.mission("triage").generate("Flood at the depot")

    assert [peer for peer in server.peers if peer.requests] == []


async def test_another_model_that_answers_ends_the_call(tmp_path: Path):
    async with (
        vendor(http(completion(model="m2"))) as server,
        AsyncClient.from_file(write(tmp_path, server.url)) as client,
    ):
        with pytest.raises(ServedModelMismatch, match="answered as openai/m2"):
            await client.mission("triage").generate("Flood at the depot")


def test_the_address_is_the_configuration_s_to_give(tmp_path: Path):
    path = write(tmp_path, "http://localhost:1")
    lines = [line for line in path.read_text("utf-8").splitlines() if not line.startswith("base_url")]
    path.write_text("\n".join(lines), "utf-8")

    with pytest.raises(ConfigurationError, match="the address of litellm differs by customer"):
        endpoint_of(load_config(path), "tail")


def test_a_name_that_hides_a_developer_builds_no_client(tmp_path: Path):
    path = write(tmp_path, "http://localhost:1", model="openrouter/anthropic/claude-x")

    with pytest.raises(ConfigurationError, match="says anthropic, the endpoint says acme"):
        AsyncClient.from_file(path)
