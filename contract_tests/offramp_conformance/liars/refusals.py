"""Each vendor's own words for a request that its model cannot take: one that is too long, or a schema that is none."""

from collections.abc import Mapping
from typing import Any, Final

from offramp_conformance.checks.json_walk import objects_in
from offramp_providers.emulator.config import Dialect
from offramp_providers.emulator.json_values import text_of
from offramp_providers.emulator.rules import Rejection

_RULE: Final = "too_long"


def too_long(dialect: Dialect, tokens: int, most: int) -> Rejection:
    """The refusal of a request of so many tokens, by a model that reads at most so many."""
    status, kind, said, code = _WORDS[dialect]
    return Rejection(_RULE, status, kind, said.format(tokens=tokens, most=most), code=code)


def is_schema(schema: Any) -> bool:
    """Whether all types in it are those of JSON Schema. No more is looked at."""
    named = (text_of(each.get("type")) for each in objects_in(schema))
    return all(not name or name.lower() in _TYPES for name in named)


def no_schema(dialect: Dialect) -> Rejection:
    """The refusal of a schema that is none."""
    status, kind, _, _ = _WORDS[dialect]
    return Rejection("no_schema", status, kind, "the schema names a type that there is not")


_TYPES: Final = frozenset({"object", "array", "string", "number", "integer", "boolean", "null"})
_WORDS: Final[Mapping[Dialect, tuple[int, str, str, str | None]]] = {
    "anthropic_messages": (
        *(400, "invalid_request_error", "prompt is too long: {tokens} tokens > {most} maximum"),
        None,
    ),
    "bedrock_converse": (400, "ValidationException", "Input is too long for requested model.", None),
    "openai_chat": (
        *(400, "invalid_request_error", "This model's maximum context length is {most} tokens; you sent {tokens}."),
        "context_length_exceeded",
    ),
    "openai_responses": (
        *(400, "invalid_request_error", "Your input exceeds the context window of this model."),
        "context_length_exceeded",
    ),
    "gemini": (
        *(400, "INVALID_ARGUMENT"),
        "The input token count ({tokens}) exceeds the maximum number of tokens allowed ({most}).",
        None,
    ),
    "ollama_native": (400, "", "the input length exceeds the context length", None),
    "cohere_v2": (400, "", "too many tokens: size limit exceeded by {tokens} tokens, the most is {most}", None),
    "mistral": (
        *(400, "invalid_request_error"),
        "Prompt contains {tokens} tokens, too large for model with {most} maximum context length",
        "3051",
    ),
}
