"""Where the bytes of media are, as several wires say it, and the media type that they tell where nobody has said it."""

from collections.abc import Mapping
from typing import Any, Final

from offramp.types import DataSource, Media, UrlSource
from offramp_providers.dialects.accounting import LossLog

_IMAGES: Final[Mapping[str, str]] = {
    "iVBORw0KGgo": "image/png",
    "/9j/": "image/jpeg",
    "R0lGOD": "image/gif",
    "UklGR": "image/webp",
}
_SIGNS: Final[Mapping[str, str]] = {**_IMAGES, "JVBERi": "application/pdf"}
"""How base64 of each media type begins."""


def sniffed(base64: str, signs: Mapping[str, str] = _SIGNS) -> str | None:
    """The media type that the first bytes tell; None where they tell none."""
    return next((each for sign, each in signs.items() if base64.startswith(sign)), None)


def injected_type(log: LossLog, part: Media, base64: str, *, image: bool = False) -> str | None:
    """The media type that the first bytes tell, named as injected; None where they tell none, or no `image`."""
    media_type = sniffed(base64, _IMAGES if image else _SIGNS)
    if media_type is not None:
        log.lose("media_type.injected", part, "media_type")
    return media_type


def source_of_url(url: Any) -> tuple[DataSource | UrlSource, str | None] | None:
    """The source that a URL means, and the media type that it says; None where it is none, or its data no base64."""
    if type(url) is not str:
        return None
    if not url.startswith("data:"):
        return UrlSource(url), None
    media_type, comma, data = url[5:].partition(";base64,")
    return (DataSource(data), media_type) if comma and media_type else None
