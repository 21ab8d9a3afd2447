"""Which recorded API is read by which codec: a dialect's own, or that of one of its further operations."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from offramp.contracts.dialect import Dialect
from offramp.types import value
from offramp_conformance.accounting.dialects import SPOKEN
from offramp_conformance.accounting.spoken import Spoken

_OPERATIONS: Final[Mapping[str, tuple[str, str]]] = {
    "anthropic.count_tokens": ("anthropic_messages", "count_tokens"),
    "bedrock.count-tokens": ("bedrock_converse", "count_tokens"),
    "cohere.embed": ("cohere_v2", "embeddings"),
    "gemini.batchEmbedContents": ("gemini", "embeddings"),
    "gemini.countTokens": ("gemini", "count_tokens"),
    "gemini.embedContent": ("gemini", "embeddings"),
    "openai.embeddings": ("openai_chat", "embeddings"),
    "openai.responses.input_tokens": ("openai_responses", "count_tokens"),
}
"""Dialect and operation of each API."""
_OF_VENDOR: Final[Mapping[tuple[str, str], str]] = {("openai.embeddings", "mistral"): "mistral"}
"""Where a vendor's interactions by an API are another dialect's."""

_REASONS: Final[Mapping[str, str]] = {
    "bedrock.invoke": "each model's own format within AWS's envelope, which no dialect speaks",
    "bedrock.invoke-with-response-stream": "the same, streamed",
    "cohere.rerank": "orders documents, which Offramp does not ask for",
    "cohere.v1.chat": "the vendor's retired API, which no dialect speaks",
    "gemini.cachedContents": "stores a prompt at the vendor, which Offramp does not ask for",
    "gemini.interactions": "another API than generateContent, which no dialect speaks",
    "ollama.generate": "a prompt without turns: Ollama's older API, which no dialect speaks",
    "openai.responses.compact": "shortens a history at the vendor, which Offramp does not ask for",
}


@value
class Codec:
    """How one API is read and written."""

    spoken: Spoken
    dialect: Dialect
    """The entry's, or for another operation the same with that operation's functions in it."""
    operation: str | None = None
    """None: a conversation, which can cross to other dialects."""


def codec_of(api: str, vendor: str = "") -> Codec | None:
    """The codec of an API, as a vendor speaks it; None where there is none."""
    for spoken in SPOKEN.values():
        if api in (spoken.recordings, spoken.streams):
            return Codec(spoken, spoken.dialect)
    name, operation = _OPERATIONS.get(api, ("", ""))
    other = SPOKEN.get(_OF_VENDOR.get((api, vendor), name))
    return None if other is None else _of_operation(other, operation)


def _of_operation(spoken: Spoken, name: str) -> Codec | None:
    own = next((each for each in spoken.dialect.operations if each.operation.name == name), None)
    if own is None:
        return None
    dialect = replace(
        spoken.dialect,
        encode_request=own.encode_request,
        decode_request=own.decode_request,
        encode_response=own.encode_response,
        decode_response=own.decode_response,
    )
    return Codec(spoken, dialect, name)


def reason_for(api: str) -> str:
    """Why nothing of an API passes through a codec."""
    return _REASONS.get(api, "nothing here speaks it")
