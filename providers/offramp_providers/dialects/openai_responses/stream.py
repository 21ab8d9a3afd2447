"""Streams: `response.*` events, one batch each. Reading and writing fill a file each."""

from offramp_providers.dialects.openai_responses.stream_reading import ResponsesStreamDecoder
from offramp_providers.dialects.openai_responses.stream_writing import ResponsesStreamEncoder

__all__ = ["ResponsesStreamDecoder", "ResponsesStreamEncoder"]
