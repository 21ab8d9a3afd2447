"""How the envelope of `chat.completion.chunk` events is kept once: a batch holds only what differs from it.

Marks of differences, in a batch's wire:
`without=KEY`: the chunk lacks a key of the envelope; `choices[N].without=KEY`: the choice lacks one of its template.
"""

from collections.abc import Iterable
from typing import Any, Final

from offramp.types import JsonMapping, JsonObject, WireEvent

DONE: Final = "[DONE]"
IS_DONE: Final = "event=done"
"""Marks the terminator. It says nothing about completion."""
IS_RAW: Final = "event=raw"
"""Marks an event that is no chunk, kept whole under `data`."""
RAW_CHOICES: Final = "choices=raw"
NO_CHOICES: Final = "choices=absent"


def difference(before: JsonMapping, now: JsonMapping, fields: JsonObject, form: list[str], place: str = "") -> None:
    """Note what has changed since: new values into `fields`, missing keys into `form`."""
    for key, found in now.items():
        if key not in before or before[key] != found:
            fields[key] = found
    form.extend(f"{place}without={key}" for key in before if key not in now)


def apply_difference(before: JsonMapping, fields: JsonMapping, form: Iterable[str], place: str = "") -> JsonObject:
    """The inverse of `difference`."""
    mark = f"{place}without="
    missing = {each[len(mark) :] for each in form if each.startswith(mark)}
    return {key: found for key, found in {**before, **fields}.items() if key not in missing}


def frame_marks(event: WireEvent) -> list[str]:
    """Marks of an event's name and id, where the wire gave them."""
    marks: list[str] = []
    if event.event is not None:
        marks.append(f"name:{event.event}")
    if event.id is not None:
        marks.append(f"id:{event.id}")
    return marks


def framed(data: Any, form: Iterable[str]) -> WireEvent:
    """The wire event with the name and id that were marked."""
    name = number = None
    for mark in form:
        if mark.startswith("name:"):
            name = mark[5:]
        elif mark.startswith("id:"):
            number = mark[3:]
    return WireEvent(data=data, event=name, id=number)
