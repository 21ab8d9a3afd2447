"""What a mind is asked: the request, and what was said so far as it would be read."""

import base64
import binascii
from collections.abc import Iterator
from functools import cached_property
from random import Random
from typing import assert_never

from offramp.types import (
    Compaction,
    DataSource,
    FileSource,
    FunctionTool,
    GenerateRequest,
    Media,
    Message,
    Part,
    Reasoning,
    RedactedReasoning,
    Refusal,
    Text,
    TextSource,
    ToolCall,
    ToolChoiceNone,
    ToolResult,
    Unknown,
    UrlSource,
)
from offramp_conformance.liars.mind.papers import text_of_pdf


class Turn:
    """One request, read by the mind."""

    def __init__(self, request: GenerateRequest, chance: Random) -> None:
        self.request = request
        self.chance = chance
        """For what is not determined. The same where the request asks for the same."""

    @cached_property
    def wish(self) -> str:
        """The last thing that the user wrote."""
        return next((text for each in reversed(self.request.messages) if (text := _written(each))), "")

    @cached_property
    def instructions(self) -> tuple[str, ...]:
        """What the system and the developer said, the latest first."""
        said = [each.text for each in self.request.messages if each.role in ("system", "developer")]
        return tuple(reversed(said))

    @cached_property
    def heard(self) -> tuple[str, ...]:
        """Every text in the order in which it was said, those within documents and tool results included."""
        return tuple(text for each in self.request.messages for part in each.parts for text in texts_of(part))

    @cached_property
    def results(self) -> tuple[ToolResult, ...]:
        """What tools gave back since the last answer, in order."""
        last = max((at for at, each in enumerate(self.request.messages) if each.role == "assistant"), default=-1)
        since = self.request.messages[last + 1 :]
        return tuple(part for each in since for part in each.parts if isinstance(part, ToolResult))

    @cached_property
    def is_asked_anew(self) -> bool:
        """Whether the user has written something since the last answer and the results of its calls."""
        last = next((each for each in reversed(self.request.messages) if each.role in ("user", "tool")), None)
        return last is not None and bool(_written(last))

    @cached_property
    def images(self) -> tuple[bytes, ...]:
        """The images that came with the message, in order, those within tool results included."""
        return tuple(
            raw
            for each in self.request.messages
            for part in _media(each.parts)
            if part.kind == "image" and (raw := bytes_of(part)) is not None
        )

    @cached_property
    def tools(self) -> dict[str, FunctionTool]:
        """The functions that may be called, by name. None where calling is forbidden."""
        if isinstance(self.request.tool_choice, ToolChoiceNone):
            return {}
        return {each.name: each for each in self.request.tools if isinstance(each, FunctionTool)}


def _written(message: Message) -> str:
    return message.text.strip() if message.role == "user" else ""


def _media(parts: tuple[Part, ...]) -> Iterator[Media]:
    for part in parts:
        if isinstance(part, Media):
            yield part
        elif isinstance(part, ToolResult):
            yield from _media(part.parts)


def texts_of(part: Part) -> Iterator[str]:
    """The texts within a part, as a model would read them. Its own earlier reasoning is not read again."""
    match part:
        case Text() | Refusal():
            yield part.text
        case ToolResult():
            for each in part.parts:
                yield from texts_of(each)
        case Media():
            yield from _read(part)
        case Compaction():
            yield part.text or ""
        case Reasoning() | RedactedReasoning() | ToolCall() | Unknown():
            return
        case _:
            assert_never(part)


def _read(media: Media) -> Iterator[str]:
    if media.kind != "document":
        return
    if isinstance(media.source, TextSource):
        yield media.source.text
    elif (raw := bytes_of(media)) is not None:
        yield text_of_pdf(raw) if raw.startswith(b"%PDF") else raw.decode("utf-8", "replace")


def bytes_of(media: Media) -> bytes | None:
    """What a medium holds. None: it is elsewhere, or cannot be read."""
    match media.source:
        case DataSource(base64=written):
            try:
                return base64.b64decode(written, validate=True)
            except (binascii.Error, ValueError):
                return None
        case TextSource(text=text):
            return text.encode()
        case UrlSource() | FileSource():
            return None
