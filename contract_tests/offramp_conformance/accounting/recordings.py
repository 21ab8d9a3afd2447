"""Recorded vendor traffic: found beside the project or by `OFFRAMP_CASSETTES`, never copied in."""

import json
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from offramp.errors import ConfigurationError
from offramp.types import JsonObject, WireEvent
from offramp_conformance.accounting.leaves import is_object

_BESIDE = Path(__file__).resolve().parents[3].parent / "shared" / "cassettes"


def folder() -> Path:
    """Where the recordings are.

    Raises:
        ConfigurationError: they are nowhere.
    """
    found = Path(os.environ.get("OFFRAMP_CASSETTES") or _BESIDE)
    if not found.is_dir():
        raise ConfigurationError(
            "recorded traffic is neither at ../shared/cassettes nor at OFFRAMP_CASSETTES",
            mend="set OFFRAMP_CASSETTES to the folder of the recordings",
        )
    return found


def apis() -> list[str]:
    """Every API that something was recorded of."""
    return sorted(path.name.removesuffix(".jsonl") for path in folder().glob("*.jsonl"))


def recordings(api: str) -> list[JsonObject]:
    """Every recorded interaction of an API.

    Raises:
        ConfigurationError: there are none.
    """
    path = folder() / f"{api}.jsonl"
    if not path.is_file():
        raise ConfigurationError(f"no traffic was recorded of {api}", where=str(folder()))
    return _read(path)


@cache
def _read(path: Path) -> list[JsonObject]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def part_of(holder: JsonObject, key: str) -> JsonObject:
    """An object of a recording; an empty one where it was not recorded."""
    found: Any = holder.get(key)
    return found if is_object(found) else {}


def events_of(response: JsonObject) -> list[WireEvent]:
    """The wire events of a recorded stream; none where it is none."""
    text, events = response.get("text"), response.get("events")
    if text and "ndjson" in response["headers"].get("content-type", ""):
        return [WireEvent(data=_parsed(line)) for line in text.splitlines() if line.strip()]
    if text:
        return list(split_sse(text))
    return [_framed(event) for event in events or ()]


def _framed(event: JsonObject) -> WireEvent:
    """An event that was taken apart. Of AWS's event stream its name is a header, or the one key of what it says."""
    if "headers" in event:
        return WireEvent(data=event["payload"], event=event["headers"][":event-type"])
    data: JsonObject = event.get("payload", event)
    if len(data) == 1:
        ((name, inner),) = data.items()
        if is_object(inner):
            return WireEvent(data=inner, event=name)
    return WireEvent(data=data)


def split_sse(text: str) -> Iterator[WireEvent]:
    """The events of server-sent text. Small on purpose, and sharing nothing with the project's own reader."""
    for block in text.replace("\r\n", "\n").split("\n\n"):
        fields = [line.split(":", 1) for line in block.split("\n") if ":" in line and not line.startswith(":")]
        data = "\n".join(content.removeprefix(" ") for name, content in fields if name == "data")
        name = next((content.strip() for field, content in fields if field == "event"), None)
        if data:
            yield WireEvent(data=_parsed(data), event=name)


def _parsed(data: str) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return data
