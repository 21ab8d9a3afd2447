"""Images, files and recordings: each decoder beside its encoder."""

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
    replays,
)
from offramp_providers.dialects.accounting import keep_rest, take_object
from offramp_providers.dialects.media_sources import injected_type, source_of_url
from offramp_providers.dialects.openai_chat.encoding import Encoding
from offramp_providers.dialects.openai_chat.marks import block_wire, take_cache, with_marks
from offramp_providers.dialects.shapes import take_text

_DETAILS: Final[Mapping[str, MediaDetail]] = {detail: detail for detail in get_args(MediaDetail)}
_SENT_DETAILS: Final = frozenset({"auto", "low", "high"})  # openai-openapi 2.3.0, read 2026-11-23
_AUDIO_TYPES: Final[Mapping[str, str]] = {"mp3": "audio/mpeg", "wav": "audio/wav"}
_AUDIO_FORMATS: Final[Mapping[str, str]] = {
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
    "audio/mp3": "mp3",
    "audio/x-wav": "wav",
    "audio/wave": "wav",
}
_FILE_NAMES: Final[Mapping[str, str]] = {"application/pdf": "document.pdf", "text/plain": "document.txt"}


def decode_image(block: JsonObject, _issuer: Origin) -> Part | None:
    left = dict(block)
    image = take_object(left, "image_url")
    source = source_of_url(image.pop("url", None)) if image else None
    if image is None or source is None:
        return None
    asked: Any = image.get("detail")
    detail = _DETAILS.get(asked) if type(asked) is str else None
    if detail is not None:
        del image["detail"]
    keep_rest(left, "image_url", image)
    cache, form = take_cache(left)
    return Media(
        source[0],
        kind="image",
        media_type=source[1],
        detail=detail,
        cache=cache,
        wire=block_wire(left, form),
    )


def decode_file(block: JsonObject, issuer: Origin) -> Part | None:
    left = dict(block)
    file = take_object(left, "file")
    if file is None:
        return None
    stored = file.get("file_id")
    if type(stored) is str:
        del file["file_id"]
        source: tuple[DataSource | UrlSource | FileSource, str | None] | None = FileSource(stored), None
    else:
        source = _decode_file_data(file.pop("file_data", None))
    if source is None:
        return None
    name = take_text(file, "filename")
    keep_rest(left, "file", file)
    cache, form = take_cache(left)
    return Media(
        source[0],
        kind="document",
        media_type=source[1],
        name=name,
        # A stored file is valid at its issuer only, whoever wrote the message.
        origin=issuer if type(stored) is str else None,
        cache=cache,
        wire=block_wire(left, form),
    )


def decode_audio(block: JsonObject, _issuer: Origin) -> Part | None:
    left = dict(block)
    audio = take_object(left, "input_audio")
    data = audio.pop("data", None) if audio else None
    if audio is None or type(data) is not str:
        return None
    media_type = _AUDIO_TYPES.get(audio["format"]) if type(audio.get("format")) is str else None
    if media_type:
        del audio["format"]
    keep_rest(left, "input_audio", audio)
    cache, form = take_cache(left)
    return Media(DataSource(data), kind="audio", media_type=media_type, cache=cache, wire=block_wire(left, form))


def _decode_file_data(data: Any) -> tuple[DataSource | UrlSource, str | None] | None:
    if type(data) is str and not data.startswith(("data:", "https://", "http://")):
        return DataSource(data), None
    return source_of_url(data)


def encode_media(encoding: Encoding, part: Media, author: Origin | None) -> JsonObject | None:
    match part.kind:
        case "image":
            block = _encode_image(encoding, part)
        case "document":
            block = _encode_document(encoding, part, author)
        case "audio":
            block = _encode_audio(encoding, part, author)
        case "video":
            encoding.log.lose("media.unsupported", part)
            block = None
        case _:
            assert_never(part.kind)
    if block is None:
        return None
    if part.name is not None and block["type"] != "file":
        encoding.log.lose("media.name", part, "name")
    if part.detail is not None and part.kind != "image":
        encoding.log.lose("media.detail", part, "detail")
    return with_marks(encoding, part, author, block)


def _encode_image(encoding: Encoding, part: Media) -> JsonObject | None:
    match part.source:
        case DataSource(base64=data):
            media_type = part.media_type or injected_type(encoding.log, part, data, image=True)
            image = {"url": f"data:{media_type};base64,{data}"} if media_type else None
        case UrlSource(url=url):
            _lose_media_type(encoding, part)
            image = {"url": url}
        case FileSource():
            encoding.log.lose("file.foreign", part)
            return None
        case TextSource():
            image = None
        case _:
            assert_never(part.source)
    if image is None:
        encoding.log.lose("media.unsupported", part)
        return None
    if part.detail in _SENT_DETAILS or (encoding.native and part.detail):
        image["detail"] = part.detail
    elif part.detail is not None:
        encoding.log.lose("media.detail", part, "detail")
    return {"type": "image_url", "image_url": image}


def _lose_media_type(encoding: Encoding, part: Media) -> None:
    if part.media_type is not None:
        encoding.log.lose("media_type", part, "media_type")


def _encode_document(encoding: Encoding, part: Media, author: Origin | None) -> JsonObject | None:
    match part.source:
        case TextSource(text=text):
            encoding.log.lose("media.rewritten", part)
            return {"type": "text", "text": text}
        case FileSource(file_id=file_id):
            if not encoding.mine(part.origin or author):
                encoding.log.lose("file.foreign", part)
                return None
            _lose_media_type(encoding, part)
            file: JsonObject = {"file_id": file_id}
        case UrlSource(url=url):
            if not (encoding.native or encoding.option("document_urls")):
                encoding.log.lose("media.unsupported", part)
                return None
            _lose_media_type(encoding, part)
            file = {"file_data": url}
        case DataSource(base64=data):
            file = {"file_data": f"data:{part.media_type};base64,{data}" if part.media_type else data}
        case _:
            assert_never(part.source)
    if part.name is not None:
        file["filename"] = part.name
    elif not encoding.native and isinstance(part.source, DataSource):
        # Not in the schema, but the vendor is known to ask for it beside data (recalled, not re-read).
        encoding.log.lose("media_name.injected", part, "name")
        file["filename"] = _FILE_NAMES.get(part.media_type or "", "document")
    return {"type": "file", "file": file}


def _encode_audio(encoding: Encoding, part: Media, author: Origin | None) -> JsonObject | None:
    if not isinstance(part.source, DataSource):
        encoding.log.lose("file.foreign" if isinstance(part.source, FileSource) else "media.unsupported", part)
        return None
    audio: JsonObject = {"data": part.source.base64}
    spelled = _AUDIO_FORMATS.get(part.media_type or "")
    if spelled is not None:
        audio["format"] = spelled
        if _AUDIO_TYPES[spelled] != part.media_type:
            encoding.log.lose("media_type", part, "media_type")
    elif part.media_type is not None or not replays(part.wire, part.origin or author, encoding.target.origin):
        encoding.log.lose("media.unsupported", part)
        return None
    return {"type": "input_audio", "input_audio": audio}
