"""Every framing that streams are read in: what is asked for, and who takes the bytes apart. A new one is a line."""

from collections.abc import Callable, Mapping
from typing import Final

from offramp.types import value
from offramp_providers.aws_event_chunks import AwsChunkDecoder
from offramp_providers.aws_event_stream import AwsEventDecoder
from offramp_providers.frame import FrameDecoder
from offramp_providers.ndjson import NdjsonDecoder
from offramp_providers.sse import SseDecoder


@value
class Framing:
    """How events lie in a stream's bytes."""

    media_type: str
    """What a request for such a stream accepts."""
    decoder: Callable[[], FrameDecoder]
    """Makes one for each stream."""


FRAMINGS: Final[Mapping[str, Framing]] = {
    "sse": Framing("text/event-stream", SseDecoder),
    "ndjson": Framing("application/x-ndjson", NdjsonDecoder),
    "aws_event_stream": Framing("application/vnd.amazon.eventstream", AwsEventDecoder),
    "aws_event_chunks": Framing("application/vnd.amazon.eventstream", AwsChunkDecoder),
}
"""By the name that a dialect gives, or a profile in its place."""
