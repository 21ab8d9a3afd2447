"""Streams: `chat.completion.chunk` events and batches of events, each way."""

from typing import ClassVar

from offramp.errors import Phase, ProviderError
from offramp.types import JsonObject, Outcome, Part, Usage
from offramp_providers.dialects.chunk_reading import ChunkDecoder
from offramp_providers.dialects.chunk_writing import ChunkEncoder
from offramp_providers.dialects.encoding import Encoding
from offramp_providers.dialects.mistral.candidate_reading import MistralCandidateReading
from offramp_providers.dialects.mistral.candidate_writing import MistralCandidateWriting
from offramp_providers.dialects.mistral.errors import decode_stream_error, encode_error, is_error
from offramp_providers.dialects.mistral.options import NAME
from offramp_providers.dialects.mistral.outcomes import UNCOUNTED, decode_usage, encode_outcome, encode_usage
from offramp_providers.dialects.mistral.response import STAND_IN_ID, answering
from offramp_providers.dialects.stream_losses import StreamLosses

_PADDING = "p"


class MistralStreamDecoder(ChunkDecoder):
    """Reads one stream."""

    __slots__ = ()

    name: ClassVar[str] = NAME
    padding: ClassVar[str] = _PADDING

    def candidate(self, number: int) -> MistralCandidateReading:
        return MistralCandidateReading(number)

    def failure(self, data: JsonObject, phase: Phase) -> ProviderError | None:
        return decode_stream_error(data, phase) if is_error(data) else None

    def usage(self, raw: JsonObject) -> Usage:
        return decode_usage(raw)


class MistralStreamEncoder(ChunkEncoder):
    """Writes one stream."""

    __slots__ = ()

    name: ClassVar[str] = NAME
    padding: ClassVar[str] = _PADDING
    stand_in_id: ClassVar[str] = STAND_IN_ID

    def candidate(self, number: int, losses: StreamLosses) -> MistralCandidateWriting:
        return MistralCandidateWriting(number, losses)

    def outcome(self, outcome: Outcome, said: list[Part], *, native: bool) -> tuple[str | None, Encoding]:
        encoding = answering(None, native=native)
        return encode_outcome(encoding, outcome, said), encoding

    def usage(self, usage: Usage, *, native: bool) -> JsonObject | None:
        if not native:
            for name in UNCOUNTED:
                if getattr(usage, name) is not None:
                    self._losses.lose("usage", f"usage.{name}")
        return encode_usage(usage, native=native)

    def error(self, error: ProviderError) -> JsonObject:
        return encode_error(error).body

    def is_failure(self, data: JsonObject) -> bool:
        return is_error(data)
