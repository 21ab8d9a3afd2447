"""What an event must look like on the wire, as far as the stream so far and its meaning tell; and the difference."""

from collections.abc import Sequence
from typing import Any, Final

from offramp.contracts.dialect import Target
from offramp.types import (
    ArgumentsDelta,
    CitationDelta,
    Event,
    JsonMapping,
    JsonObject,
    OpaqueDelta,
    Origin,
    Part,
    PartStart,
    ReasoningDelta,
    RefusalDelta,
    ResponseEnd,
    ResponseFailed,
    ResponseStart,
    TextDelta,
    UsageUpdate,
)
from offramp_providers.dialects.openai_responses.encoding import Encoding
from offramp_providers.dialects.openai_responses.errors import encode_stream_error
from offramp_providers.dialects.openai_responses.item_writing import encode_items
from offramp_providers.dialects.openai_responses.items import ITEM
from offramp_providers.dialects.openai_responses.options import NAME
from offramp_providers.dialects.openai_responses.parts import encode_block
from offramp_providers.dialects.openai_responses.stream_mirror import (
    ANNOTATION,
    ARGUMENTS,
    CONTENT_TEXTS,
    ENDS,
    ITEM_ADDED,
    ITEM_DONE,
    PART_ADDED,
    PART_DONE,
    STARTS,
    SUMMARY_ADDED,
    SUMMARY_DONE,
    SUMMARY_TEXT,
    Mirror,
)
from offramp_providers.dialects.shapes import is_object

_ABSENT: Final = "absent="
_NOBODY: Final = Origin(developer="", host="", dialect=NAME)
_PIECES: Final = (TextDelta, RefusalDelta, ReasoningDelta, ArgumentsDelta)


def predict(mirror: Mirror, kind: str, events: Sequence[Event]) -> JsonObject:
    """The event as it would usually be written."""
    said: JsonObject = {"type": kind, "sequence_number": mirror.sequence + 1}
    if kind in STARTS:
        return {**said, "response": _announced(mirror, events)}
    if kind in ENDS:
        return {**said, "response": _ended(mirror, kind, events)}
    if kind == "error" or kind == "response.failed":  # noqa: PLR1714  # as the others
        failed = next((event for event in events if isinstance(event, ResponseFailed)), None)
        return said if failed is None else {**said, **encode_stream_error(failed.error)}
    if kind == ITEM_ADDED:
        return {**said, "output_index": mirror.next_output, "item": _begun(events)}
    if kind == ITEM_DONE:
        return {**said, "output_index": mirror.at, "item": _finished(mirror, events)}
    return {**said, **_placed(mirror, kind, events)}


def _announced(mirror: Mirror, events: Sequence[Event]) -> JsonObject:
    start = next((event for event in events if isinstance(event, ResponseStart)), None)
    if start is None:
        return mirror.envelope
    response = dict(start.wire.fields) if start.wire is not None else {}
    if start.origin is not None and start.origin.response_id is not None:
        response["id"] = start.origin.response_id
    if start.origin is not None and start.origin.model is not None:
        response["model"] = start.origin.model
    return response


def _ended(mirror: Mirror, kind: str, events: Sequence[Event]) -> JsonObject:
    response: JsonObject = {**mirror.envelope, "output": mirror.outputs()}
    for event in events:
        if isinstance(event, UsageUpdate) and event.usage.raw is not None:
            response["usage"] = event.usage.raw
        elif isinstance(event, ResponseEnd):
            status = kind.removeprefix("response.")
            response["status"] = status
            if event.outcome.raw != status:
                response["incomplete_details"] = {"reason": event.outcome.raw}
    return response


def _encoding() -> Encoding:
    return Encoding(Target(origin=_NOBODY), native=True, answering=True)


def _begun(events: Sequence[Event]) -> JsonObject:
    """The item as it is announced, where it is a part by itself."""
    start = next((event for event in events if isinstance(event, PartStart)), None)
    if start is None:
        return {}
    item = _item_of([start.part])
    if item.get("status") == "completed":
        item["status"] = "in_progress"
    return item


def _item_of(parts: Sequence[Part]) -> JsonObject:
    items = encode_items(_encoding(), parts, None)
    first: Any = items[0] if items else None
    return dict(first) if is_object(first) else {}


def _finished(mirror: Mirror, events: Sequence[Event]) -> JsonObject:
    """The item as it is repeated at its end."""
    whole = [event.part for event in events if isinstance(event, PartStart) and not event.synthetic]
    if whole:
        return _item_of(whole)
    item = dict(mirror.item.whole())
    for event in events:
        if isinstance(event, OpaqueDelta):
            item["encrypted_content"] = event.opaque.data
    return item


