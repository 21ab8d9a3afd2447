"""Endpoints of the long tail, and vendors of it that answer what a test says."""

import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from offramp.catalog import load_profile
from offramp.contracts.endpoint import Endpoint
from offramp.contracts.transport import Deadlines
from offramp.types import Identity, JsonObject
from offramp_providers.engines.litellm import LitellmProvider
from support.raw_server import Peer, raw_server

KEY = "sk-of-the-endpoint"


def tail_endpoint(model: str = "openai/m1", *, base_url: str, developer: str = "acme", **given: Any) -> Endpoint:
    """An endpoint as a configuration would have it."""
    profile = load_profile("litellm")
    return Endpoint(
        identity=Identity(endpoint="a", developer=developer, host="acme", model=model),
        profile=profile,
        base_url=base_url,
        **{"key": lambda: KEY, "options": profile.options, "deadlines": Deadlines(total_s=60), **given},
    )


def completion(
    text: str | None = "hello", *, stop: str | None = "stop", calls: Sequence[JsonObject] = (), **top: Any
) -> JsonObject:
    """A whole answer of Chat Completions."""
    message = {"role": "assistant", "content": text, **({"tool_calls": list(calls)} if calls else {})}
    choice: JsonObject = {"index": 0, "message": message, "finish_reason": stop}
    counts = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    body: JsonObject = {"id": "c-1", "object": "chat.completion", "created": 1, "model": "m1", "choices": [choice]}
    body |= {"usage": counts, **top}
    return {name: content for name, content in body.items() if content is not None}


def pieces(*texts: str, stop: str | None = "stop", done: bool = True) -> bytes:
    """A stream of Chat Completions."""
    top: JsonObject = {"id": "c-1", "object": "chat.completion.chunk", "created": 1, "model": "m1"}
    choices: list[JsonObject] = [{"index": 0, "delta": {"role": "assistant", "content": text}} for text in texts]
    if stop is not None:
        choices.append({"index": 0, "delta": {}, "finish_reason": stop})
    events = [json.dumps({**top, "choices": [{"finish_reason": None, **choice}]}) for choice in choices]
    return "".join(f"data: {event}\n\n" for event in [*events, *(["[DONE]"] if done else [])]).encode()


def http(body: JsonObject | bytes, *, status: str = "200 OK", headers: str = "") -> bytes:
    """An HTTP answer: an object as JSON, bytes as a stream of events."""
    kind = "text/event-stream" if isinstance(body, bytes) else "application/json"
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return f"HTTP/1.1 {status}\r\n{headers}Content-Type: {kind}\r\nContent-Length: {len(raw)}\r\n\r\n".encode() + raw


class TailVendor:
    """What the vendor has been asked, and who asks it."""

    def __init__(self, provider: LitellmProvider) -> None:
        self.provider = provider
        self.heads: list[str] = []
        self.bodies: list[JsonObject] = []


@asynccontextmanager
async def tail_vendor(
    answer: bytes, *, model: str = "openai/m1", path: str = "/v1", **given: Any
) -> AsyncGenerator[TailVendor]:
    """A vendor that gives every request the same answer."""
    vendor: list[TailVendor] = []

    async def handler(peer: Peer) -> None:
        head, body = await peer.request()
        vendor[0].heads.append(head.decode())
        vendor[0].bodies.append(json.loads(body))
        await peer.say(answer)
        await handler(peer)

    async with raw_server(handler) as server:
        provider = LitellmProvider(tail_endpoint(model, base_url=server.url + path, **given))
        vendor.append(TailVendor(provider))
        try:
            yield vendor[0]
        finally:
            await provider.aclose()
