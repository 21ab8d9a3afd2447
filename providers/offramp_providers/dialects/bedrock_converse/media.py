"""Images, documents, films and recordings, in bytes or in the account's own storage (S3), never by a link."""

import re
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
)
from offramp_providers.dialects.accounting import keep_rest, take_object, under
from offramp_providers.dialects.bedrock_converse.encoding import Encoding, residual
from offramp_providers.dialects.media_sources import sniffed
from offramp_providers.dialects.shapes import take_text

_OFFICE: Final = "application/vnd.openxmlformats-officedocument"
_FORMATS: Final[Mapping[MediaKind, Mapping[str, str]]] = {
    "image": {each: f"image/{each}" for each in ("png", "jpeg", "gif", "webp")},
    "document": {
        "pdf": "application/pdf",
        "csv": "text/csv",
        "doc": "application/msword",
        "docx": f"{_OFFICE}.wordprocessingml.document",
        "xls": "application/vnd.ms-excel",
        "xlsx": f"{_OFFICE}.spreadsheetml.sheet",
        "html": "text/html",
        "txt": "text/plain",
        "md": "text/markdown",
    },
    "video": {
        **{each: f"video/{each}" for each in ("mp4", "webm", "mpeg", "mpg")},
        "mkv": "video/x-matroska",
        "mov": "video/quicktime",
        "flv": "video/x-flv",
        "wmv": "video/x-ms-wmv",
        "three_gp": "video/3gpp",
    },
    "audio": {
        **{each: f"audio/{each}" for each in ("mp3", "opus", "wav", "aac", "flac", "mp4", "ogg", "mka", "x-aac")},
        **{each: f"audio/{each}" for each in ("m4a", "mpeg", "mpga", "pcm", "webm")},
        "mkv": "audio/x-matroska",
    },
}
"""The wire's formats of each kind, and the media type of each (botocore bedrock-runtime of 2026-08-07, read
2026-11-26)."""
_OF_TYPE: Final = {
    kind: {media_type: word for word, media_type in formats.items()} for kind, formats in _FORMATS.items()
}

_S3: Final = "s3://"
_REFUSED_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9\s()\[\]-]")
_LONGEST_NAME: Final = 200


def decode_media(left: JsonObject, kind: MediaKind) -> Media | None:
    """A block of media; None where it has another shape, such as a document of several texts."""
    inner = take_object(left, kind)
    if inner is None:
        return None
    source = _take_source(inner)
    if source is None:
        return None
    media_type: str | None = None
    if type(inner.get("format")) is str and inner["format"] in _FORMATS[kind]:
        media_type = _FORMATS[kind][inner.pop("format")]
    name = take_text(inner, "name") if kind == "document" else None
    keep_rest(left, kind, inner)
    return Media(source, kind=kind, media_type=media_type, name=name, wire=residual(left))


def _take_source(inner: JsonObject) -> MediaSource | None:
    nested = take_object(inner, "source")
    if nested is None:
        return None
    found = [key for key in ("bytes", "text", "s3Location") if key in nested]
    source: MediaSource | None = None
    if found == ["s3Location"]:
        place = take_object(nested, "s3Location")
        uri = None if place is None else take_text(place, "uri")
        if place is not None and uri is not None:
            keep_rest(nested, "s3Location", place)
            source = FileSource(uri)
    elif len(found) == 1:
        content = take_text(nested, found[0])
        if content is not None:
            source = DataSource(content) if found == ["bytes"] else TextSource(content)
    keep_rest(inner, "source", nested)
    return source


def encode_media(ctx: Encoding, part: Media, origin: Origin | None) -> JsonObject | None:
    """The block; None, and the loss, where the dialect takes no such media."""
    source = _encode_source(ctx, part, origin)
    if source is None:
        return None
    residue, _ = ctx.own(part, part.wire, origin)
    inner: JsonObject = {"source": source}
    if not _add_format(ctx, part, inner, residue.get(part.kind)):
        return None
    if part.kind == "document":
        _add_name(ctx, part, inner, residue.get(part.kind))
    elif part.name is not None:
        ctx.log.lose("media.name", part, "name")
    # `auto` is what a vendor without levels does anyway.
    if part.detail is not None and part.detail != "auto":
        ctx.log.lose("media.detail", part, "detail")
    ctx.lose_opaque(part)
    return under(residue, {part.kind: inner})


def _encode_source(ctx: Encoding, part: Media, origin: Origin | None) -> JsonObject | None:
    match part.source:
        case DataSource(base64=data):
            return {"bytes": data}
        case FileSource(file_id=uri):
            # The address of one's own storage is no other vendor's file.
            if ctx.is_own(origin, part.wire) or (origin is None and uri.startswith(_S3)):
                return {"s3Location": {"uri": uri}}
            ctx.log.lose("file.foreign", part)
        case TextSource(text=text):
            if part.kind == "document":
                return {"text": text}
            ctx.log.lose("media.unsupported", part)
        case UrlSource():
            ctx.log.lose("media.unsupported", part)
        case _:
            assert_never(part.source)
    return None


def _add_format(ctx: Encoding, part: Media, inner: JsonObject, residue: Any) -> bool:
    """Say the format, which the vendor requires of all but documents. False, and the loss, where it has none such."""
    media_type = part.media_type
    if media_type is None and isinstance(part.source, DataSource) and not ctx.native:
        media_type = sniffed(part.source.base64)
        if media_type in _OF_TYPE[part.kind]:
            ctx.log.lose("media_type.injected", part, "media_type")
    word = _OF_TYPE[part.kind].get(media_type or "")
    if word is not None:
        inner["format"] = word
        return True
    said = type(residue) is dict and "format" in residue
    if part.media_type is None and (said or ctx.native or isinstance(part.source, TextSource)):
        return True
    ctx.log.lose("media.unsupported", part)
    return False


def _add_name(ctx: Encoding, part: Media, inner: JsonObject, residue: Any) -> None:
    """Say the name, which the vendor requires, in its own characters, and takes once in a request (recalled)."""
    if ctx.native:
        if part.name is not None:
            inner["name"] = part.name
        return
    if type(residue) is dict and part.name is None and "name" in residue:
        return
    clean = " ".join(_REFUSED_IN_NAMES.sub(" ", part.name or "").split())[:_LONGEST_NAME].rstrip()
    name = clean or f"Document {len(ctx.document_names) + 1}"
    while name in ctx.document_names:
        name = f"{name[: _LONGEST_NAME - 6]} ({len(ctx.document_names) + 1})"
    if not part.name:
        ctx.log.lose("media_name.injected", part, "name")
    elif name != part.name:
        ctx.log.lose("media_name.rewritten", part, "name")
    ctx.document_names.add(name)
    inner["name"] = name
