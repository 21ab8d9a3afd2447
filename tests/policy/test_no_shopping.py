"""P3: a refusal and a filter's decision are answers. No second vendor is asked, on any entry and in any dialect."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import pytest

import offramp._assembly
from offramp import (
    AsyncClient,
    AsyncMission,
    OfframpError,
    OutcomeKind,
    ProviderError,
    ProviderErrorKind,
    Refusal,
    SessionError,
    load_config,
)
from offramp.config import endpoint_of
from offramp.contracts.scripted import Scripted, ScriptedProvider
from offramp_providers.emulator import Emulator, EmulatorConfig, serve
from offramp_providers.emulator.config import DIALECTS
from offramp_providers.engines.supply_chain import installed_release
from support import entries
from support.deployment import write_deployment
from support.scripted_answers import said

# Every entry, with a vendor that plays each form of a no.


NOES: dict[str, Scripted] = {
    "a refusal": said(Refusal("I will not."), kind=OutcomeKind.REFUSAL),
    "a refusal without a word": said(kind=OutcomeKind.REFUSAL),
    "a refusal in the text": said("I will not.", kind=OutcomeKind.REFUSAL),
    "a filtered answer": said("Half of", kind=OutcomeKind.CONTENT_FILTER),
    "a filter's error": ProviderError("filtered", kind=ProviderErrorKind.CONTENT_FILTER, status=400),
    "an error of unknown kind": ProviderError("no", kind=ProviderErrorKind.UNKNOWN, status=400),
}
ANSWERED = [name for name, no in NOES.items() if not isinstance(no, ProviderError)]
OPERATIONS = ("count_tokens", "embed", "models")
RESUMING = [name for name in entries.SPEAKS if name.endswith(".resume")]
ENTRIES = [name for name in entries.SPEAKS if name not in RESUMING]


def is_operation(entry: str) -> bool:
    return entry.rpartition(".")[2] in OPERATIONS


PAIRS = [(entry, no) for entry in ENTRIES for no in NOES if not (is_operation(entry) and no in ANSWERED)]
"""An operation has no model that could refuse; the host's filter can."""


@dataclass
class Pair:
    """Two vendors that play, behind every client of this folder."""

    path: Path
    a: ScriptedProvider
    b: ScriptedProvider


@pytest.fixture
def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pair:
    path = write_deployment(
        tmp_path, b_vendor="anthropic", b_model="claude-sonnet-5-5", ledger='[ledger]\nurl = "sqlite:ledger.db"'
    )
    made = {name: _vendor(path, name) for name in ("a", "b")}
    monkeypatch.setattr(offramp._assembly, "provider_for", lambda endpoint: made[endpoint.identity.endpoint])
    return Pair(path, made["a"], made["b"])


def _vendor(path: Path, name: str) -> ScriptedProvider:
    """One of whom nobody claims what it can be asked besides answers, so that it is asked."""
    endpoint = replace(endpoint_of(load_config(path), name), key=lambda: None)
    silent = {need: claim for need, claim in endpoint.profile.capabilities.items() if need not in _ASKED_FOR}
    return ScriptedProvider(replace(endpoint, profile=replace(endpoint.profile, capabilities=silent)))


_ASKED_FOR = ("count_tokens", "embeddings", "models")


@pytest.mark.parametrize(("entry", "no"), PAIRS)
def test_no_second_vendor_is_asked_after_a_no(entry: str, no: str, pair: Pair):
    pair.a.script[:] = [NOES[no]] * 3
    pair.b.script[:] = [said("Yes.")] * 3

    with suppress(OfframpError):  # an answer where the vendor gave one, an error where its host did
        entries.SPEAKS[entry](pair.path)

    assert (len(pair.a.calls), pair.b.calls) == (1, [])


@pytest.mark.parametrize("no", NOES)
def test_a_turn_that_ended_in_a_no_is_not_resumed(no: str, pair: Pair):
    pair.a.script[:] = [NOES[no]] * 2

    async def refused_then_resumed() -> None:
        async with AsyncClient.from_file(pair.path) as client:
            session = client.mission("triage").session("case")
            with suppress(OfframpError):
                await session.run(entries.ASK)
            with pytest.raises(SessionError, match="nothing is left to resume"):
                await session.resume()

    asyncio.run(refused_then_resumed())

    assert (len(pair.a.calls), pair.b.calls) == (1, [])


