"""The encoder of streams: batches of events to `chat.completion.chunk` events."""

from typing import ClassVar

from offramp.errors import ProviderError
from offramp.types import JsonObject, Outcome, Part, Usage
from offramp_providers.dialects.chunk_writing import ChunkEncoder
from offramp_providers.dialects.encoding import Encoding
from offramp_providers.dialects.openai_chat.candidate_writing import ChatCandidateWriting
from offramp_providers.dialects.openai_chat.errors import encode_error
from offramp_providers.dialects.openai_chat.options import NAME
from offramp_providers.dialects.openai_chat.outcomes import encode_outcome, encode_usage
from offramp_providers.dialects.openai_chat.response import answering
from offramp_providers.dialects.stream_losses import StreamLosses


class ChatStreamEncoder(ChunkEncoder):
    """Writes one stream."""

    __slots__ = ()

    name: ClassVar[str] = NAME
    padding: ClassVar[str] = "obfuscation"
    stand_in_id: ClassVar[str] = "chatcmpl-unknown"

    def candidate(self, number: int, losses: StreamLosses) -> ChatCandidateWriting:
        return ChatCandidateWriting(number, losses)

    def outcome(self, outcome: Outcome, said: list[Part], *, native: bool) -> tuple[str | None, Encoding]:
        encoding = answering(None, native=native)
        return encode_outcome(encoding, outcome, said), encoding

    def usage(self, usage: Usage, *, native: bool) -> JsonObject | None:
        return encode_usage(usage, native=native)

    def error(self, error: ProviderError) -> JsonObject:
        return encode_error(error).body

    def is_failure(self, data: JsonObject) -> bool:
        return "error" in data
