"""The published shapes of what a request is made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from offramp_providers.emulator.shapes import (
    Check,
    anything,
    boolean,
    integer,
    items,
    number,
    one_of,
    record,
    tagged,
    text,
    text_or,
)

_OPEN: Final = record({}, closed=False)


def _part(fields: Mapping[str, Check], *required: str) -> Check:
    return record({"type": anything, **fields}, required=required)


_TEXT: Final = _part({"text": text()}, "text")
_THINKING: Final = _part({"thinking": text()}, "thinking")
_IMAGE_URL: Final = record({"url": text(at_least=1), "detail": one_of("auto", "low", "high")}, required=("url",))
_IMAGE: Final = _part({"image_url": _IMAGE_URL}, "image_url")
_DOCUMENT: Final = record({"data": text_or(_OPEN), "id": text()}, required=("data",))
_FUNCTION_CALL: Final = record({"name": text(), "arguments": text()}, required=("name",))
_CALL: Final = record(
    {"id": text(at_least=1), "type": one_of("function"), "function": _FUNCTION_CALL},
    required=("id", "type", "function"),
)

_TEXTS: Final = text_or(items(tagged({"text": _TEXT})))

MESSAGES: Final[Mapping[str, Check]] = {
    "system": record({"role": anything, "content": _TEXTS}, required=("content",)),
    "user": record(
        {"role": anything, "content": text_or(items(tagged({"text": _TEXT, "image_url": _IMAGE})))},
        required=("content",),
    ),
    "assistant": record(
        {
            "role": anything,
            "content": text_or(items(tagged({"text": _TEXT, "thinking": _THINKING}))),
            "tool_plan": text(),
            "tool_calls": items(_CALL),
            "citations": items(_OPEN),
        }
    ),
    "tool": record(
        {
            "role": anything,
            "tool_call_id": text(),
            "content": text_or(items(tagged({"text": _TEXT, "document": _part({"document": _DOCUMENT}, "document")}))),
        },
        required=("content",),
    ),
}

_FUNCTION: Final = record({"name": text(), "description": text(), "parameters": _OPEN}, required=("name", "parameters"))

SETTINGS: Final[Mapping[str, Check]] = {
    "model": text(at_least=1),
    "messages": items(_OPEN, at_least=1),
    "stream": boolean,
    "tools": items(record({"type": one_of("function"), "function": _FUNCTION}, required=("type", "function"))),
    "strict_tools": boolean,
    "tool_choice": one_of("REQUIRED", "NONE"),
    "documents": items(text_or(_DOCUMENT)),
    "citation_options": record({"mode": one_of("ENABLED", "DISABLED", "FAST", "ACCURATE", "OFF")}),
    "response_format": tagged(
        {
            "text": record({"type": anything}),
            # The older name of the schema is still in the documentation's examples.
            "json_object": record({"type": anything, "json_schema": _OPEN, "schema": _OPEN}),
        }
    ),
    "safety_mode": one_of("CONTEXTUAL", "STRICT", "OFF", "NONE"),
    "max_tokens": integer,
    "stop_sequences": items(text()),
    "temperature": number,
    "seed": integer,
    "frequency_penalty": number,
    "presence_penalty": number,
    "k": integer,
    "p": number,
    "logprobs": boolean,
    "thinking": record({"type": one_of("enabled", "disabled"), "token_budget": integer}, required=("type",)),
    "priority": integer,
}
