"""A vendor's error behind LiteLLM, told by its own status, code and body; LiteLLM's classes are not asked.

The dialects' own tables read it: which of them is told by the shape of the body.
"""

from collections.abc import Mapping
from typing import Any

from offramp.errors import ProviderError
from offramp_providers.dialects.anthropic_messages.errors import decode_error as decode_anthropic
from offramp_providers.dialects.gemini.errors import decode_error as decode_gemini
from offramp_providers.dialects.openai_chat.errors import decode_error as decode_chat
from offramp_providers.dialects.shapes import is_list
from offramp_providers.wire_json import decode_json, is_json_object


def vendor_error(status: int, headers: Mapping[str, str], raw: bytes) -> ProviderError:
    """Read an error answer, whoever's it is."""
    body: Any
    try:
        body = decode_json(raw)
    except ProviderError:
        body = raw.decode("utf-8", "replace")
    return read_error(status, headers, body)


def read_error(status: int, headers: Mapping[str, str], body: Any) -> ProviderError:
    """Read an error whose body is decoded already."""
    inner: Any = body.get("error") if is_json_object(body) else None
    if is_json_object(body) and body.get("type") == "error" and is_json_object(inner):
        return decode_anthropic(status, headers, body)
    told: Any = body[0].get("error") if is_list(body) and body and is_json_object(body[0]) else inner
    if is_json_object(told) and isinstance(told.get("status"), str):
        return decode_gemini(status, headers, body)
    return decode_chat(status, headers, body)
