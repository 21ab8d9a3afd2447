"""Images, documents, files and recordings: each decoder beside its encoder."""

from collections.abc import Mapping
from typing import Any, Final, assert_never, get_args

from offramp.types import (
    DataSource,
    FileSource,
    JsonObject,
    Media,
    MediaDetail,
    Origin,
    Part,
    TextSource,
    UrlSource,
)
from offramp_providers.dialects.accounting import keep_rest, under
from offramp_providers.dialects.media_sources import injected_type
from offramp_providers.dialects.mistral.encoding import Encoding, residue_wire
from offramp_providers.dialects.shapes import is_object, take_text

_DETAILS: Final[Mapping[str, MediaDetail]] = {detail: detail for detail in get_args(MediaDetail)}
_SENT_DETAILS: Final = frozenset({"auto", "low", "high"})  # platform-docs-public openapi.yaml, 2026-08-21
_OBJECT: Final = "image=object"
"""Marks an image whose URL stood in an object, as it must beside a level of detail."""


def decode_image(block: JsonObject, _issuer: Origin) -> Part | None:
    """`image_url`: a URL, or an object with one."""
    left = dict(block)
    held: Any = left.pop("image_url", None)
    inner: JsonObject = dict(held) if is_object(held) else {"url": held}
    found = _decode_url(inner.pop("url", None))
    if found is None:
        return None
    source, media_type = found
    asked: Any = inner.get("detail")
    detail = _DETAILS.get(asked) if type(asked) is str else None
    if detail is not None:
        del inner["detail"]
    keep_rest(left, "image_url", inner)
    del left["type"]
    form = (_OBJECT,) if is_object(held) else ()
    return Media(source, kind="image", media_type=media_type, detail=detail, wire=residue_wire(left, form))


def decode_document(block: JsonObject, _issuer: Origin) -> Part | None:
    """`document_url`: a URL, and perhaps a name."""
    left = dict(block)
    found = _decode_url(left.pop("document_url", None))
    if found is None:
        return None
    source, media_type = found
    name = take_text(left, "document_name")
    del left["type"]
    return Media(source, kind="document", media_type=media_type, name=name, wire=residue_wire(left))


def decode_file(block: JsonObject, issuer: Origin) -> Part | None:
    """`file`: an id that is valid at its issuer only, whoever wrote the message."""
    left = dict(block)
    file_id = take_text(left, "file_id")
    if file_id is None:
        return None
    del left["type"]
    return Media(FileSource(file_id), kind="document", origin=issuer, wire=residue_wire(left))


def decode_audio(block: JsonObject, _issuer: Origin) -> Part | None:
    """`input_audio`: bytes, or a URL."""
    left = dict(block)
    audio: Any = left.pop("input_audio", None)
    found = _decode_url(audio)
    if found is None:
        return None
    source, media_type = found
    if isinstance(source, UrlSource) and not source.url.startswith(("https://", "http://")):
        source = DataSource(source.url)
    del left["type"]
    return Media(source, kind="audio", media_type=media_type, wire=residue_wire(left))


def _decode_url(url: Any) -> tuple[DataSource | UrlSource, str | None] | None:
    if type(url) is not str:
        return None
    media_type, comma, data = url[5:].partition(";base64,")
    if url.startswith("data:") and comma and media_type:
        return DataSource(data), media_type
    return UrlSource(url), None


def encode_media(encoding: Encoding, part: Media, author: Origin | None) -> JsonObject | None:
    """The chunk; None where there is none, which is then named."""
    residue, form = encoding.own(part, part.wire, part.origin or author)
    match part.kind:
        case "image":
            block = _encode_image(encoding, part, form)
        case "document":
            block = _encode_document(encoding, part, author)
        case "audio":
            block = _encode_audio(encoding, part)
        case "video":
            encoding.log.lose("media.unsupported", part)
            block = None
        case _:
            assert_never(part.kind)
    if block is None:
        return None
    if part.name is not None and "document_name" not in block:
        encoding.log.lose("media.name", part, "name")
    if part.detail is not None and part.kind != "image":
        encoding.log.lose("media.detail", part, "detail")
    encoding.lose_marks(part)
    return under(residue, block)


def _encode_image(encoding: Encoding, part: Media, form: tuple[str, ...]) -> JsonObject | None:
    url = _encode_url(encoding, part)
    if url is None:
        return None
    inner: JsonObject = {"url": url}
    if part.detail in _SENT_DETAILS or (encoding.native and part.detail is not None):
        inner["detail"] = part.detail
    elif part.detail is not None:
        encoding.log.lose("media.detail", part, "detail")
    plain = len(inner) == 1 and _OBJECT not in form
    return {"type": "image_url", "image_url": url if plain else inner}


def _encode_url(encoding: Encoding, part: Media) -> str | None:
    match part.source:
        case DataSource(base64=data):
            media_type = part.media_type or injected_type(encoding.log, part, data)
            if media_type is not None:
                return f"data:{media_type};base64,{data}"
            encoding.log.lose("media.unsupported", part)
        case UrlSource(url=url):
            if part.media_type is not None:
                encoding.log.lose("media_type", part, "media_type")
            return url
        case FileSource():
            encoding.log.lose("file.foreign", part)
        case TextSource():
            encoding.log.lose("media.unsupported", part)
        case _:
            assert_never(part.source)
    return None


def _encode_document(encoding: Encoding, part: Media, author: Origin | None) -> JsonObject | None:
    match part.source:
        case TextSource(text=text):
            encoding.log.lose("media.rewritten", part)
            return {"type": "text", "text": text}
        case FileSource(file_id=file_id) if encoding.mine(part.origin or author):
            if part.media_type is not None:
                encoding.log.lose("media_type", part, "media_type")
            return {"type": "file", "file_id": file_id}
        case _:
            url = _encode_url(encoding, part)
    if url is None:
        return None
    block: JsonObject = {"type": "document_url", "document_url": url}
    return block if part.name is None else {**block, "document_name": part.name}


def _encode_audio(encoding: Encoding, part: Media) -> JsonObject | None:
    match part.source:
        case DataSource(base64=data) if part.media_type is None or not encoding.native:
            # Bytes alone, which do not say what they are (platform-docs-public openapi.yaml, 2026-08-21).
            if part.media_type is not None:
                encoding.log.lose("media_type", part, "media_type")
            audio: str | None = data
        case UrlSource() if not encoding.native:
            encoding.log.lose("media.unsupported", part)
            audio = None
        case _:
            audio = _encode_url(encoding, part)
    return None if audio is None else {"type": "input_audio", "input_audio": audio}
