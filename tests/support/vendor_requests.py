"""Small requests that an emulated vendor accepts, written by hand and by no codec of ours."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import ClientResponse

KEYS: dict[str, dict[str, str]] = {
    "anthropic_messages": {"x-api-key": "k", "anthropic-version": "2023-06-01"},
    "openai_chat": {"authorization": "Bearer k"},
}
DIALECTS = tuple(KEYS)
"""Those whose emulators are held to the same expectations; others have tests of their own."""
PATHS = {"anthropic_messages": "/v1/messages", "openai_chat": "/v1/chat/completions"}
MODELS = {"anthropic_messages": "claude-sonnet-4-5", "openai_chat": "gpt-4o"}

PLACE: dict[str, Any] = {
    "type": "object",
    "properties": {"place": {"type": "string"}, "limit": {"type": "integer", "minimum": 1, "maximum": 9}},
    "required": ["place", "limit"],
    "additionalProperties": False,
}


def request(dialect: str, text: str, **more: Any) -> dict[str, Any]:
    """One user message; two tools where `tools=True`."""
    body: dict[str, Any] = {"model": MODELS[dialect], "messages": [{"role": "user", "content": text}], **more}
    if dialect == "anthropic_messages":
        body.setdefault("max_tokens", 2000)
    if body.get("tools") is True:
        body["tools"] = [tool(dialect, "units_near"), tool(dialect, "water_level")]
    return body


def tool(dialect: str, name: str) -> dict[str, Any]:
    """A function with two required arguments."""
    if dialect == "anthropic_messages":
        return {"name": name, "description": "Looks.", "input_schema": PLACE}
    return {"type": "function", "function": {"name": name, "description": "Looks.", "parameters": PLACE}}


async def events_of(response: ClientResponse) -> list[tuple[str | None, Any]]:
    """A finished stream as (event name, data); data that is no JSON stays text."""
    return parse(await response.read())


def parse(raw: bytes) -> list[tuple[str | None, Any]]:
    """Split a stream by hand."""
    found: list[tuple[str | None, Any]] = []
    for block in raw.decode().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines())
        if "data" in lines:
            text = lines["data"]
            found.append((lines.get("event"), json.loads(text) if text.startswith("{") else text))
    return found
