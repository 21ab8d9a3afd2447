"""Whose model a name in LiteLLM's spelling says it is, so that no alias hides a developer from an order."""

import re
from collections.abc import Mapping
from typing import Final

from offramp.contracts.endpoint import Endpoint
from offramp.errors import ConfigurationError

_FAMILIES: Final[Mapping[str, str]] = {
    # Words in names of models, and LiteLLM's for vendors that serve their own (litellm 1.110.2, read 2026-11-26).
    r"anthropic|claude": "anthropic",
    r"(?<!azure[_-])openai(?![_-]like)|gpt-?\d|gpt-oss|chatgpt|o[134]-(?:mini|pro)": "openai",
    r"gemini|gemma|palm-?2": "google",
    r"mistral|mixtral|codestral|ministral|magistral|pixtral|devstral": "mistral",
    r"cohere|command-[ar]|aya-": "cohere",
    r"grok(?!q)|xai": "xai",
    r"deepseek": "deepseek",
    r"llama-?\d|meta[_-]llama": "meta",
    r"qwen|qwq": "alibaba",
    r"glm-\d|zai": "zai",
}
"""Patterns, by the names of developers that the shipped profiles use."""

_ROUTES_ONLY: Final = frozenset(
    {"openai", "custom_openai", "openai_like", "hosted_vllm", "azure", "azure_ai", "vertex_ai"}
)
"""First words that name a wire or a cloud, not a developer: whose model it is stands behind them."""


def developers_named(model: str) -> frozenset[str]:
    """The developers that a model's name mentions. None: the name says nothing."""
    first, slash, rest = model.partition("/")
    name = rest if slash and first in _ROUTES_ONLY else model
    words = re.split(r"[/:@]", name.lower())
    return frozenset(
        developer
        for pattern, developer in _FAMILIES.items()
        if any(re.search(rf"(?:^|[^a-z])(?:{pattern})", word) for word in words)
    )


def refuse_other_developer(endpoint: Endpoint) -> None:
    """Raise ConfigurationError where the name says one developer and the endpoint another: an order would miss it.

    A distilled model names two; either may stand for it.
    """
    identity = endpoint.identity
    named = developers_named(identity.model)
    if named and identity.developer.casefold() not in named:
        raise ConfigurationError(
            f"the name {identity.model!r} says {' or '.join(sorted(named))}, the endpoint says {identity.developer}: "
            "an order against the one would not stop the other",
            where=identity.endpoint,
            mend=f'set developer = "{min(named)}"',
        )
