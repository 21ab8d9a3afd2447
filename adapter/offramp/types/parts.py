"""Parts: what a message is made of, in order. A closed sum; match it exhaustively."""

from dataclasses import KW_ONLY
from typing import Any, Literal, TypeAlias

from offramp.types._value import JsonObject, value
from offramp.types.identity import Origin
from offramp.types.provenance import Cache, Opaque, Wire

Executor: TypeAlias = Literal["client", "vendor"]
ToolResultStatus: TypeAlias = Literal["ok", "error", "denied", "interrupted"]
MediaKind: TypeAlias = Literal["image", "audio", "video", "document"]
MediaDetail: TypeAlias = Literal["auto", "low", "high", "original"]


@value
class DataSource:
    """Bytes that travel with the message, as base64 text exactly as written."""

    base64: str
    _: KW_ONLY
    type: Literal["data"] = "data"


@value
class UrlSource:
    """A link that the vendor fetches. Offramp never fetches it."""

    url: str
    _: KW_ONLY
    type: Literal["url"] = "url"


@value
class FileSource:
    """A file stored at a vendor, by that vendor's id: opaque state, valid only at its issuer."""

    file_id: str
    _: KW_ONLY
    type: Literal["file_ref"] = "file_ref"


@value
class TextSource:
    """A document given as plain text."""

    text: str
    _: KW_ONLY
    type: Literal["text"] = "text"


MediaSource: TypeAlias = DataSource | UrlSource | FileSource | TextSource


@value
class Citation:
    """Where a stretch of answer text comes from. Vendors agree on little, so the vendor's own object is kept whole."""

    _: KW_ONLY
    dialect: str
    raw: JsonObject
    quoted: str | None = None
    """The cited text, where the vendor gives it."""
    title: str | None = None
    """The source's title, where the vendor gives it."""
    url: str | None = None


@value
class Text:
    """Text by its author, or of an answer."""

    text: str
    _: KW_ONLY
    type: Literal["text"] = "text"
    citations: tuple[Citation, ...] = ()
    origin: Origin | None = None
    opaque: tuple[Opaque, ...] = ()
    cache: Cache | None = None
    wire: Wire | None = None


@value
class Reasoning:
    """A model's reasoning: its text, a summary by the vendor, or neither where only opaque state was given."""

    text: str | None = None
    _: KW_ONLY
    type: Literal["reasoning"] = "reasoning"
    summary: tuple[str, ...] | None = None
    origin: Origin | None = None
    opaque: tuple[Opaque, ...] = ()
    cache: Cache | None = None
    wire: Wire | None = None


@value
class RedactedReasoning:
    """Reasoning that the vendor withheld; its bytes stand in `opaque`."""

    _: KW_ONLY
    type: Literal["redacted_reasoning"] = "redacted_reasoning"
    origin: Origin | None = None
    opaque: tuple[Opaque, ...] = ()
    cache: Cache | None = None
    wire: Wire | None = None


@value
class Refusal:
    """The model's own refusal. An answer, never a fault: it is not retried or regenerated elsewhere."""

    text: str
    _: KW_ONLY
    type: Literal["refusal"] = "refusal"
    category: str | None = None
    origin: Origin | None = None
    opaque: tuple[Opaque, ...] = ()
    cache: Cache | None = None
    wire: Wire | None = None


@value
class Media:
    """An image, a recording, a film or a document."""

    source: MediaSource
    _: KW_ONLY
    type: Literal["media"] = "media"
    kind: MediaKind
    media_type: str | None = None
    """IANA media type, such as `image/png`. None where the wire does not say."""
    name: str | None = None
    detail: MediaDetail | None = None
    origin: Origin | None = None
    opaque: tuple[Opaque, ...] = ()
    cache: Cache | None = None
    wire: Wire | None = None


@value
class ToolCall:
    """A model's wish to have a tool run."""

    call_id: str
    name: str
    arguments_json: str | None
    """The arguments exactly as the vendor wrote them: possibly invalid JSON. None: the wire had none."""
    _: KW_ONLY
    type: Literal["tool_call"] = "tool_call"
    executor: Executor = "client"
    origin: Origin | None = None
    opaque: tuple[Opaque, ...] = ()
    cache: Cache | None = None
    wire: Wire | None = None


@value
class ToolResult:
    """What a tool gave back, in parts. The results of one assistant turn stand in one `tool` message, in call order."""

    call_id: str
    parts: "tuple[Part, ...]"
    _: KW_ONLY
    type: Literal["tool_result"] = "tool_result"
    status: ToolResultStatus = "ok"
    executor: Executor = "client"
    origin: Origin | None = None
    opaque: tuple[Opaque, ...] = ()
    cache: Cache | None = None
    wire: Wire | None = None


@value
class Compaction:
    """The vendor's replacement for earlier turns: a summary to read, opaque state, or both."""

    text: str | None = None
    _: KW_ONLY
    type: Literal["compaction"] = "compaction"
    origin: Origin | None = None
    opaque: tuple[Opaque, ...] = ()
    cache: Cache | None = None
    wire: Wire | None = None


@value
class Unknown:
    """A block type that we have no name for, kept whole."""

    _: KW_ONLY
    type: Literal["unknown"] = "unknown"
    dialect: str
    vendor_type: str | None
    raw: Any
    """The block as JSON, usually an object."""
    origin: Origin | None = None
    opaque: tuple[Opaque, ...] = ()
    cache: Cache | None = None
    wire: Wire | None = None


Part: TypeAlias = Text | Reasoning | RedactedReasoning | Refusal | Media | ToolCall | ToolResult | Compaction | Unknown
