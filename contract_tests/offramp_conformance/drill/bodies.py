"""Reads request bodies as a vendor recorded them, in either dialect, with no code of the codecs'."""

import json
from collections.abc import Iterator
from typing import Any

from offramp.types import JsonObject
from offramp_conformance.drill.script import TOKEN
from offramp_providers.emulator.json_values import is_list, is_object
from offramp_providers.emulator.json_values import objects_of as objects_in


def strings_of(node: Any) -> Iterator[str]:
    """Every text in a body, at any depth."""
    if isinstance(node, str):
        yield node
    for each in _children(node):
        yield from strings_of(each)


def objects_of(node: Any) -> Iterator[str]:
    """Every JSON object in a body, as a value or as text, in one canonical spelling."""
    if isinstance(node, str) and node.startswith("{"):
        yield from _read(node)
    if is_object(node):
        yield canonical(node)
    for each in _children(node):
        yield from objects_of(each)


def _children(node: Any) -> list[Any]:
    if is_object(node):
        return list(node.values())
    return node if is_list(node) else []


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
    return objects_in(body.get("messages"))


def texts_of(message: JsonObject) -> list[str]:
    """The texts of a message itself, not those of tool results within it."""
    content: Any = message.get("content")
    if isinstance(content, str):
        return [content]
    return [str(block["text"]) for block in objects_in(content) if block.get("type") == "text"]


def asked_token(body: JsonObject | None) -> str | None:
    """The token of the turn that a request asks about: the last one that a user has said."""
    for message in reversed(messages_of(body or {})):
        if message.get("role") == "user":
            found = TOKEN.findall(" ".join(texts_of(message)))
            if found:
                return str(found[-1])
    return None
