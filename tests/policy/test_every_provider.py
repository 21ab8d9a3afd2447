"""The last hop by itself: whatever is called on an installed provider or transport, nothing leaves without permission.

The classes are found by their entry points, their methods by reflection; one that is not listed here fails.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from offramp import EmbedRequest, PolicyDenied, Prohibited, Selector, StateError, Unsupported, load_config, user
from offramp.config import endpoint_of
from offramp.contracts.operations import EMBED
from offramp.contracts.policy import Decision
from offramp.contracts.provider import Deadlines, Endpoint, HttpRequest
from offramp.state import MemoryStore, StateGate, prohibit
from offramp.types import EmbedInput, GenerateRequest, Text
from offramp_providers.engines.supply_chain import installed_release
from support.deployment import write_deployment
from support.entries import members
from support.long_tail import tail_endpoint
from support.policies import NOON
from support.sink import Sink, sink

Act: TypeAlias = Callable[[Any, Endpoint, Any], Awaitable[object]]
"""Uses one method: the provider or transport, its endpoint, and whatever stands for a token."""

ASK = GenerateRequest((user("private"),))
EMBED_ASK = EmbedRequest((EmbedInput((Text("private"),)),))


def _http(endpoint: Endpoint) -> HttpRequest:
    return HttpRequest(
        method="POST", url=f"{endpoint.base_url}/v1", headers={}, body=b"private", origin=endpoint.base_url
    )


async def _all_of(stream: AbstractAsyncContextManager[Any]) -> None:
    async with stream as read:
        async for _ in read.chunks() if hasattr(read, "chunks") else read:
            pass


async def _nothing(_: object) -> None:
    """What is called stays within the process."""


PROVIDER_METHODS: dict[str, Act] = {
    "endpoint": lambda one, _endpoint, _token: _nothing(one.endpoint),
    "prepare": lambda one, _endpoint, _token: _nothing(one.prepare(ASK)),
    "prepare_operation": lambda one, _endpoint, _token: _nothing(one.prepare_operation(EMBED, EMBED_ASK)),
    "send": lambda one, _endpoint, token: one.send(one.prepare(ASK), token=token),
    "stream": lambda one, _endpoint, token: _all_of(one.stream(one.prepare(replace(ASK, stream=True)), token=token)),
    "perform": lambda one, _endpoint, token: one.perform(EMBED, one.prepare(ASK), token=token),
    "aclose": lambda one, _endpoint, _token: one.aclose(),
}
TRANSPORT_METHODS: dict[str, Act] = {
    "send": lambda one, endpoint, token: one.send(_http(endpoint), token=token, deadlines=Deadlines()),
    "stream": lambda one, endpoint, token: _all_of(one.stream(_http(endpoint), token=token, deadlines=Deadlines())),
    "aclose": lambda one, _endpoint, _token: one.aclose(),
}
SPEAK = ("send", "stream", "perform")


def installed(group: str) -> dict[str, Any]:
    return {entry.name: entry.load() for entry in entry_points(group=group) if entry.value.startswith("offramp")}


PROVIDERS = installed("offramp.providers")
TRANSPORTS = installed("offramp.transports")
KINDS = [*PROVIDERS, *TRANSPORTS]
METHODS = [(name, method) for name in PROVIDERS for method in PROVIDER_METHODS] + [
    (name, method) for name in TRANSPORTS for method in TRANSPORT_METHODS
]


@pytest.fixture
def vendor() -> Iterator[Sink]:
    with sink() as made:
        yield made


def made(name: str, vendor: Sink, folder: Path) -> tuple[Any, Endpoint, dict[str, Act]]:
    """One of the kind, its endpoint, and its methods."""
    if name == "litellm":
        if installed_release() is None:
            pytest.skip("the extra litellm is not installed")
        endpoint = tail_endpoint(base_url=vendor.url)
        return PROVIDERS[name](endpoint), endpoint, PROVIDER_METHODS
    path = write_deployment(folder, a=f'base_url = "{vendor.url}"', a_place=("openai", "gpt-5.6"))
    endpoint = replace(endpoint_of(load_config(path), "a"), key=lambda: "k")
    if name in TRANSPORTS:
        return TRANSPORTS[name](network=endpoint.network), endpoint, TRANSPORT_METHODS
    return PROVIDERS[name](endpoint), endpoint, PROVIDER_METHODS


def allowed(endpoint: Endpoint) -> Decision:
    return Decision(allowed=True, mission="m", endpoint=endpoint.identity.endpoint, at=NOON, reasons=())


class Gate:
    """A gate over a store of its own."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.store = MemoryStore()
        self.gate = StateGate(self.store, watch=False)

    def admit(self, decision: Decision | None = None) -> Any:
        return self.gate.admit(self.endpoint.identity, decision=decision or allowed(self.endpoint))

    def order(self) -> None:
        prohibit(self.store, Selector.parse("developer:acme"), reason="ORDER-17", by="ann")

    def overtaken(self) -> Any:
        """A permission that an order has come after."""
        token = self.admit()
        self.order()
        return token

    def released(self) -> Any:
        token = self.admit()
        token.release()
        return token

    def spent(self) -> Any:
        token = self.admit()
        token.spend()
        return token


