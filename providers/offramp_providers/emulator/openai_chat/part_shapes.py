"""The published shapes of what a Chat Completions request is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from offramp_providers.emulator.shapes import (
    Check,
    Fault,
    anything,
    boolean,
    integer,
    items,
    nullable,
    number,
    one_of,
    record,
    tagged,
    text,
    text_or,
)

_OPEN: Final = record({}, closed=False)
_PART_KEYS: Final[Mapping[str, Check]] = {"type": anything, "prompt_cache_breakpoint": anything}


def _part(fields: Mapping[str, Check], *required: str) -> Check:
    return record({**_PART_KEYS, **fields}, required=required)


_TEXT_PART: Final = _part({"text": text()}, "text")
_REFUSAL_PART: Final = _part({"refusal": text()}, "refusal")
_IMAGE_URL: Final = record({"url": text(), "detail": one_of("auto", "low", "high")}, required=("url",))
_AUDIO: Final = record({"data": text(), "format": one_of("wav", "mp3")}, required=("data", "format"))
_FILE: Final = record({"filename": text(), "file_data": text(), "file_id": text()})

_TEXTS: Final = text_or(items(tagged({"text": _TEXT_PART}), at_least=1))
_USER_CONTENT: Final = text_or(
    items(
        tagged(
            {
                "text": _TEXT_PART,
                "image_url": _part({"image_url": _IMAGE_URL}, "image_url"),
                "input_audio": _part({"input_audio": _AUDIO}, "input_audio"),
                "file": _part({"file": _FILE}, "file"),
            }
        ),
        at_least=1,
    )
)
_ASSISTANT_CONTENT: Final = nullable(text_or(items(tagged({"text": _TEXT_PART, "refusal": _REFUSAL_PART}), at_least=1)))

_CALLS: Final = items(
    tagged(
        {
            "function": record(
                {
                    "id": text(),
                    "type": anything,
                    "function": record({"name": text(), "arguments": text()}, required=("name", "arguments")),
                },
                required=("id", "function"),
            ),
            "custom": record(
                {
                    "id": text(),
                    "type": anything,
                    "custom": record({"name": text(), "input": text()}, required=("name", "input")),
                },
                required=("id", "custom"),
            ),
        }
    )
)


def _message(fields: Mapping[str, Check], *required: str) -> Check:
    return record({"role": anything, "name": text(), **fields}, required=required)


ROLES: Final = ("developer", "system", "user", "assistant", "tool", "function")

MESSAGE_FIELDS: Final[Mapping[str, Check]] = {
    "developer": _message({"content": _TEXTS}, "content"),
    "system": _message({"content": _TEXTS}, "content"),
    "user": _message({"content": _USER_CONTENT}, "content"),
    "assistant": _message(
        {
            "content": _ASSISTANT_CONTENT,
            "refusal": nullable(text()),
            "audio": nullable(record({"id": text()}, required=("id",))),
            "tool_calls": nullable(_CALLS),
            "function_call": nullable(record({"name": text(), "arguments": text()}, required=("name", "arguments"))),
            "annotations": anything,  # the vendor's own answers carry it, and recordings show it accepted
        }
    ),
    "tool": _message({"content": _TEXTS, "tool_call_id": text()}, "content", "tool_call_id"),
    "function": _message({"content": nullable(text()), "name": text()}, "content", "name"),
}

_NAMED: Final = record({"name": text()}, required=("name",))
_FUNCTION: Final = record(
    {"name": anything, "description": nullable(text()), "parameters": nullable(_OPEN), "strict": nullable(boolean)},
    required=("name",),
)
TOOLS: Final = items(
    tagged(
        {
            "function": record({"type": anything, "function": _FUNCTION}, required=("function",)),
            "custom": record({"type": anything, "custom": _OPEN}, required=("custom",)),
        }
    )
)


def _tool_choice(found: Any, path: str) -> Iterator[Fault]:
    if isinstance(found, str):
        yield from one_of("none", "auto", "required")(found, path)
        return
    yield from tagged(
        {
            "function": record({"type": anything, "function": _NAMED}, required=("function",)),
            "custom": record({"type": anything, "custom": _NAMED}, required=("custom",)),
            "allowed_tools": record({"type": anything, "allowed_tools": _OPEN}, required=("allowed_tools",)),
        }
    )(found, path)


_JSON_SCHEMA: Final = record(
    {"name": anything, "description": nullable(text()), "schema": _OPEN, "strict": nullable(boolean)},
    required=("name",),
)

SETTINGS: Final[Mapping[str, Check]] = {
    "model": text(at_least=1),
    "messages": items(_OPEN, at_least=1),
    "max_completion_tokens": nullable(integer),
    "max_tokens": nullable(integer),
    "temperature": nullable(number),
    "top_p": nullable(number),
    "frequency_penalty": nullable(number),
    "presence_penalty": nullable(number),
    "n": nullable(integer),
    "seed": nullable(integer),
    "stop": nullable(text_or(items(text()))),
    "logprobs": nullable(boolean),
    "top_logprobs": nullable(integer),
    "logit_bias": nullable(_OPEN),
    "stream": nullable(boolean),
    "stream_options": nullable(record({"include_usage": boolean, "include_obfuscation": boolean})),
    "tools": TOOLS,
    "tool_choice": _tool_choice,
    "parallel_tool_calls": boolean,
    "functions": items(_OPEN, at_least=1),
    "function_call": text_or(_NAMED),
    "response_format": nullable(  # null is not in the schema, and recordings show it accepted
        tagged(
            {
                "text": record({"type": anything}),
                "json_object": record({"type": anything}),
                "json_schema": record({"type": anything, "json_schema": _JSON_SCHEMA}, required=("json_schema",)),
            }
        )
    ),
    "reasoning_effort": nullable(one_of("none", "minimal", "low", "medium", "high", "xhigh", "max")),
    "verbosity": nullable(one_of("low", "medium", "high")),
    "service_tier": nullable(one_of("auto", "default", "flex", "scale", "priority", "fast")),
    "store": nullable(boolean),
    "metadata": nullable(_OPEN),
    "user": text(),
    "safety_identifier": nullable(text()),
    "prompt_cache_key": nullable(text()),
    "prompt_cache_options": _OPEN,
    "prompt_cache_retention": nullable(one_of("in_memory", "24h")),
    "moderation": nullable(_OPEN),
    "modalities": nullable(items(one_of("text", "audio"))),
    "audio": nullable(_OPEN),
    "prediction": nullable(_OPEN),
    "web_search_options": _OPEN,
}
