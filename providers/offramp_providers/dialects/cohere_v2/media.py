"""Images, by data or by address, and what stands in for documents in a message."""

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
from offramp_providers.dialects.accounting import keep_rest, take_object
from offramp_providers.dialects.cohere_v2.encoding import Encoding, residue_wire
from offramp_providers.dialects.media_sources import injected_type, source_of_url

_DETAILS: Final[Mapping[str, MediaDetail]] = {detail: detail for detail in get_args(MediaDetail)}
_SENT_DETAILS: Final = frozenset({"auto", "low", "high"})  # cohere-openapi.yaml of 2026-08-20, read 2026-11-26


def decode_image(block: JsonObject) -> Part | None:
    """An `image_url` block."""
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
    del left["type"]
    return Media(source[0], kind="image", media_type=source[1], detail=detail, wire=residue_wire(left))


def encode_media(encoding: Encoding, part: Media, author: Origin | None) -> JsonObject | None:
    """An image, or the text of a document; None where there is no block for it, which is named."""
    block: JsonObject | None = None
    match part.kind:
        case "image":
            block = _encode_image(encoding, part)
        case "document":
            block = _encode_document(encoding, part)
        case "audio" | "video":
            _lose_whole(encoding, part)
        case _:
            assert_never(part.kind)
    if block is None:
        return None
    if part.name is not None:
        encoding.log.lose("media.name", part, "name")
    return encoding.dressed(part, author, block)


def _lose_whole(encoding: Encoding, part: Media) -> None:
    encoding.log.lose("file.foreign" if isinstance(part.source, FileSource) else "media.unsupported", part)


def _encode_image(encoding: Encoding, part: Media) -> JsonObject | None:
    url: str | None = None
    match part.source:
        case DataSource(base64=data):
            media_type = part.media_type or injected_type(encoding.log, part, data, image=True)
            url = f"data:{media_type};base64,{data}" if media_type else None
        case UrlSource(url=url):
            if part.media_type is not None:
                encoding.log.lose("media_type", part, "media_type")
        case FileSource() | TextSource():
            pass
        case _:
            assert_never(part.source)
    if url is None:
        _lose_whole(encoding, part)
        return None
    image: JsonObject = {"url": url}
    if part.detail in _SENT_DETAILS or (encoding.native and part.detail):
        image["detail"] = part.detail
    elif part.detail is not None:
        encoding.log.lose("media.detail", part, "detail")
    return {"type": "image_url", "image_url": image}


def _encode_document(encoding: Encoding, part: Media) -> JsonObject | None:
    """Messages hold no documents, so its text stands in its place; an empty one would be an empty message."""
    if not isinstance(part.source, TextSource):
        _lose_whole(encoding, part)
        return None
    if not part.source.text:
        encoding.log.lose("text.empty", part)
        return None
    encoding.log.lose("media.rewritten", part)
    if part.detail is not None:
        encoding.log.lose("media.detail", part, "detail")
    return {"type": "text", "text": part.source.text}
