"""Images, recordings, films and documents."""

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
)
from offramp_providers.dialects.accounting import keep_rest, take_object
from offramp_providers.dialects.gemini.encoding import Encoding, residual
from offramp_providers.dialects.gemini.spellings import both_spellings, unsnake
from offramp_providers.dialects.media_sources import injected_type
from offramp_providers.dialects.shapes import take_text

_NAMES: Final = both_spellings("mimeType", "displayName", "fileUri")

_STORED: Final = "https://generativelanguage.googleapis.com/"
"""How the address of a file begins that is stored at the vendor, where it is no other scheme's."""


def decode_media(left: JsonObject, form: list[str], key: str) -> Media | None:
    """An `inlineData` or `fileData`; None where it has another shape."""
    inner = take_object(left, key)
    if inner is None:
        return None
    unsnake(inner, _NAMES, form, f"{key}.")
    content = take_text(inner, "data" if key == "inlineData" else "fileUri")
    if content is None:
        return None
    media_type, name = take_text(inner, "mimeType"), take_text(inner, "displayName")
    keep_rest(left, key, inner)
    source = _source(key, content, form)
    return Media(source, kind=_kind(media_type), media_type=media_type, name=name, wire=residual(left, form))


def _source(key: str, content: str, form: list[str]) -> MediaSource:
    if key == "inlineData":
        return DataSource(content)
    if not _is_link(content):
        form.append("source=file")
        return FileSource(content)
    return UrlSource(content)


def _is_link(address: str) -> bool:
    """Whether it is a link that the vendor fetches, and no file that it keeps."""
    return address.startswith(("https://", "http://")) and not address.startswith(_STORED)


def _kind(media_type: str | None) -> MediaKind:
    match (media_type or "").partition("/")[0]:
        case "image":
            return "image"
        case "audio":
            return "audio"
        case "video":
            return "video"
        case _:
            return "document"


def encode_media(ctx: Encoding, part: Media, origin: Origin | None) -> JsonObject | None:
    """The part; None, and the loss, where the dialect takes no such media."""
    if isinstance(part.source, TextSource):
        if not part.source.text:
            ctx.log.lose("text.empty", part)
            return None
        ctx.log.lose("media.rewritten", part)
        if part.name is not None:
            ctx.log.lose("media.name", part, "name")
        return ctx.dressed({"text": part.source.text}, part, origin)
    sent = _encode_source(ctx, part, part.source, origin)
    if sent is None:
        return None
    key, inner = sent
    if part.name is not None and ctx.allows("display_names"):
        inner["displayName"] = part.name
    elif part.name is not None:
        ctx.log.lose("media.name", part, "name")
    # `auto` is what a vendor without levels does anyway.
    if part.detail is not None and part.detail != "auto":
        ctx.log.lose("media.detail", part, "detail")
    if _kind(inner.get("mimeType")) != part.kind:
        # A reader tells the kind by the media type alone.
        ctx.log.lose("media.kind", part, "kind")
    return ctx.dressed({key: inner}, part, origin)


def _encode_source(
    ctx: Encoding, part: Media, source: DataSource | UrlSource | FileSource, origin: Origin | None
) -> tuple[str, dict[str, Any]] | None:
    media_type = part.media_type
    match source:
        case DataSource(base64=data):
            if media_type is None and not ctx.authored:
                media_type = injected_type(ctx.log, part, data)
                if media_type is None:
                    ctx.log.lose("media.unsupported", part)
                    return None
            key, inner = "inlineData", {"data": data}
        case UrlSource(url=url):
            if not (ctx.allows("urls") and _is_link(url)):
                ctx.log.lose("media.unsupported", part)
                return None
            key, inner = "fileData", {"fileUri": url}
        case FileSource(file_id=file_id):
            if not ctx.is_own(origin, part.wire):
                ctx.log.lose("file.foreign", part)
                return None
            key, inner = "fileData", {"fileUri": file_id}
        case _:
            assert_never(source)
    return key, inner if media_type is None else {**inner, "mimeType": media_type}
