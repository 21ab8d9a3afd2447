"""Each dialect as raw bytes. A file for each; the figures of one are compared with raw HTTP in the same."""

from offramp_conformance.bench.answers import Wire
from offramp_conformance.bench.wires import (
    anthropic_messages,
    bedrock_converse,
    cohere_v2,
    gemini,
    mistral,
    ollama_native,
    openai_chat,
    openai_responses,
)


def wires() -> tuple[Wire, ...]:
    """All dialects, the two most used first."""
    return (
        anthropic_messages.wire(),
        openai_chat.wire(),
        openai_responses.wire(),
        gemini.wire(),
        bedrock_converse.wire(),
        mistral.wire(),
        cohere_v2.wire(),
        ollama_native.wire(),
    )
