"""The decoder of streams: `chat.completion.chunk` events to batches of events."""

from typing import ClassVar

from offramp.errors import Phase, ProviderError
from offramp.types import JsonObject, Usage
from offramp_providers.dialects.chunk_reading import ChunkDecoder
from offramp_providers.dialects.openai_chat.candidate_reading import ChatCandidateReading
from offramp_providers.dialects.openai_chat.errors import decode_stream_error
from offramp_providers.dialects.openai_chat.options import NAME
from offramp_providers.dialects.openai_chat.outcomes import decode_usage


class ChatStreamDecoder(ChunkDecoder):
    """Reads one stream."""

    __slots__ = ()

    name: ClassVar[str] = NAME
    padding: ClassVar[str] = "obfuscation"

    def candidate(self, number: int) -> ChatCandidateReading:
        return ChatCandidateReading(number)

    def failure(self, data: JsonObject, phase: Phase) -> ProviderError | None:
        return decode_stream_error(data, phase) if data.get("error") else None

    def usage(self, raw: JsonObject) -> Usage:
        return decode_usage(raw)
