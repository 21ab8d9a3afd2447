"""The published shapes of what a request is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from offramp_providers.emulator.json_values import is_object
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


def _chunk(fields: Mapping[str, Check], *required: str) -> Check:
    return record({"type": anything, **fields}, required=required)


_TEXT: Final = _chunk({"text": text()}, "text")
_REFERENCE: Final = _chunk({"reference_ids": items(integer)}, "reference_ids")
_TOOL_REFERENCE: Final = _chunk(
    {
        "tool": text(),
        "title": text(),
        "url": nullable(text()),
        "favicon": nullable(text()),
        "description": nullable(text()),
    },
    "tool",
    "title",
)
_THINKING: Final = _chunk(
    {
        "thinking": items(tagged({"text": _TEXT, "reference": _REFERENCE, "tool_reference": _TOOL_REFERENCE})),
        "closed": boolean,
        "signature": nullable(text()),  # the SDK has it, the schema does not
    },
    "thinking",
)
_IMAGE_URL: Final = record({"url": text(), "detail": nullable(one_of("low", "auto", "high"))}, required=("url",))
_CHUNKS: Final[Mapping[str, Check]] = {
    "text": _TEXT,
    "image_url": _chunk({"image_url": text_or(_IMAGE_URL)}, "image_url"),
    "document_url": _chunk({"document_url": text(), "document_name": nullable(text())}, "document_url"),
    "file": _chunk({"file_id": text()}, "file_id"),
    "input_audio": _chunk({"input_audio": text()}, "input_audio"),
    "reference": _REFERENCE,
    "thinking": _THINKING,
}
_CONTENT: Final = nullable(text_or(items(tagged(_CHUNKS))))
_SYSTEM_CONTENT: Final = text_or(items(tagged({"text": _TEXT, "thinking": _THINKING})))


def _arguments(found: Any, path: str) -> Iterator[Fault]:
    if not isinstance(found, str) and not is_object(found):
        yield Fault(path, "must be a string or an object")


_FUNCTION_CALL: Final = record({"name": text(), "arguments": _arguments}, required=("name", "arguments"))
_CALL: Final = record(
    {"id": text(), "type": one_of("function"), "function": _FUNCTION_CALL, "index": integer}, required=("function",)
)


def _message(fields: Mapping[str, Check], *required: str) -> Check:
    return record({"role": anything, **fields}, required=required)


ROLES: Final = ("system", "user", "assistant", "tool")

MESSAGE_FIELDS: Final[Mapping[str, Check]] = {
    "system": _message({"content": _SYSTEM_CONTENT}, "content"),
    "user": _message({"content": _CONTENT}, "content"),
    "assistant": _message({"content": _CONTENT, "tool_calls": nullable(items(_CALL)), "prefix": boolean}),
    "tool": _message(
        {"content": _CONTENT, "tool_call_id": nullable(text()), "name": nullable(text())},
        "content",
    ),
}

_FUNCTION: Final = record(
    {"name": text(), "description": text(), "strict": boolean, "parameters": _OPEN}, required=("name", "parameters")
)
_TOOL: Final = record({"type": one_of("function"), "function": _FUNCTION}, required=("function",))
_NAMED: Final = record({"name": text()}, required=("name",))
_CHOICE: Final = record({"type": one_of("function"), "function": _NAMED}, required=("function",))


def _tool_choice(found: Any, path: str) -> Iterator[Fault]:
    check = one_of("auto", "none", "any", "required") if isinstance(found, str) else _CHOICE
    yield from check(found, path)


_JSON_SCHEMA: Final = record(
    {"name": text(), "description": nullable(text()), "schema": _OPEN, "strict": boolean}, required=("name", "schema")
)
_FORMAT: Final = record({"type": one_of("text", "json_object", "json_schema"), "json_schema": nullable(_JSON_SCHEMA)})

SETTINGS: Final[Mapping[str, Check]] = {
    "model": text(),
    "messages": items(_OPEN),
    "max_tokens": nullable(integer),
    "temperature": nullable(number),
    "top_p": number,
    "random_seed": nullable(integer),
    "stop": text_or(items(text())),
    "stream": boolean,
    "stream_options": nullable(record({"include_usage": boolean}, closed=False)),  # in the documents only
    "n": nullable(integer),
    "presence_penalty": number,
    "frequency_penalty": number,
    "metadata": nullable(_OPEN),
    "response_format": _FORMAT,
    "tools": nullable(items(_TOOL)),
    "tool_choice": _tool_choice,
    "parallel_tool_calls": boolean,
    "prediction": record({"type": one_of("content"), "content": text()}),
    "prompt_mode": nullable(one_of("reasoning")),
    "reasoning_effort": one_of("none", "minimal", "low", "medium", "high", "xhigh"),
    "guardrails": nullable(items(_OPEN)),
    "prompt_cache_key": nullable(text()),
    "safe_prompt": boolean,
}
