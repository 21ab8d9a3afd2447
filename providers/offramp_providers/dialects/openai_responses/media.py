"""Images, files and recordings: each decoder beside its encoder."""

from collections.abc import Mapping
from typing import Any, Final, assert_never, get_args

from offramp.types import DataSource, FileSource, JsonObject, Media, MediaDetail, Origin, Part, TextSource, UrlSource
from offramp_providers.dialects.accounting import keep_rest, take_object
from offramp_providers.dialects.media_sources import injected_type, source_of_url
from offramp_providers.dialects.openai_responses.encoding import Encoding, residue_wire
from offramp_providers.dialects.openai_responses.marks import take_cache
from offramp_providers.dialects.shapes import take_text

_DETAILS: Final[Mapping[str, MediaDetail]] = {detail: detail for detail in get_args(MediaDetail)}
_AUDIO_TYPES: Final[Mapping[str, str]] = {"mp3": "audio/mpeg", "wav": "audio/wav"}
_AUDIO_FORMATS: Final[Mapping[str, str]] = {media_type: spelled for spelled, media_type in _AUDIO_TYPES.items()}
_FILE_NAMES: Final[Mapping[str, str]] = {"application/pdf": "document.pdf", "text/plain": "document.txt"}


def decode_image(block: JsonObject, issuer: Origin) -> Part | None:
    """An `input_image`."""
    left = dict(block)
    del left["type"]
    stored, url = take_text(left, "file_id"), None
    if stored is None:
        url = source_of_url(left.pop("image_url", None))
        if url is None:
            return None
    source = (FileSource(stored), None) if stored is not None else url
    return _media(left, "image", source, issuer)


def decode_file(block: JsonObject, issuer: Origin) -> Part | None:
    """An `input_file`."""
    left = dict(block)
    del left["type"]
    for key in ("file_id", "file_url", "file_data"):
        content = take_text(left, key)
        if content is not None:
            break
    else:
        return None
    name = take_text(left, "filename")
    if key == "file_id":
        return _media(left, "document", (FileSource(content), None), issuer, name)
    if key == "file_url":
        return _media(left, "document", (UrlSource(content), None), issuer, name)
    media_type, comma, data = content.removeprefix("data:").partition(";base64,")
    if content.startswith("data:") and not (comma and media_type):
        return None
    found = (DataSource(data), media_type) if content.startswith("data:") else (DataSource(content), None)
    return _media(left, "document", found, issuer, name)


def _media(left: JsonObject, kind: Any, found: Any, issuer: Origin, name: str | None = None) -> Media:
    source, media_type = found
    asked: Any = left.get("detail")
    detail = _DETAILS.get(asked) if type(asked) is str else None
    if detail is not None:
        del left["detail"]
    cache, form = take_cache(left)
    return Media(
        source,
        kind=kind,
        media_type=media_type,
        detail=detail,
        name=name,
        # A stored file is valid at its issuer only, whoever wrote the message.
        origin=issuer if isinstance(source, FileSource) else None,
        cache=cache,
        wire=residue_wire(left, form),
    )


def decode_audio(block: JsonObject, _issuer: Origin) -> Part | None:
    """An `input_audio`."""
    left = dict(block)
    del left["type"]
    audio = take_object(left, "input_audio")
    data = take_text(audio, "data") if audio else None
    if audio is None or data is None:
        return None
    spelled: Any = audio.get("format")
    media_type = _AUDIO_TYPES.get(spelled) if type(spelled) is str else None
    if media_type:
        del audio["format"]
    keep_rest(left, "input_audio", audio)
    return Media(DataSource(data), kind="audio", media_type=media_type, wire=residue_wire(left))