TOKENS: dict[str, tuple[Callable[[Gate], Any], type[Exception] | tuple[type[Exception], ...]]] = {
    "none": (lambda _: None, (AttributeError, TypeError)),
    "a word": (lambda _: "permitted", (AttributeError, TypeError)),
    "overtaken by an order": (Gate.overtaken, Prohibited),
    "released": (Gate.released, StateError),
    "spent": (Gate.spent, StateError),
}
"""What a caller without permission might hand over, and the error it ends with."""


@pytest.mark.parametrize("name", PROVIDERS)
def test_every_public_method_of_a_provider_is_listed(name: str):
    assert members(PROVIDERS[name]) == set(PROVIDER_METHODS)


@pytest.mark.parametrize("name", TRANSPORTS)
def test_every_public_method_of_a_transport_is_listed(name: str):
    assert members(TRANSPORTS[name]) == set(TRANSPORT_METHODS)


WITHOUT = [
    (name, method, token)
    for name, method in METHODS
    for token in TOKENS
    if method in SPEAK and not ((name, method) == ("litellm", "stream") and token in ("released", "spent"))
]
"""Each with each; LiteLLM's own process is slow to start, and one way into it is like the other."""


@pytest.mark.parametrize(("name", "method", "token"), WITHOUT)
async def test_nothing_leaves_without_permission(name: str, method: str, token: str, vendor: Sink, tmp_path: Path):
    one, endpoint, methods = made(name, vendor, tmp_path)
    gate = Gate(endpoint)
    make, error = TOKENS[token]
    held = make(gate)

    with pytest.raises((*(error if isinstance(error, tuple) else (error,)), *_other_errors(name, method))):
        await methods[method](one, endpoint, held)
    await one.aclose()
    gate.gate.close()

    assert vendor.received == b""


def _other_errors(name: str, method: str) -> tuple[type[Exception], ...]:
    """Of a provider that has no such call, whatever the token."""
    return (Unsupported,) if (name, method) == ("litellm", "perform") else ()


@pytest.mark.parametrize(("name", "method"), [pair for pair in METHODS if pair[1] in SPEAK and pair[0] != "litellm"])
async def test_with_permission_the_same_call_leaves(name: str, method: str, vendor: Sink, tmp_path: Path):
    one, endpoint, methods = made(name, vendor, tmp_path)
    gate = Gate(endpoint)

    task = asyncio.ensure_future(methods[method](one, endpoint, gate.admit()))
    await asyncio.wait([task])
    await one.aclose()
    gate.gate.close()

    assert b"private" in vendor.received


@pytest.mark.parametrize(("name", "method"), [pair for pair in METHODS if pair[1] not in SPEAK])
async def test_every_other_method_sends_nothing_in_any_case(name: str, method: str, vendor: Sink, tmp_path: Path):
    one, endpoint, methods = made(name, vendor, tmp_path)

    if (name, method) == ("litellm", "prepare_operation"):
        with pytest.raises(Unsupported):
            await methods[method](one, endpoint, None)
    else:
        await methods[method](one, endpoint, None)
    await one.aclose()

    assert (vendor.connections, vendor.received) == (0, b"")


@pytest.mark.parametrize("name", PROVIDERS)
async def test_no_permission_is_given_against_a_denial_or_an_order(name: str, vendor: Sink, tmp_path: Path):
    one, endpoint, _ = made(name, vendor, tmp_path)
    gate = Gate(endpoint)

    with pytest.raises(PolicyDenied):
        gate.admit(replace(allowed(endpoint), allowed=False))
    gate.order()
    gate.gate.look()
    with pytest.raises(Prohibited):
        gate.admit()
    await one.aclose()
    gate.gate.close()

    assert (vendor.connections, vendor.received) == (0, b"")
