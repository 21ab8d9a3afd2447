"""The media type that bytes tell, where nobody has said it."""

from collections.abc import Mapping
from typing import Final

_SIGNS: Final[Mapping[str, str]] = {
    "iVBORw0KGgo": "image/png",
    "/9j/": "image/jpeg",
    "R0lGOD": "image/gif",
    "UklGR": "image/webp",
    "JVBERi": "application/pdf",
}
"""How base64 of each media type begins."""


def sniffed(base64: str) -> str | None:
    """The media type that the first bytes tell; None where they tell none."""
    return next((each for sign, each in _SIGNS.items() if base64.startswith(sign)), None)