def encode_media(encoding: Encoding, part: Media, origin: Origin | None, *, replayed: bool) -> JsonObject | None:
    """The block; None, and the loss, where the dialect takes no such media.

    Args:
        encoding: the encoding on its way.
        part: the media.
        origin: who has put it there.
        replayed: whether the part's own residue is written back.
    """
    match part.kind:
        case "image":
            block = _encode_image(encoding, part, origin)
        case "document":
            block = _encode_document(encoding, part, origin)
        case "audio":
            block = _encode_audio(encoding, part, replayed=replayed)
        case "video":
            encoding.log.lose("media.unsupported", part)
            block = None
        case _:
            assert_never(part.kind)
    if block is None:
        return None
    if part.name is not None and block["type"] != "input_file":
        encoding.log.lose("media.name", part, "name")
    _put_detail(encoding, part, block)
    return block


def _put_detail(encoding: Encoding, part: Media, block: JsonObject) -> None:
    if part.detail is not None and (encoding.native or block["type"] == "input_image"):
        block["detail"] = part.detail
    elif part.detail is not None and part.detail != "auto":
        encoding.log.lose("media.detail", part, "detail")
    elif block["type"] == "input_image" and not encoding.native:
        # The vendor's schema requires it of an image, and says that `auto` is what it does anyway.
        block["detail"] = "auto"


def _lose_media_type(encoding: Encoding, part: Media) -> None:
    if part.media_type is not None:
        encoding.log.lose("media_type", part, "media_type")


def _encode_image(encoding: Encoding, part: Media, origin: Origin | None) -> JsonObject | None:
    match part.source:
        case DataSource(base64=data):
            media_type = part.media_type or injected_type(encoding.log, part, data, image=True)
            if media_type:
                return {"type": "input_image", "image_url": f"data:{media_type};base64,{data}"}
        case UrlSource(url=url):
            _lose_media_type(encoding, part)
            return {"type": "input_image", "image_url": url}
        case FileSource():
            return _encode_stored(encoding, part, origin, "input_image")
        case TextSource():
            pass
        case _:
            assert_never(part.source)
    encoding.log.lose("media.unsupported", part)
    return None


def _encode_stored(encoding: Encoding, part: Media, origin: Origin | None, kind: str) -> JsonObject | None:
    if not isinstance(part.source, FileSource) or not encoding.mine(origin):
        encoding.log.lose("file.foreign", part)
        return None
    _lose_media_type(encoding, part)
    return {"type": kind, "file_id": part.source.file_id}


def _encode_document(encoding: Encoding, part: Media, origin: Origin | None) -> JsonObject | None:
    match part.source:
        case TextSource(text=text):
            encoding.log.lose("media.rewritten", part)
            return {"type": "input_text", "text": text}
        case FileSource():
            block = _encode_stored(encoding, part, origin, "input_file")
            if block is None:
                return None
        case UrlSource(url=url):
            _lose_media_type(encoding, part)
            block = {"type": "input_file", "file_url": url}
        case DataSource(base64=data):
            block = {"type": "input_file"}
            block["file_data"] = f"data:{part.media_type};base64,{data}" if part.media_type else data
        case _:
            assert_never(part.source)
    if part.name is not None:
        block["filename"] = part.name
    elif not encoding.native and isinstance(part.source, DataSource):
        # Not in the schema, but the vendor is known to ask for it beside data (recalled, not re-read).
        encoding.log.lose("media_name.injected", part, "name")
        block["filename"] = _FILE_NAMES.get(part.media_type or "", "document")
    return block


def _encode_audio(encoding: Encoding, part: Media, *, replayed: bool) -> JsonObject | None:
    spelled = _AUDIO_FORMATS.get(part.media_type or "")
    # The vendor's published schema takes no recordings in messages; what its own client wrote goes back.
    if not isinstance(part.source, DataSource) or not (encoding.native and (spelled or replayed)):
        encoding.log.lose("file.foreign" if isinstance(part.source, FileSource) else "media.unsupported", part)
        return None
    audio: JsonObject = {"data": part.source.base64}
    if spelled is not None:
        audio["format"] = spelled
    return {"type": "input_audio", "input_audio": audio}
