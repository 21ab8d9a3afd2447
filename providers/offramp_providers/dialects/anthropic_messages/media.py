"""Images and documents."""

from collections.abc import Mapping
from typing import Any, Final, assert_never

from offramp.types import (
    DataSource,
    FileSource,
    JsonObject,
    Media,
    MediaKind,
    MediaSource,
    Origin,
    TextSource,
    UrlSource,
    replays,
)
from offramp_providers.dialects.accounting import keep_rest, take_object
from offramp_providers.dialects.anthropic_messages.cache_marks import take_cache
from offramp_providers.dialects.anthropic_messages.encoding import Encoding, residual
from offramp_providers.dialects.media_sources import injected_type
from offramp_providers.dialects.shapes import take_text

_IMAGES: Final = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})

_SOURCES: Final[Mapping[tuple[str, str], str]] = {
    ("image", "base64"): "data",
    ("image", "url"): "url",
    ("image", "file"): "file_id",
    ("document", "base64"): "data",
    ("document", "url"): "url",
    ("document", "file"): "file_id",
    ("document", "text"): "data",
}
"""Block type and source type, and the key that then holds the source."""


def decode_media(raw: JsonObject) -> Media | None:
    """An `image` or `document` block; None where it has another shape, such as a document of blocks."""
    left = dict(raw)
    block_type = left.pop("type")
    nested = take_object(left, "source")
    word = take_text(nested, "type") if nested is not None else None
    key = _SOURCES.get((block_type, word or ""))
    content = take_text(nested, key) if nested is not None and key is not None else None
    if nested is None or word is None or content is None:
        return None
    media_type = take_text(nested, "media_type") if key == "data" else None
    keep_rest(left, "source", nested)
    name = take_text(left, "title") if block_type == "document" else None
    cache = take_cache(left)
    wire = residual(left, "source=file") if word == "file" else residual(left)
    kind: MediaKind = "image" if block_type == "image" else "document"
    return Media(_source(word, content), kind=kind, media_type=media_type, name=name, cache=cache, wire=wire)


def _source(word: str, content: str) -> MediaSource:
    match word:
        case "base64":
            return DataSource(content)
        case "url":
            return UrlSource(content)
        case "file":
            return FileSource(content)
        case _:
            return TextSource(content)


def encode_media(ctx: Encoding, part: Media, origin: Origin | None) -> JsonObject | None:
    """The block; None, and the loss, where the dialect takes no such media."""
    if part.kind not in ("image", "document"):
        ctx.log.lose("media.unsupported", part)
        return None
    source = _encode_source(ctx, part, origin)
    if source is None:
        return None
    block: JsonObject = {"type": part.kind, "source": source}
    if part.name is not None and part.kind == "document":
        block["title"] = part.name
    elif part.name is not None:
        ctx.log.lose("media.name", part, "name")
    # `auto` is what a vendor without levels does anyway.
    if part.detail is not None and part.detail != "auto":
        ctx.log.lose("media.detail", part, "detail")
    return ctx.dressed(block, part, origin)


def _encode_source(ctx: Encoding, part: Media, origin: Origin | None) -> dict[str, Any] | None:
    match part.source:
        case DataSource(base64=content):
            return _encode_data(ctx, part, content)
        case UrlSource(url=url):
            _lose_media_type(ctx, part)
            return {"type": "url", "url": url}
        case FileSource(file_id=file_id):
            if not (ctx.owns(origin) or replays(part.wire, origin, ctx.target)):
                ctx.log.lose("file.foreign", part)
                return None
            _lose_media_type(ctx, part)
            return {"type": "file", "file_id": file_id}
        case TextSource(text=text):
            return _encode_text(ctx, part, text)
        case _:
            assert_never(part.source)


def _lose_media_type(ctx: Encoding, part: Media) -> None:
    if part.media_type is not None:
        ctx.log.lose("media_type", part, "media_type")


def _encode_data(ctx: Encoding, part: Media, content: str) -> dict[str, Any] | None:
    media_type = part.media_type
    if media_type is None and not ctx.authored:
        media_type = injected_type(ctx.log, part, content)
    allowed = media_type in _IMAGES if part.kind == "image" else media_type == "application/pdf"
    if not (allowed or ctx.authored):
        ctx.log.lose("media.unsupported", part)
        return None
    source: dict[str, Any] = {"type": "base64", "data": content}
    return source if media_type is None else {**source, "media_type": media_type}


def _encode_text(ctx: Encoding, part: Media, text: str) -> dict[str, Any] | None:
    if part.kind != "document":
        ctx.log.lose("media.unsupported", part)
        return None
    media_type = part.media_type
    if media_type != "text/plain" and not ctx.authored:
        ctx.log.lose("media_type.injected", part, "media_type")
        media_type = "text/plain"
    source: dict[str, Any] = {"type": "text", "data": text}
    return source if media_type is None else {**source, "media_type": media_type}
