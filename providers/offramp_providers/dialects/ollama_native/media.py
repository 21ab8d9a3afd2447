"""Images and films, as base64 without a word about them."""

from typing import Final, assert_never

from offramp.types import DataSource, FileSource, Media, TextSource, UrlSource
from offramp_providers.dialects.ollama_native.content import MEDIA_KEYS
from offramp_providers.dialects.ollama_native.encoding import Encoding

_KEYS: Final = {kind: key for key, kind in MEDIA_KEYS}


def encode_media(encoding: Encoding, part: Media) -> tuple[str, str] | None:
    """The list that the part belongs in, and its bytes; None, and the loss, where there is none."""
    match part.source:
        case DataSource(base64=data) if part.kind in _KEYS:
            _lose_marks(encoding, part)
            return _KEYS[part.kind], data
        case FileSource():
            encoding.log.lose("file.foreign", part)
        case DataSource() | UrlSource() | TextSource():
            # A URL is refused: the server takes base64 alone.
            encoding.log.lose("media.unsupported", part)
        case _:
            assert_never(part.source)
    return None


def _lose_marks(encoding: Encoding, part: Media) -> None:
    if part.media_type is not None:
        encoding.log.lose("media_type", part, "media_type")
    if part.name is not None:
        encoding.log.lose("media.name", part, "name")
    # `auto` is what a server without levels does anyway.
    if part.detail is not None and part.detail != "auto":
        encoding.log.lose("media.detail", part, "detail")
