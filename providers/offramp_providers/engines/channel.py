"""Frames between us and the process that holds LiteLLM: a length, then JSON. Nothing else joins the two."""

import base64
import json
import threading
from typing import Any, BinaryIO, Final

from offramp.types import JsonMapping, JsonObject

_LENGTH_BYTES: Final = 4
_LONGEST: Final = 512 * 1024 * 1024
"""More than a transport lets in. A longer frame is noise on the pipe, and ends the channel."""


class Channel:
    """Both ends are alike. `send` may be called from any thread; `receive` from one."""

    def __init__(self, reader: BinaryIO, writer: BinaryIO) -> None:
        self._reader = reader
        self._writer = writer
        self._lock = threading.Lock()

    def send(self, frame: JsonMapping) -> None:
        """Write one frame. Raises OSError or ValueError where the other side is gone."""
        raw = json.dumps(frame, default=_plain).encode("utf-8", "surrogatepass")
        with self._lock:
            self._writer.write(len(raw).to_bytes(_LENGTH_BYTES, "big") + raw)
            self._writer.flush()

    def receive(self) -> JsonObject | None:
        """The next frame; None where the other side is gone."""
        try:
            length = int.from_bytes(self._reader.read(_LENGTH_BYTES), "big")
            raw = self._reader.read(length) if 0 < length <= _LONGEST else b""
            if not raw or len(raw) < length:
                return None
            frame: JsonObject = json.loads(raw)
        except (OSError, ValueError):
            return None
        return frame

    def close(self) -> None:
        """Close both pipes."""
        for pipe in (self._writer, self._reader):
            try:
                pipe.close()
            except OSError:
                continue


def packed(raw: bytes) -> str:
    """Bytes as they stand in a frame."""
    return base64.b64encode(raw).decode("ascii")


def unpacked(text: str) -> bytes:
    """The bytes that `packed` was given."""
    return base64.b64decode(text)


def _plain(found: Any) -> Any:
    """What JSON does not know, as text: LiteLLM's answers hold enums and numbers of its own."""
    return getattr(found, "value", None) or str(found)
