"""The published shapes of what a Responses request is made of."""

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
_STATUS: Final = nullable(one_of("in_progress", "completed", "incomplete"))
_DETAIL: Final = one_of("low", "high", "auto", "original")
_MARK: Final = {"type": anything, "prompt_cache_breakpoint": anything}

_INPUT_PARTS: Final[Mapping[str, Check]] = {
    "input_text": record({**_MARK, "text": text()}, required=("text",)),
    "input_image": record(
        {**_MARK, "image_url": nullable(text()), "file_id": nullable(text()), "detail": nullable(_DETAIL)}
    ),
    "input_file": record(
        {
            **_MARK,
            "file_data": nullable(text()),
            "file_id": nullable(text()),
            "file_url": nullable(text()),
            "filename": nullable(text()),
            "detail": nullable(_DETAIL),
        }
    ),
    "input_audio": record({**_MARK, "input_audio": _OPEN}, required=("input_audio",)),
}
_OUTPUT_PARTS: Final[Mapping[str, Check]] = {
    "output_text": record(
        {"type": anything, "text": text(), "annotations": anything, "logprobs": anything}, required=("text",)
    ),
    "refusal": record({"type": anything, "refusal": text()}, required=("refusal",)),
}
_CONTENT: Final = text_or(items(tagged(_INPUT_PARTS)))
_SAID: Final = text_or(items(tagged({**_OUTPUT_PARTS, "input_text": _INPUT_PARTS["input_text"]})))
_HEAD: Final = {"type": anything, "id": nullable(text()), "status": _STATUS, "role": anything}


def _message(found: Any, path: str) -> Iterator[Fault]:
    """What the assistant said before is output; all else is input."""
    said = is_object(found) and found.get("role") == "assistant"
    fields = {**_HEAD, "content": _SAID if said else _CONTENT, "phase": nullable(text())}
    yield from record(fields, required=("role", "content"))(found, path)


_CALL_ID: Final = text(at_least=1, at_most=64)
_ITEM: Final[Mapping[str, Check]] = {"type": anything, "id": nullable(text()), "status": _STATUS}
_SUMMARY: Final = items(tagged({"summary_text": record({"type": anything, "text": text()}, required=("text",))}))
_THOUGHTS: Final = items(tagged({"reasoning_text": record({"type": anything, "text": text()}, required=("text",))}))

ITEMS: Final[Mapping[str, Check]] = {
    "message": _message,
    "function_call": record(
        {
            **_ITEM,
            "call_id": _CALL_ID,
            "name": text(at_least=1, at_most=128),
            "arguments": text(),
            "caller": anything,
            "namespace": anything,
        },
        required=("call_id", "name", "arguments"),
    ),
    "function_call_output": record(
        {**_ITEM, "call_id": _CALL_ID, "output": text_or(items(tagged(_INPUT_PARTS))), "caller": anything},
        required=("call_id", "output"),
    ),
    "reasoning": record(
        {
            **_ITEM,
            "summary": _SUMMARY,
            "content": nullable(_THOUGHTS),
            "encrypted_content": nullable(text()),
        },
        required=("summary",),
    ),
    "item_reference": record({"type": anything, "id": text()}, required=("id",)),
    "compaction": record({**_ITEM, "encrypted_content": text()}, required=("encrypted_content",)),
}
"""The items that are looked into; the vendor's own calls and outputs pass."""

HOSTED: Final = frozenset(
    {
        "file_search_call",
        "web_search_call",
        "computer_call",
        "computer_call_output",
        "image_generation_call",
        "code_interpreter_call",
        "local_shell_call",
        "local_shell_call_output",
        "shell_call",
        "shell_call_output",
        "apply_patch_call",
        "apply_patch_call_output",
        "mcp_list_tools",
        "mcp_approval_request",
        "mcp_approval_response",
        "mcp_call",
        "custom_tool_call",
        "custom_tool_call_output",
        "tool_search_call",
        "tool_search_output",
        "program",
        "program_output",
        "compaction_trigger",
        "additional_tools",
    }
)


def _input_items(found: Any, path: str) -> Iterator[Fault]:
    """A message may leave its type out."""
    if is_object(found) and "type" not in found:
        yield from _message(found, path)
    elif not (is_object(found) and found.get("type") in HOSTED):
        yield from tagged(ITEMS)(found, path)


_FUNCTION: Final = record(
    {
        "type": anything,
        "name": anything,
        "description": nullable(text()),
        "parameters": nullable(_OPEN),
        "strict": nullable(boolean),
        "output_schema": anything,
        "defer_loading": boolean,
        "allowed_callers": anything,
    },
    required=("name",),  # the schema asks for more; recordings show less accepted
)


def _tool(found: Any, path: str) -> Iterator[Fault]:
    """A function is looked into; another tool need only name its type."""
    if is_object(found) and found.get("type") == "function":
        yield from _FUNCTION(found, path)
    else:
        yield from record({"type": text(at_least=1)}, required=("type",), closed=False)(found, path)


def _tool_choice(found: Any, path: str) -> Iterator[Fault]:
    if isinstance(found, str):
        yield from one_of("none", "auto", "required")(found, path)
    else:
        yield from record({"type": text(at_least=1)}, required=("type",), closed=False)(found, path)


_FORMATS: Final = tagged(
    {
        "text": record({"type": anything}),
        "json_object": record({"type": anything}),
        "json_schema": record(
            {
                "type": anything,
                "name": anything,
                "schema": _OPEN,
                "strict": nullable(boolean),
                "description": nullable(text()),
            },
            required=("name", "schema"),
        ),
    }
)

SETTINGS: Final[Mapping[str, Check]] = {
    "model": text(at_least=1),
    "input": text_or(items(_input_items)),
    "instructions": nullable(text()),
    "max_output_tokens": nullable(integer),
    "max_tool_calls": nullable(integer),
    "temperature": nullable(number),
    "top_p": nullable(number),
    "top_logprobs": nullable(integer),
    "tools": items(_tool),
    "tool_choice": _tool_choice,
    "parallel_tool_calls": nullable(boolean),
    "text": record({"format": _FORMATS, "verbosity": nullable(one_of("low", "medium", "high"))}),
    "reasoning": nullable(
        record(
            {
                "effort": nullable(one_of("none", "minimal", "low", "medium", "high", "xhigh", "max")),
                "summary": nullable(one_of("auto", "concise", "detailed")),
                "generate_summary": anything,
                "context": nullable(one_of("auto", "current_turn", "all_turns")),
                "mode": nullable(one_of("standard", "pro")),
            }
        )
    ),
    "stream": nullable(boolean),
    "stream_options": nullable(record({"include_obfuscation": boolean})),
    "store": nullable(boolean),
    "include": nullable(items(text())),
    "metadata": nullable(_OPEN),
    "previous_response_id": nullable(text()),
    "conversation": nullable(text_or(_OPEN)),
    "truncation": nullable(one_of("auto", "disabled")),
    "service_tier": nullable(text()),
    "user": text(),
    "safety_identifier": nullable(text()),
    "prompt": nullable(_OPEN),
    "prompt_cache_key": nullable(text()),
    "prompt_cache_options": _OPEN,
    "prompt_cache_retention": nullable(text()),
    "moderation": nullable(_OPEN),
    "context_management": nullable(anything),
    "background": nullable(boolean),
}
