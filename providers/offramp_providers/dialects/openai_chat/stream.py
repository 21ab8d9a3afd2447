"""Streams: `chat.completion.chunk` events, one batch each. Reading and writing fill a file each."""

from offramp_providers.dialects.openai_chat.stream_reading import ChatStreamDecoder
from offramp_providers.dialects.openai_chat.stream_writing import ChatStreamEncoder

__all__ = ["ChatStreamDecoder", "ChatStreamEncoder"]
