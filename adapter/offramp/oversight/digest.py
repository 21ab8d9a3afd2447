"""What exactly a person approves: one call, as the encoders get it, in one fixed spelling."""

import json
from collections.abc import Mapping
from typing import Any

from offramp.json_form import to_python
from offramp.types import JsonMapping


def canonical_request(mission: str, operation: str, asked: object, vendor_options: Mapping[str, JsonMapping]) -> bytes:
    """The bytes whose keyed digest an approval names.

    They hold the mission, what is asked for (`generate`, `count_tokens`, …), and the whole canonical request: every
    message of the history as it is handed to the encoder, tools with their schemas, settings, the form of the output,
    what is kept of a vendor's own fields, and the caller's `vendor_options`. Whether the answer is streamed is left
    out. Objects are sorted by key; numbers and texts stay as they are.

    Raises:
        ConfigurationError: something in it is not JSON.
    """
    content: Any = to_python(asked)
    content.pop("stream", None)
    words = ["offramp-request/1", mission, operation, content, dict(vendor_options)]
    return json.dumps(words, sort_keys=True, separators=(",", ":")).encode()
