"""What the benchmark asks and is answered, in whatever dialect: fixed, so that all read the same."""

import json
from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, field
from typing import Any, Final, Literal

from offramp.types import JsonObject, value

PROMPT: Final = "The river is at 4.2 m and rising. Which roads are still open, and who is near the depot? " * 6
WORDS: Final = ("roads ", "north ", "of ", "the ", "depot ", "are ", "open; ", "two ", "teams ", "are ", "near. ")
CHUNKS: Final = 300
KEY: Final = "a-key-that-opens-nothing"
TEXT: Final = "".join(WORDS) * 20
"""The whole answer. The streamed one has `CHUNKS` words."""


@value
class Wire:
    """One dialect as raw bytes: what a hand-written client would send, and what comes back."""

    _: KW_ONLY
    dialect: str
    vendor: str
    model: str
    path: str
    stream_path: str
    """The same, where the body says whether to stream."""
    base_path: str = ""
    """What the endpoint's `base_url` has of the path."""
    headers: dict[str, str] = field(default_factory=lambda: {"authorization": f"Bearer {KEY}"})
    body: JsonObject
    stream_body: JsonObject
    answer: bytes
    events: tuple[bytes, ...]
    framing: Literal["sse", "lines", "aws"] = "sse"
    take: Callable[[Any], str]
    """The text in one event, as somebody reads it by hand."""
    whole: Callable[[Any], str]
    """The text of the whole answer."""


def words() -> list[str]:
    """The streamed answer, word by word."""
    return [WORDS[place % len(WORDS)] for place in range(CHUNKS)]


def dumped(content: JsonObject) -> bytes:
    """As JSON, with the white space that vendors write."""
    return json.dumps(content).encode()


def event(content: JsonObject, *, name: str | None = None) -> bytes:
    """One server-sent event."""
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(content)}\n\n".encode()


def named(events: Sequence[JsonObject]) -> tuple[bytes, ...]:
    """Events that bear their type as their name."""
    return tuple(event(each, name=str(each["type"])) for each in events)


def at(content: Any, *steps: str | int) -> str:
    """The text at the end of these steps; empty where one leads nowhere."""
    try:
        for step in steps:
            content = content[step]
    except (KeyError, IndexError, TypeError):
        return ""
    return content if isinstance(content, str) else ""
