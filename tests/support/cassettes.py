"""Recorded vendor traffic, as tests ask for it: what is not there skips the test."""

from collections.abc import Iterator
from typing import Any

import pytest

from offramp.errors import ConfigurationError
from offramp.types import WireEvent
from offramp_conformance.accounting import recordings as found


def recordings(api: str) -> list[dict[str, Any]]:
    """Every recorded interaction of an API; skips the test where there are none."""
    try:
        return found.recordings(api)
    except ConfigurationError as error:
        pytest.skip(error.what)


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
        if response.get("text") or response.get("events"):
            yield each["id"], found.events_of(response)
