"""Reads request bodies as a vendor recorded them, in either dialect, with no code of the codecs'."""

import json
from collections.abc import Iterator
from typing import Any, cast

from offramp.types import JsonObject
from offramp_conformance.drill.script import TOKEN


def strings_of(node: Any) -> Iterator[str]:
    """Every text in a body, at any depth."""
    match node:
        case str():
            yield node
        case list():
            for each in cast("list[Any]", node):
                yield from strings_of(each)
        case dict():
            for each in cast("JsonObject", node).values():
                yield from strings_of(each)
        case _:
            pass


def objects_of(node: Any) -> Iterator[str]:
    """Every JSON object in a body, as a value or as text, in one canonical spelling."""
    match node:
        case str():
            if node.startswith("{"):
                yield from _read(node)
        case list():
            for each in cast("list[Any]", node):
                yield from objects_of(each)
        case dict():
            yield canonical(node)
            for each in cast("JsonObject", node).values():
                yield from objects_of(each)
        case _:
            pass


def _read(text: str) -> Iterator[str]:
    try:
        yield canonical(json.loads(text))
    except ValueError:
        return


def canonical(content: Any) -> str:
    """JSON that is equal for equal values."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"))


def messages_of(body: JsonObject) -> list[JsonObject]:
    """The body's messages."""
    found: Any = body.get("messages")
    if not isinstance(found, list):
        return []
    return [cast("JsonObject", each) for each in cast("list[Any]", found) if isinstance(each, dict)]


def texts_of(message: JsonObject) -> list[str]:
    """The texts of a message itself, not those of tool results within it."""
    content: Any = message.get("content")
    if isinstance(content, str):
        return [content]
    if not isinstance(content, list):
        return []
    blocks = [cast("JsonObject", each) for each in cast("list[Any]", content) if isinstance(each, dict)]
    return [str(block["text"]) for block in blocks if block.get("type") == "text"]


def asked_token(body: JsonObject | None) -> str | None:
    """The token of the turn that a request asks about: the last one that a user has said."""
    for message in reversed(messages_of(body or {})):
        if message.get("role") == "user":
            found = TOKEN.findall(" ".join(texts_of(message)))
            if found:
                return str(found[-1])
    return None
