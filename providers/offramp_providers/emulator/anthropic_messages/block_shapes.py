"""The published shapes of what an Anthropic Messages request is made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from offramp_providers.emulator.json_values import is_object
from offramp_providers.emulator.shapes import (
    Check,
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

_ID: Final = r"[a-zA-Z0-9_-]+"
_IMAGE_TYPES: Final = ("image/jpeg", "image/png", "image/gif", "image/webp")

_CACHE: Final = nullable(record({"type": one_of("ephemeral"), "ttl": one_of("5m", "1h")}, required=("type",)))
_CITED: Final = nullable(record({"enabled": boolean}))


def _block(fields: Mapping[str, Check], *required: str) -> Check:
    return record({"type": anything, "cache_control": _CACHE, **fields}, required=required)


TEXT_BLOCK: Final = _block({"text": text(), "citations": nullable(items(anything))}, "text")

_IMAGE: Final = _block(
    {
        "source": tagged(
            {
                "base64": record(
                    {"type": anything, "data": text(), "media_type": one_of(*_IMAGE_TYPES)},
                    required=("data", "media_type"),
                ),
                "url": record({"type": anything, "url": text()}, required=("url",)),
                "file": record({"type": anything, "file_id": text()}, required=("file_id",)),
            }
        )
    },
    "source",
)

_DOCUMENT: Final = _block(
    {
        "source": tagged(
            {
                "base64": record(
                    {"type": anything, "data": text(), "media_type": one_of("application/pdf")},
                    required=("data", "media_type"),
                ),
                "text": record(
                    {"type": anything, "data": text(), "media_type": one_of("text/plain")},
                    required=("data", "media_type"),
                ),
                "content": record({"type": anything, "content": text_or(items(anything))}, required=("content",)),
                "url": record({"type": anything, "url": text()}, required=("url",)),
                "file": record({"type": anything, "file_id": text()}, required=("file_id",)),
            }
        ),
        "citations": _CITED,
        "context": nullable(text()),
        "title": nullable(text()),
    },
    "source",
)

_SEARCH_RESULT: Final = _block(
    {"content": items(anything), "source": text(), "title": text(), "citations": _CITED}, "content", "source", "title"
)

_TOOL_USE: Final = _block(
    {
        "id": text(pattern=_ID),
        "name": text(at_least=1, at_most=200),
        "input": record({}, closed=False),
        "caller": anything,
    },
    "id",
    "name",
    "input",
)

_TOOL_RESULT: Final = _block(
    {
        "tool_use_id": text(pattern=_ID),
        "is_error": boolean,
        "content": text_or(
            items(
                tagged(
                    {
                        "text": TEXT_BLOCK,
                        "image": _IMAGE,
                        "document": _DOCUMENT,
                        "search_result": _SEARCH_RESULT,
                        "tool_reference": _block({"tool_name": text()}, "tool_name"),
                    }
                )
            )
        ),
    },
    "tool_use_id",
)

_THINKING: Final = record(
    {"type": anything, "thinking": text(), "signature": text()}, required=("thinking", "signature")
)
_REDACTED: Final = record({"type": anything, "data": text()}, required=("data",))

_SERVER_SIDE: Final = record({}, closed=False)
"""What the vendor's own tools leave in the history; their inside is theirs and changes with each beta."""

_SERVER_TYPES: Final = (
    "server_tool_use",
    "web_search_tool_result",
    "web_fetch_tool_result",
    "code_execution_tool_result",
    "bash_code_execution_tool_result",
    "text_editor_code_execution_tool_result",
    "tool_search_tool_result",
    "advisor_tool_result",
    "mcp_tool_use",
    "mcp_tool_result",
    "container_upload",
    "compaction",
    "tool_addition",
    "fallback",
)

BLOCKS: Final[Mapping[str, Check]] = {
    "text": TEXT_BLOCK,
    "image": _IMAGE,
    "document": _DOCUMENT,
    "search_result": _SEARCH_RESULT,
    "thinking": _THINKING,
    "redacted_thinking": _REDACTED,
    "tool_use": _TOOL_USE,
    "tool_result": _TOOL_RESULT,
    **dict.fromkeys(_SERVER_TYPES, _SERVER_SIDE),
}

_TOOL: Final = record(
    {
        "type": nullable(one_of("custom")),
        "name": anything,  # a rule of its own
        "description": text(),
        "input_schema": record({"type": one_of("object")}, required=("type",), closed=False),
        "cache_control": _CACHE,
        "strict": nullable(boolean),
        "eager_input_streaming": nullable(boolean),
        "allowed_callers": items(text()),
        "defer_loading": boolean,
        "input_examples": items(record({}, closed=False)),
    },
    required=("name", "input_schema"),
)

TOOLS: Final = items(
    lambda found, path: (
        record({}, closed=False)(found, path)
        if is_object(found) and found.get("type") not in (None, "custom")  # a vendor tool
        else _TOOL(found, path)
    )
)

_DISPLAY: Final = nullable(one_of("summarized", "omitted"))

SETTINGS: Final[Mapping[str, Check]] = {
    "model": text(at_least=1),
    "messages": items(record({}, closed=False)),
    "max_tokens": integer,
    "system": text_or(items(tagged({"text": TEXT_BLOCK}))),
    "temperature": number,
    "top_p": number,
    "top_k": integer,
    "stop_sequences": items(text()),
    "stream": boolean,
    "thinking": tagged(
        {
            "enabled": record(
                {"type": anything, "budget_tokens": integer, "display": _DISPLAY}, required=("budget_tokens",)
            ),
            "disabled": record({"type": anything}),
            "adaptive": record({"type": anything, "display": _DISPLAY}),
        }
    ),
    "tools": TOOLS,
    "tool_choice": tagged(
        {
            "auto": record({"type": anything, "disable_parallel_tool_use": boolean}),
            "any": record({"type": anything, "disable_parallel_tool_use": boolean}),
            "tool": record(
                {"type": anything, "name": text(), "disable_parallel_tool_use": boolean}, required=("name",)
            ),
            "none": record({"type": anything}),
        }
    ),
    "output_config": record(
        {
            "effort": nullable(one_of("low", "medium", "high", "xhigh", "max")),
            "format": nullable(
                record({"type": one_of("json_schema"), "schema": record({}, closed=False)}, required=("type", "schema"))
            ),
            "task_budget": anything,
        }
    ),
    "cache_control": _CACHE,
    "metadata": record({"user_id": nullable(text(at_most=512))}),
    "service_tier": one_of("auto", "standard_only"),
    "container": anything,
    "inference_geo": nullable(text()),
    # Betas; their inside changes too often to be held to.
    "output_format": anything,
    "context_management": anything,
    "mcp_servers": anything,
    "speed": anything,
    "user_profile_id": anything,
    "fallbacks": anything,
}
