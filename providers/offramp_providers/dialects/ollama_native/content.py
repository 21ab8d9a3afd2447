"""What a message says besides reasoning and calls: one text, and lists of bare base64."""

from typing import Any, Final

from offramp.types import DataSource, JsonObject, Media, MediaKind, Part, Text
from offramp_providers.dialects.shapes import are_texts

MEDIA_KEYS: Final[tuple[tuple[str, MediaKind], ...]] = (("images", "image"), ("videos", "video"))
"""The lists, and what they hold."""


def take_content(left: JsonObject, marks: list[str]) -> list[Part]:
    """Media before the text, which is how the server puts them into a prompt (recalled)."""
    parts: list[Part] = []
    for key, kind in MEDIA_KEYS:
        found: Any = left.get(key)
        if are_texts(found):
            del left[key]
            parts += [Media(DataSource(each), kind=kind) for each in found]
            marks += [] if found else [f"{key}=empty"]
    content: Any = left.get("content")
    if type(content) is not str:
        marks.append("content=residue")
        return parts
    del left["content"]
    return [*parts, Text(content)] if content else parts


def put_content(body: JsonObject, text: str, media: dict[str, list[str]], form: tuple[str, ...]) -> None:
    """Write both. The field `content` is there even where it is empty, unless its author left it away."""
    if text or "content=residue" not in form:
        body["content"] = text
    for key, _ in MEDIA_KEYS:
        if media.get(key) or f"{key}=empty" in form:
            body[key] = media.get(key, [])
