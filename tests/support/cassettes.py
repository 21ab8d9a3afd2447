"""Recorded vendor traffic: found beside the project or by `OFFRAMP_CASSETTES`, never copied in."""

import json
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from offramp.types import WireEvent

_BESIDE = Path(__file__).resolve().parents[2].parent / "shared" / "cassettes"


@cache
def recordings(api: str) -> list[dict[str, Any]]:
    """Every recorded interaction of an API; skips the test where there are none."""
    folder = Path(os.environ.get("OFFRAMP_CASSETTES") or _BESIDE)
    path = folder / f"{api}.jsonl"
    if not path.is_file():
        pytest.skip("recorded traffic is neither at ../shared/cassettes nor at OFFRAMP_CASSETTES")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def requests(api: str) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Recording id, request and body of each recorded request."""
    for each in recordings(api):
        request = each.get("request") or {}
        if request.get("body"):
            yield each["id"], request, request["body"]


def answers(api: str, *, failed: bool = False) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Recording id, response and JSON body of each recorded answer that is no stream: the good ones, or the failed."""
    for each in recordings(api):
        response = each["response"]
        if isinstance(response.get("json"), dict) and (response.get("status", 200) >= 400) == failed:
            yield each["id"], response, response["json"]


def streams(api: str) -> Iterator[tuple[str, list[WireEvent]]]:
    """Recording id and wire events of each recorded stream."""
    for each in recordings(api):
        response = each["response"]
        if response.get("text") and "ndjson" in response["headers"].get("content-type", ""):
            lines = response["text"].splitlines()
            yield each["id"], [WireEvent(data=_parsed(line)) for line in lines if line.strip()]
        elif response.get("text"):
            yield each["id"], list(split_sse(response["text"]))
        elif response.get("events"):
            yield each["id"], [WireEvent(data=event.get("payload", event)) for event in response["events"]]


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