def _placed(mirror: Mirror, kind: str, events: Sequence[Event]) -> JsonObject:
    """What belongs to an item."""
    item = mirror.item if mirror.at in mirror.items else None
    said: JsonObject = {"output_index": mirror.at}
    item_id: Any = item.added.get("id") if item is not None else None
    if item_id is not None:
        said["item_id"] = item_id
    root, _, ending = kind.rpartition(".")
    if root in ARGUMENTS:
        key, whole = ARGUMENTS[root], "".join(item.arguments) if item is not None else ""
    elif root == SUMMARY_TEXT or kind in (SUMMARY_ADDED, SUMMARY_DONE):
        place = mirror.summary
        if kind == SUMMARY_ADDED and item is not None:
            place = max(item.summary, default=-1) + 1
        said["summary_index"] = place
        piece = item.summary.get(place) if item is not None else None
        key, whole = "text", piece.text if piece is not None else ""
    elif root in CONTENT_TEXTS or kind in PART_ADDED or kind in PART_DONE or kind == ANNOTATION:
        return {**said, **_of_content(mirror, kind, events)}
    else:
        return said
    if kind == SUMMARY_ADDED:
        return {**said, "part": {"type": "summary_text", "text": ""}}
    if kind == SUMMARY_DONE:
        return {**said, "part": mirror.item.piece(mirror.summary, summary=True).whole()}
    return {**said, "delta": _piece(events)} if ending == "delta" else {**said, key: whole}


def _piece(events: Sequence[Event]) -> Any:
    return next((event.text for event in events if isinstance(event, _PIECES)), None)


def _of_content(mirror: Mirror, kind: str, events: Sequence[Event]) -> JsonObject:
    """What belongs to an element of an item's content."""
    item = mirror.items.get(mirror.at)
    if kind in PART_ADDED:
        place = max(item.content, default=-1) + 1 if item is not None else 0
        return {"content_index": place, "part": _first_form(events)}
    said: JsonObject = {"content_index": mirror.content}
    piece = item.content.get(mirror.content) if item is not None else None
    if kind in PART_DONE:
        return {**said, "part": {} if piece is None else piece.whole()}
    if kind == ANNOTATION:
        note = next((event.citation.raw for event in events if isinstance(event, CitationDelta)), None)
        return {**said, "annotation_index": 0 if piece is None else len(piece.notes), "annotation": note}
    root, _, ending = kind.rpartition(".")
    if root == "response.output_text":
        said["logprobs"] = []
    if ending == "delta":
        return {**said, "delta": _piece(events)}
    return {**said, CONTENT_TEXTS[root]: "" if piece is None else piece.text}


def _first_form(events: Sequence[Event]) -> JsonObject:
    start = next((event for event in events if isinstance(event, PartStart)), None)
    if start is None:
        return {"type": "reasoning_text", "text": ""}
    part = start.part
    wire = part.wire
    fields = {} if wire is None else {key: held for key, held in wire.fields.items() if key != ITEM}
    blocks = encode_block(_encoding(), part, None, (fields, () if wire is None else wire.form), "output_text")
    block: Any = blocks[0] if blocks else None
    return block if is_object(block) else {}


def difference(said: JsonMapping, data: JsonMapping) -> tuple[JsonObject, tuple[str, ...]]:
    """What of an event was not foretold, one level deep; and marks for what was, and is not there."""
    fields: JsonObject = {}
    marks: list[str] = []
    for key, found in data.items():
        told: Any = said.get(key, fields)
        if told is found or (type(told) is type(found) and told == found and told is not fields):
            continue
        if is_object(told) and is_object(found) and told is not fields:
            fields[key] = _inner(key, told, found, marks)
        else:
            fields[key] = found
    marks += [_ABSENT + key for key in said if key not in data]
    return fields, tuple(marks)


def _inner(key: str, told: JsonObject, found: JsonObject, marks: list[str]) -> JsonObject:
    missing = object()
    marks += [f"{_ABSENT}{key}.{name}" for name in told if name not in found]
    return {
        name: held
        for name, held in found.items()
        if type(told.get(name, missing)) is not type(held) or told[name] != held
    }


def restore(said: JsonObject, fields: JsonMapping, form: Sequence[str]) -> JsonObject:
    """The event, from what was foretold and the difference."""
    for key, held in fields.items():
        told: Any = said.get(key)
        said[key] = {**told, **held} if is_object(told) and is_object(held) else held
    for mark in form:
        if mark.startswith(_ABSENT):
            key, _, name = mark.removeprefix(_ABSENT).partition(".")
            if not name:
                said.pop(key, None)
            elif is_object(said.get(key)):
                said[key] = {each: held for each, held in said[key].items() if each != name}
    return said
