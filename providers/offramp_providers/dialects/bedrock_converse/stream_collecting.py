"""Blocks of a stream that mean nothing before they are whole: results of the vendor's tools, images, redacted bytes.

Their wire events are kept as they are; at the end of the block its part is given in one piece.
"""

from base64 import b64decode, b64encode
from binascii import Error
from typing import Any

from offramp.types import JsonObject
from offramp_providers.dialects.shapes import is_list, is_object


class Collector:
    """The open blocks of that kind, by index."""

    def __init__(self) -> None:
        self._blocks: dict[int, JsonObject] = {}

    def begin(self, index: int, start: JsonObject) -> bool:
        """Whether the block that begins is one to collect."""
        for kind in ("toolResult", "image"):
            inner: Any = start.get(kind)
            if len(start) == 1 and is_object(inner):
                self._blocks[index] = {kind: {**inner, "content": []} if kind == "toolResult" else dict(inner)}
                return True
        return False

    def add(self, index: int, delta: JsonObject, *, is_open: bool) -> bool:
        """Whether the piece belongs to a block that is collected."""
        block = self._blocks.get(index)
        redacted = _redacted(delta)
        if block is None:
            if redacted is None or is_open:
                return False
            block = self._blocks[index] = {"reasoningContent": {"redactedContent": ""}}
        _add(block, delta, redacted)
        return True

    def end(self, index: int) -> JsonObject | None:
        """The block in one piece; None where it was not collected."""
        return self._blocks.pop(index, None)


def _redacted(delta: JsonObject) -> str | None:
    inner: Any = delta.get("reasoningContent")
    found: Any = inner.get("redactedContent") if is_object(inner) else None
    return found if type(found) is str else None


def _add(block: JsonObject, delta: JsonObject, redacted: str | None) -> None:
    result, image, hidden = (block.get(kind) for kind in ("toolResult", "image", "reasoningContent"))
    pieces: Any = delta.get("toolResult")
    picture: Any = delta.get("image")
    if result is not None and is_list(pieces):
        for piece in pieces:
            _append(result["content"], piece)
    elif image is not None and is_object(picture):
        image.update(picture)
    elif hidden is not None and redacted is not None:
        hidden["redactedContent"] = _joined(hidden["redactedContent"], redacted)


def _append(content: list[Any], piece: Any) -> None:
    """Texts of a result come in pieces, all else whole."""
    last: Any = content[-1] if content else None
    if is_object(piece) and piece.keys() == {"text"} and is_object(last) and last.keys() == {"text"}:
        content[-1] = {"text": f"{last['text']}{piece['text']}"}
    else:
        content.append(piece)


def _joined(before: str, after: str) -> str:
    """The bytes of both in base64. Each piece is padded for itself."""
    if not before:
        return after
    try:
        return b64encode(b64decode(before) + b64decode(after)).decode()
    except (Error, ValueError):
        return before + after
