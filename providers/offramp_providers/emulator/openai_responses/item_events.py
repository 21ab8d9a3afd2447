"""The events in which an item arrives."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from offramp.types._value import JsonObject
from offramp_providers.emulator.words import pieces, slices


def events_of(item: JsonObject, place: int, rng: Random) -> Iterator[JsonObject]:
    """Added without its content, grown in pieces, and told again whole."""
    where = {"output_index": place, "item_id": item["id"]}
    yield {"type": "response.output_item.added", "output_index": place, "item": _emptied(item)}
    match item["type"]:
        case "message":
            yield from _content(item["content"][0], where, rng)
        case "function_call":
            for piece in slices(item["arguments"], rng):
                yield {"type": "response.function_call_arguments.delta", **where, "delta": piece}
            done = {"name": item["name"], "arguments": item["arguments"]}
            yield {"type": "response.function_call_arguments.done", **where, **done}
        case "reasoning":
            yield from _summary(item["summary"], where, rng)
        case _:
            pass
    yield {"type": "response.output_item.done", "output_index": place, "item": item}


def _emptied(item: JsonObject) -> JsonObject:
    match item["type"]:
        case "message":
            return {**item, "status": "in_progress", "content": []}
        case "function_call":
            return {**item, "status": "in_progress", "arguments": ""}
        case "reasoning":
            return {**item, "summary": []}
        case _:
            return item


def _content(block: JsonObject, where: JsonObject, rng: Random) -> Iterator[JsonObject]:
    key = "refusal" if block["type"] == "refusal" else "text"
    name = "response.refusal" if key == "refusal" else "response.output_text"
    here: JsonObject = {**where, "content_index": 0}
    extra: JsonObject = {"logprobs": []} if key == "text" else {}
    yield {"type": "response.content_part.added", **here, "part": {**block, key: ""}}
    for piece in pieces(block[key], rng):
        yield {"type": f"{name}.delta", **here, "delta": piece, **extra}
    yield {"type": f"{name}.done", **here, key: block[key], **extra}
    yield {"type": "response.content_part.done", **here, "part": block}


def _summary(summary: list[Any], where: JsonObject, rng: Random) -> Iterator[JsonObject]:
    for index, part in enumerate(summary):
        here = {**where, "summary_index": index}
        yield {"type": "response.reasoning_summary_part.added", **here, "part": {**part, "text": ""}}
        for piece in pieces(part["text"], rng):
            yield {"type": "response.reasoning_summary_text.delta", **here, "delta": piece}
        yield {"type": "response.reasoning_summary_text.done", **here, "text": part["text"]}
        yield {"type": "response.reasoning_summary_part.done", **here, "part": part}
