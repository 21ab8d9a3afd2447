"""Looking into the framed events of a stream, and changing them, whatever the framing."""

import json
import re
import struct
from collections.abc import Callable
from typing import Final

from offramp.types import JsonObject, changed
from offramp_providers.emulator.bedrock_converse.events import framed
from offramp_providers.emulator.json_values import is_object
from offramp_providers.emulator.wire import WireEvent, dumped

_DATA: Final = re.compile(rb"^data: (.*)$", re.M)
_PRELUDE: Final = 12
_TYPE: Final = re.compile(rb":(event|exception)-type\x07..([A-Za-z]+)", re.S)


def is_binary(event: WireEvent) -> bool:
    """Whether it is a message of AWS's event stream."""
    return event.payload[:1] == b"\0"


def is_sse(event: WireEvent) -> bool:
    """Whether it is a server-sent event."""
    return _DATA.search(event.payload) is not None


def data_of(event: WireEvent) -> JsonObject | None:
    """The JSON object that it carries. None: it carries none."""
    try:
        held = json.loads(_raw(event))
    except ValueError:
        return None
    return held if is_object(held) else None


def with_data(event: WireEvent, data: JsonObject) -> WireEvent:
    """The same event with another object."""
    if is_binary(event):
        found = _TYPE.search(event.payload)
        return framed(found[2].decode() if found else "unknown", data, event.kind)
    return changed(event, payload=event.payload.replace(_raw(event), dumped(data).encode("utf-8", "replace"), 1))


def edited(event: WireEvent, edit: Callable[[JsonObject], JsonObject]) -> WireEvent:
    """The event with its object changed. One that carries none stays."""
    data = data_of(event)
    return event if data is None else with_data(event, edit(data))


def _raw(event: WireEvent) -> bytes:
    if is_binary(event):
        _, headers = struct.unpack("!II", event.payload[:8])
        return event.payload[_PRELUDE + headers : -4]
    found = _DATA.search(event.payload)
    return found[1] if found else event.payload.strip()
