"""The shapes that the service model publishes. A union has exactly one of its members."""

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
    number,
    one_of,
    record,
    text,
)

_ID: Final = text(at_least=1, at_most=64, pattern=r"[a-zA-Z0-9_.:-]+")
_NAME: Final = text(at_least=1, at_most=64, pattern=r"[a-zA-Z0-9_-]+")
_BLOB: Final = text(at_least=1, pattern=r"[A-Za-z0-9+/]+=*")


def union(members: Mapping[str, Check]) -> Check:
    """An object with one of these members."""

    def check(found: Any, path: str) -> Iterator[Fault]:
        if not is_object(found):
            yield Fault(path, "must be an object")
        elif len(found) != 1 or next(iter(found)) not in members:
            yield Fault(path, f"must have exactly one of: {', '.join(members)}")
        else:
            ((key, member),) = found.items()
            yield from members[key](member, f"{path}.{key}")

    return check


_S3: Final = record({"uri": text(at_least=1, pattern=r"s3://.+"), "bucketOwner": text()}, required=("uri",))
_STORED: Final = {"bytes": _BLOB, "s3Location": _S3}
_TEXTS: Final = items(record({"text": text()}, required=("text",)))
_CITED: Final = record({"enabled": boolean}, required=("enabled",))


def _media(*formats: str) -> Check:
    fields = {"format": one_of(*formats), "source": union(_STORED), "error": anything}
    return record(fields, required=("format", "source"))


_DOCUMENT: Final = record(
    {
        "format": one_of("pdf", "csv", "doc", "docx", "xls", "xlsx", "html", "txt", "md"),
        "name": text(at_least=1, at_most=200),
        "source": union({**_STORED, "text": text(), "content": _TEXTS}),
        "context": text(),
        "citations": _CITED,
    },
    required=("name", "source"),
)
_IMAGE: Final = _media("png", "jpeg", "gif", "webp")
_VIDEO: Final = _media("mkv", "mov", "mp4", "webm", "flv", "mpeg", "mpg", "wmv", "three_gp")
_AUDIO: Final = _media(
    *("mp3", "opus", "wav", "aac", "flac", "mp4", "ogg", "mkv", "mka", "x-aac"),
    *("m4a", "mpeg", "mpga", "pcm", "webm"),
)
_SEARCH: Final = record(
    {"source": text(), "title": text(), "content": _TEXTS, "citations": _CITED},
    required=("source", "title", "content"),
)
_GUARDED: Final = union({"text": record({"text": text(), "qualifiers": items(text())}), "image": anything})
_POINT: Final = record({"type": one_of("default"), "ttl": one_of("5m", "1h")}, required=("type",))

_RESULT: Final = record(
    {
        "toolUseId": _ID,
        "content": items(
            union(
                {
                    "json": anything,
                    "text": text(),
                    "image": _IMAGE,
                    "document": _DOCUMENT,
                    "video": _VIDEO,
                    "searchResult": _SEARCH,
                }
            )
        ),
        "status": one_of("success", "error"),
        "type": text(),
    },
    required=("toolUseId", "content"),
)

BLOCKS: Final = union(
    {
        "text": text(),
        "image": _IMAGE,
        "document": _DOCUMENT,
        "video": _VIDEO,
        "audio": _AUDIO,
        "toolUse": record(
            {"toolUseId": _ID, "name": _NAME, "input": anything, "type": text()},
            required=("toolUseId", "name", "input"),
        ),
        "toolResult": _RESULT,
        "guardContent": _GUARDED,
        "cachePoint": _POINT,
        "reasoningContent": union(
            {
                "reasoningText": record({"text": text(), "signature": text()}, required=("text",)),
                "redactedContent": _BLOB,
            }
        ),
        "citationsContent": anything,
        "searchResult": _SEARCH,
        "toolAddition": anything,
        "toolRemoval": anything,
    }
)

MESSAGE: Final = record(
    {"role": one_of("user", "assistant", "system"), "content": items(BLOCKS)}, required=("role", "content")
)
_SYSTEM: Final = items(union({"text": text(at_least=1), "guardContent": _GUARDED, "cachePoint": _POINT}))

_TOOL: Final = union(
    {
        "toolSpec": record(
            {
                "name": _NAME,
                "description": text(at_least=1),
                "inputSchema": union({"json": anything}),
                "strict": boolean,
            },
            required=("name", "inputSchema"),
        ),
        "systemTool": record({"name": _NAME}, required=("name",)),
        "cachePoint": _POINT,
    }
)
_CHOICE: Final = union({"auto": record({}), "any": record({}), "tool": record({"name": _NAME}, required=("name",))})
_FORMAT: Final = record(
    {
        "type": one_of("json_schema"),
        "structure": union(
            {"jsonSchema": record({"schema": text(), "name": text(), "description": text()}, required=("schema",))}
        ),
    },
    required=("type", "structure"),
)

SETTINGS: Final[Mapping[str, Check]] = {
    "messages": items(MESSAGE),
    "system": _SYSTEM,
    "inferenceConfig": record(
        {"maxTokens": integer, "temperature": number, "topP": number, "stopSequences": items(text(at_least=1))}
    ),
    "toolConfig": record({"tools": items(_TOOL, at_least=1), "toolChoice": _CHOICE}, required=("tools",)),
    "outputConfig": record({"textFormat": _FORMAT, "effort": text(at_most=16)}),
    "serviceTier": record({"type": one_of("priority", "default", "flex", "reserved")}, required=("type",)),
    "performanceConfig": record({"latency": one_of("standard", "optimized")}),
    "guardrailConfig": anything,
    "additionalModelRequestFields": anything,
    "additionalModelResponseFieldPaths": items(text(), at_most=10),
    "promptVariables": anything,
    "requestMetadata": anything,
    "projectIdentifier": text(at_least=1),
}
"""Every member of a request, and its shape."""
