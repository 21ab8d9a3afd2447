"""Streams, each way: one wire event is one batch."""

from offramp_providers.dialects.cohere_v2.stream_reading import CohereStreamDecoder
from offramp_providers.dialects.cohere_v2.stream_writing import CohereStreamEncoder

__all__ = ["CohereStreamDecoder", "CohereStreamEncoder"]
