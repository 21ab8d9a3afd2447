"""The same vendor as Google Cloud serves it: model and streaming in the path, the version in the body.

Rests on what the official client sends there: anthropic-sdk-python 0.121.0, lib/vertex, read 2026-11-26.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote

from offramp.types._value import JsonObject, value
from offramp_providers.emulator.rules import Rejection, lowered

_PATH: Final = re.compile(
    r"/v1/projects/[^/]+/locations/[^/]+/publishers/anthropic/models/([^/:]+):(rawPredict|streamRawPredict)"
)
_VERSION: Final = "vertex-2023-10-16"
_COUNTER: Final = "count-tokens"
"""Stands in the model's place where tokens are counted; the body then names the model."""


@value
class Moved:
    """A request as the vendor itself would have been asked."""

    path: str
    headers: Mapping[str, str]
    body: JsonObject


def moved(path: str, headers: Mapping[str, str], body: JsonObject) -> Moved | Rejection:
    """Put everything where the vendor itself looks for it, or refuse."""
    found = _PATH.fullmatch(path)
    if found is None:
        return Rejection("path", 404, "not_found_error", "there is nothing at this path")
    name, method = unquote(found[1]), found[2]
    counts = name == _COUNTER
    if "x-api-key" in lowered(headers):
        return Rejection("hosted_key", 401, "authentication_error", "x-api-key: a bearer token is needed here")
    if body.get("anthropic_version") != _VERSION:
        return _refused("hosted_version", f"anthropic_version: {_VERSION} is required in the body")
    if counts == ("model" not in body):
        return _refused("hosted_model", "model: the path names it, except where tokens are counted")
    if bool(body.get("stream")) != (method == "streamRawPredict"):
        return _refused("hosted_stream", "stream: the method of the path says otherwise")
    asked = {key: content for key, content in body.items() if key != "anthropic_version"}
    return Moved(
        "/v1/messages/count_tokens" if counts else "/v1/messages",
        {**lowered(headers), "anthropic-version": "2023-06-01"},
        asked if counts else {"model": name, **asked},
    )


def _refused(rule: str, message: str) -> Rejection:
    return Rejection(rule, 400, "invalid_request_error", message)
