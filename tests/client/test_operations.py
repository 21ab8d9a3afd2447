"""Counting, embedding and listing are sends: decided, permitted, logged; and what they tell keeps its meaning."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from offramp import (
    AsyncClient,
    AsyncMission,
    Client,
    ConfigurationError,
    LossExceeded,
    PolicyDenied,
    Prohibited,
    ProviderError,
    ProviderErrorKind,
    ServedModelMismatch,
    Unsupported,
    load_config,
)
from offramp.contracts.scripted import ScriptedProvider
from offramp.contracts.state import OrderDraft
from offramp.state import open_store
from offramp.types import (
    Embedding,
    Embeddings,
    Loss,
    ModelInfo,
    ModelList,
    Origin,
    Selector,
    Severity,
    TokenCount,
)
from support.deployment import write_deployment
from support.raw_server import Peer, raw_server

Ask = Callable[[AsyncMission], Awaitable[Any]]
ASKS: dict[str, Ask] = {
    "count_tokens": lambda mission: mission.count_tokens("Who is near?"),
    "embed": lambda mission: mission.embed(["Who is near?"]),
    "models": lambda mission: mission.models(),
}
OVERLOADED = ProviderError("busy", kind=ProviderErrorKind.SERVER, status=500)
MATERIAL = Loss(code="media.unsupported", path="p", action="dropped", severity=Severity.MATERIAL, why="w")


def of(model: str | None = "claude-sonnet-5-5") -> Origin:
    return Origin(developer="acme", host="acme", dialect="scripted", model=model)


def vectors(*vectors: tuple[float, ...], model: str | None = "claude-sonnet-5-5") -> Embeddings:
    return Embeddings(tuple(map(Embedding, vectors)), origin=of(model))


OPERATIONS = ("count_tokens", "embeddings", "models")
TOLD: dict[str, Any] = {
    "count_tokens": TokenCount(7, origin=of(None)),
    "embed": vectors((0.5, 1.0)),
    "models": ModelList((ModelInfo("m"),), origin=of(None)),
}


@pytest.fixture
def vendor_of(vendor_of: Any) -> Callable[..., ScriptedProvider]:
    """Vendors of whom nobody claims what they can be asked besides answers."""

    def make(*given: Any) -> ScriptedProvider:
        return claiming(vendor_of(*given), None)

    return make


def claiming(provider: ScriptedProvider, support: Any) -> ScriptedProvider:
    """The same with one claim about all three; None: with none."""
    profile = provider.endpoint.profile
    kept = {name: claim for name, claim in profile.capabilities.items() if name not in OPERATIONS}
    told = {} if support is None else {name: replace(kept["text"], support=support) for name in OPERATIONS}
    endpoint = replace(provider.endpoint, profile=replace(profile, capabilities={**kept, **told}))
    return ScriptedProvider(endpoint, provider.script)


def entries(folder: Path) -> list[dict[str, Any]]:
    files = sorted((folder / "audit").glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]


def prohibit(folder: Path, selector: str) -> None:
    store = open_store("sqlite:state.db", base=folder)
    store.commit(OrderDraft(selector=Selector.parse(selector), state="prohibited", reason="r", by="ann"))
    store.close()


@pytest.mark.parametrize("name", ASKS)
async def test_it_is_decided_permitted_and_logged_around_the_send(name: str, deployment: Any, tmp_path: Path):
    deployment.a.script.append(TOLD[name])

    told = await ASKS[name](deployment.mission)

    assert told.timings.attempts == 1
    steps = [each for each in entries(tmp_path) if each["kind"] in ("decision", "sent", "outcome")]
    kinds = [(each["kind"], each.get("detail", {}).get("operation")) for each in steps]
    asked = {"count_tokens": "count_tokens", "embed": "embeddings", "models": "models"}[name]
    assert kinds == [("decision", None), ("sent", None), ("outcome", asked)]


@pytest.mark.parametrize("name", ASKS)
async def test_what_it_says_stays_out_of_the_log(name: str, deployment: Any, tmp_path: Path):
    deployment.a.script.append(TOLD[name])

    await ASKS[name](deployment.mission)

    assert "near" not in "".join(file.read_text() for file in (tmp_path / "audit").glob("*.jsonl"))


@pytest.mark.parametrize("name", ASKS)
async def test_losses_beyond_what_the_mission_allows_end_it(name: str, deployment: Any):
    deployment.a.losses = (MATERIAL,)

    with pytest.raises(LossExceeded):
        await ASKS[name](deployment.mission)

    assert deployment.a.calls == []


# Nothing leaves.


@pytest.fixture
async def at_sink(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Callable[..., Any]]:
    """A client of real providers whose two vendors are one socket; it tells how many connections there were."""
    monkeypatch.setenv("KEY", "made-up")
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(raw_server(_answer_nothing))

        async def open_client(name: str) -> tuple[AsyncMission, Any]:
            vendor = "openai" if name == "embed" else "anthropic"
            where = f'key.env = "KEY"\nbase_url = "{server.url}"'
            path = write_deployment(tmp_path, a=where, b=where, b_vendor=vendor, b_model="claude-sonnet-5-5")
            path.write_text(path.read_text().replace('vendor = "anthropic"', f'vendor = "{vendor}"'))
            client = await stack.enter_async_context(AsyncClient(load_config(path)))
            return client.mission("triage"), server

        yield open_client


async def _answer_nothing(peer: Peer) -> None:
    await peer.request()
    await peer.say(b"HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\n{}")
    await peer.gone()


@pytest.mark.parametrize("name", ASKS)
async def test_the_sink_would_see_it(name: str, at_sink: Callable[..., Any]):
    mission, server = await at_sink(name)

    with pytest.raises(ProviderError):
        await ASKS[name](mission)

    assert len(server.peers) == 1


@pytest.mark.parametrize("name", ASKS)
async def test_no_byte_leaves_for_whom_an_order_stops(name: str, at_sink: Callable[..., Any], tmp_path: Path):
    for developer in ("acme", "bolt"):
        prohibit(tmp_path, f"developer:{developer}")
    mission, server = await at_sink(name)

    with pytest.raises(Prohibited):
        await ASKS[name](mission)

    assert server.peers == []


@pytest.mark.parametrize("name", ASKS)
async def test_no_byte_leaves_where_policy_denies(name: str, at_sink: Callable[..., Any], tmp_path: Path):
    _, server = await at_sink(name)
    terms = tmp_path / "acme.toml"
    terms.write_text(terms.read_text().replace('effect = "permit"', 'effect = "forbid"'))
    async with AsyncClient(load_config(tmp_path / "offramp.toml")) as client:
        with pytest.raises(PolicyDenied):
            await ASKS[name](client.mission("triage"))

    assert server.peers == []
    decisions = [each["allowed"] for each in entries(tmp_path) if each["kind"] == "decision"]
    assert decisions == [False]


# Counting.


async def test_a_count_is_of_the_first_endpoint_that_no_order_stops(deployment: Any, tmp_path: Path):
    deployment.b.script.append(TokenCount(9, origin=of(None)))
    prohibit(tmp_path, "developer:acme")

    told = await deployment.mission.count_tokens("x")

    assert (told.input_tokens, len(deployment.a.calls), len(deployment.b.calls)) == (9, 0, 1)


@pytest.mark.parametrize("failure", [OVERLOADED, Unsupported("none")])
async def test_a_count_is_never_replaced_by_anothers(failure: Exception, deployment: Any):
    deployment.a.script += [failure] * 9
    deployment.b.script.append(TokenCount(9, origin=of(None)))

    with pytest.raises(type(failure)):
        await deployment.mission.count_tokens("x")

    assert deployment.b.calls == []


async def test_a_count_can_be_asked_of_any_endpoint_of_the_route(deployment: Any):
    deployment.b.script.append(TokenCount(9, origin=of(None)))

    told = await deployment.mission.count_tokens("x", endpoint="b", system="Be brief.")

    assert told.input_tokens == 9
    assert [message.role for message in deployment.b.questions[0].messages] == ["system", "user"]
    with pytest.raises(ConfigurationError, match="no endpoint 'c'"):
        await deployment.mission.count_tokens("x", endpoint="c")


async def test_vendor_options_cannot_be_counted(deployment: Any):
    with pytest.raises(ConfigurationError, match="vendor options"):
        await deployment.mission.count_tokens("x", vendor_options={"scripted": {"k": 1}})


# Embedding.


async def test_vectors_come_in_the_order_of_the_texts(deployment: Any):
    deployment.a.script.append(vectors((1.0, 0.0), (0.0, 1.0)))

    told = await deployment.mission.embed(["a", "b"])

    assert told.vectors == ((1.0, 0.0), (0.0, 1.0))
    assert [each.parts[0].text for each in deployment.a.questions[0].inputs] == ["a", "b"]


async def test_an_embedding_falls_back_to_the_same_developers_same_model_only(tmp_path: Path, vendor_of: Any):
    path = write_deployment(tmp_path, b_vendor="anthropic", b_model="claude-sonnet-5-5")
    path.write_text(path.read_text().replace('"bolt"', '"acme"'))
    a, b = vendor_of(path, "a", [OVERLOADED] * 9), vendor_of(path, "b", [TOLD["embed"]])

    async with AsyncClient(load_config(path), providers={"a": a, "b": b}) as client:
        told = await client.mission("triage").embed(["x"])

    assert told.vectors == ((0.5, 1.0),)
    assert len(b.calls) == 1


@pytest.mark.parametrize("other", ["developer", "model"])
async def test_an_embedding_never_falls_back_to_another_model(other: str, tmp_path: Path, vendor_of: Any):
    path = write_deployment(
        tmp_path, b_vendor="anthropic", b_model="other" if other == "model" else "claude-sonnet-5-5"
    )
    if other == "model":
        path.write_text(path.read_text().replace('"bolt"', '"acme"'))
    a, b = vendor_of(path, "a", [OVERLOADED] * 9), vendor_of(path, "b", [TOLD["embed"]])

    async with AsyncClient(load_config(path), providers={"a": a, "b": b}) as client:
        with pytest.raises(ProviderError):
            await client.mission("triage").embed(["x"])

    assert b.calls == []


async def test_an_embedding_of_another_model_is_refused(deployment: Any):
    deployment.a.script.append(vectors((1.0,), model="claude-haiku-5-5"))

    with pytest.raises(ServedModelMismatch) as caught:
        await deployment.mission.embed(["x"])

    assert (caught.value.asked, caught.value.served) == ("claude-sonnet-5-5", "claude-haiku-5-5")


async def test_an_embedding_of_an_unnamed_model_warns(deployment: Any):
    deployment.a.script.append(vectors((1.0,), model=None))

    assert len((await deployment.mission.embed(["x"])).warnings) == 1


@pytest.mark.parametrize(
    "told",
    [vectors((1.0,)), vectors((1.0,), (1.0, 2.0)), vectors((), ()), Embeddings((Embedding(None),) * 2, origin=of())],
)
async def test_vectors_that_are_not_one_for_each_text_of_one_length_are_refused(told: Embeddings, deployment: Any):
    deployment.a.script.append(told)

    with pytest.raises(ProviderError) as caught:
        await deployment.mission.embed(["a", "b"])

    assert caught.value.kind is ProviderErrorKind.MALFORMED


@pytest.mark.parametrize("nothing", [[], "one text"])
async def test_nothing_to_embed_is_refused_at_once(nothing: Any, deployment: Any):
    with pytest.raises(ConfigurationError) as caught:
        await deployment.mission.embed(nothing)

    assert caught.value.mend


# Listing.


async def test_a_list_is_read_page_by_page_and_each_page_is_a_send(deployment: Any, tmp_path: Path):
    first, last = ModelList((ModelInfo("m"),), next_page="m"), ModelList((ModelInfo("n"),))
    deployment.b.script += [first, last]

    told = await deployment.mission.models("b")

    assert [each.name for each in told.models] == ["m", "n"]
    assert [each.page for each in deployment.b.questions] == [None, "m"]
    assert sum(each["kind"] == "sent" for each in entries(tmp_path)) == 2


async def test_a_list_that_repeats_a_page_is_refused(deployment: Any):
    deployment.a.script += [ModelList((), next_page="m")] * 5

    with pytest.raises(ProviderError, match="does not end"):
        await deployment.mission.models()

    assert len(deployment.a.calls) == 2


# What nobody can do.


@pytest.mark.parametrize("name", ASKS)
async def test_a_claim_that_it_cannot_is_believed(name: str, tmp_path: Path, vendor_of: Any):
    path = write_deployment(tmp_path, b_vendor="anthropic", b_model="claude-sonnet-5-5")
    a, b = claiming(vendor_of(path, "a", []), "unsupported"), vendor_of(path, "b", [TOLD[name]])

    async with AsyncClient(load_config(path), providers={"a": a, "b": b}) as client:
        with pytest.raises(Unsupported) as caught:
            await ASKS[name](client.mission("triage"))

    assert caught.value.mend
    assert a.calls == b.calls == []


async def test_a_vendor_without_the_call_is_not_asked(at_sink: Callable[..., Any]):
    mission, server = await at_sink("models")

    with pytest.raises(Unsupported, match="Anthropic cannot make embeddings"):
        await mission.embed(["x"])

    assert server.peers == []


def test_the_blocking_client_asks_the_same(tmp_path: Path, vendor_of: Any):
    path = write_deployment(tmp_path, b_vendor="anthropic", b_model="claude-sonnet-5-5")
    a, b = vendor_of(path, "a", list(TOLD.values())), vendor_of(path, "b", [])

    with Client(load_config(path), providers={"a": a, "b": b}) as client:
        mission = client.mission("triage")
        told = mission.count_tokens("x"), mission.embed(["x"]), mission.models()

    assert (told[0].input_tokens, told[1].vectors, told[2].models[0].name) == (7, ((0.5, 1.0),), "m")


async def test_a_late_answer_ends_at_the_deadline(deployment: Any):
    deployment.a.script.append(TOLD["models"])

    async with asyncio.timeout(30):
        assert await deployment.mission.models(timeout_s=20)
