"""A stream of another dialect inside of AWS's event stream: each `chunk` holds one of its events, in base64."""

from base64 import b64decode
from collections.abc import Iterator
from typing import Any

from offramp.errors import ProviderError, ProviderErrorKind
from offramp_providers.aws_event_stream import MAX_MESSAGE_BYTES, AwsEventDecoder
from offramp_providers.dialects.aws_exceptions import exception_in_stream, is_exception
from offramp_providers.frame import Frame
from offramp_providers.wire_json import decode_json, is_json_object


class AwsChunkDecoder:
    """Takes both framings apart. Padding and whatever else the host adds around the chunks is not of the dialect."""

    def __init__(self, *, max_message_bytes: int = MAX_MESSAGE_BYTES) -> None:
        self._messages = AwsEventDecoder(max_message_bytes=max_message_bytes)

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        """The events that these bytes complete.

        Raises:
            ProviderError: as the outer framing; the host's exception, which is no event of the dialect; or
                `malformed`: a chunk holds no base64.
        """
        for message in self._messages.feed(chunk):
            if is_exception(message.event):
                raise exception_in_stream(message.event or "", decode_json(message.data))
            yield _unwrapped(message) if message.event == "chunk" else message

    def finish(self) -> tuple[Frame, ...]:
        """Nothing: half a message is none."""
        return ()


def _unwrapped(message: Frame) -> Frame:
    content = decode_json(message.data)
    held: Any = content.get("bytes") if is_json_object(content) else None
    try:
        return Frame(b64decode(held, validate=True))
    except (TypeError, ValueError) as error:
        raise ProviderError("a chunk of the stream holds no base64", kind=ProviderErrorKind.MALFORMED) from error