@pytest.mark.parametrize("entry", RESUMING)
@pytest.mark.parametrize("no", NOES)
def test_a_no_to_a_resumed_turn_ends_it_too(entry: str, no: str, pair: Pair):
    pair.a.script[:] = [entries.half_an_answer(), NOES[no], NOES[no]]

    async def leave_early() -> None:
        async with AsyncClient.from_file(pair.path) as client:
            await entries.cut_off(client)

    asyncio.run(leave_early())
    with suppress(OfframpError):
        entries.SPEAKS[entry](pair.path)

    assert (len(pair.a.calls), pair.b.calls) == (2, [])


# Every dialect, with a vendor on a socket that says no in its own form.

BEDROCK_KEY = "AKIDEXAMPLE:wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
PLACES: dict[str, tuple[str, str, str]] = {
    "anthropic_messages": ("anthropic", "claude-sonnet-5-5", ""),
    "bedrock_converse": ("bedrock", "us.amazon.nova-micro-v1:0", ""),
    "cohere_v2": ("cohere", "command-a-03-2025", ""),
    "gemini": ("google-ai", "gemini-3.5-flash", "/v1beta"),
    "mistral": ("mistral", "mistral-small-latest", "/v1"),
    "ollama_native": ("ollama-native", "llama3.2", ""),
    "openai_chat": ("openai", "gpt-5.6-sol", "/v1"),
    "openai_responses": ("openai", "gpt-5.6-sol", "/v1"),
    "litellm": ("litellm", "openai/m1", "/v1"),
}
"""Vendor, model and path, by dialect; and of the long tail."""

Way: TypeAlias = Callable[[AsyncMission, str], Awaitable[object]]


async def _stream(mission: AsyncMission, text: str) -> object:
    async with mission.stream(text) as stream:
        return await stream.collect()


WAYS: dict[str, Way] = {
    "generate": lambda mission, text: mission.generate(text),
    "run": lambda mission, text: mission.run(text, tools=[entries.units_near]),
    "stream": _stream,
    "session": lambda mission, text: mission.session("case").run(text),
}


@pytest.fixture
async def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Callable[..., Awaitable[Any]]]:
    """`await two(dialect)`: a mission, and the emulated vendors of its route."""
    monkeypatch.setenv("ANY_KEY", BEDROCK_KEY)
    async with AsyncExitStack() as stack:

        async def begin(dialect: Any, *, place: str | None = None) -> tuple[AsyncMission, Emulator, Emulator]:
            if dialect == "bedrock_converse":
                pytest.importorskip("botocore.auth", reason="botocore is not installed")
            first, second = [
                await stack.enter_async_context(serve(EmulatorConfig(dialect, pace_s=0))) for _ in range(2)
            ]
            vendor, model, below = PLACES[place or dialect]
            places = [
                f'base_url = "{each.url}{below}"\nregion = "us-east-1"\ndialect = "{dialect}"\n'
                'channel = "self-host"\nkey.env = "ANY_KEY"'
                for each in (first, second)
            ]
            path = write_deployment(
                tmp_path,
                a=places[0],
                b=places[1],
                a_place=(vendor, model),
                b_vendor=vendor,
                b_model=model,
                mission='max_loss = "material"',
            )
            client = await stack.enter_async_context(AsyncClient.from_file(path))
            return client.mission("triage"), first, second

        yield begin


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("directive", ["refuse", "filter"])
@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_no_is_final_in_every_dialect(
    two: Callable[..., Awaitable[Any]], dialect: str, directive: str, way: str
):
    mission, first, second = await two(dialect)

    with suppress(OfframpError):
        await WAYS[way](mission, f"Tell me. [[{directive}]]")

    assert (len(first.counters.requests), len(second.counters.requests)) == (1, 0)


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_these_vendors_answer_what_they_do_not_refuse(two: Callable[..., Awaitable[Any]], dialect: str):
    mission, first, second = await two(dialect)

    answer = await mission.generate("Tell me.")

    assert answer.text
    assert (len(first.counters.requests), len(second.counters.requests)) == (1, 0)


@pytest.mark.skipif(installed_release() is None, reason="the extra litellm is not installed")
@pytest.mark.parametrize("way", ["generate", "stream"])
async def test_a_no_is_final_in_the_long_tail(two: Callable[..., Awaitable[Any]], way: str):
    mission, first, second = await two("openai_chat", place="litellm")

    with suppress(OfframpError):
        await WAYS[way](mission, "Tell me. [[filter]]")

    assert (len(first.counters.requests), len(second.counters.requests)) == (1, 0)
