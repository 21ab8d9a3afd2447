"""Rules of a host or a model that speaks this dialect, as profiles name them in `options`.

Without an option the default below holds for what was written elsewhere; what was written in this dialect is sent as
its author wrote it. An option that a profile does give always holds.
"""

from collections.abc import Mapping
from typing import Final

from offramp.contracts.profile import Option

OPTIONS: Final[Mapping[str, tuple[Option, str]]] = {
    "mid_conversation_system": (False, "takes `system` messages after the first turn, in their place"),
    "prefill": (False, "continues a last message that is the assistant's"),
    "sampling": (False, "takes temperature, top_p and top_k, as models up to 4.6 do"),
    "temperature_with_top_p": (False, "takes temperature and top_p in one request"),
    "reasoning_adaptive": (True, "takes thinking of the type `adaptive`"),
    "reasoning_budget": (False, "takes thinking of the type `enabled`, with a fixed budget"),
    "reasoning_off": (True, "takes thinking of the type `disabled`"),
    "unsigned_reasoning": (False, "takes its own thinking back without a signature"),
    "efforts": (("low", "medium", "high", "xhigh", "max"), "levels of effort, in rising order; empty: none"),
    "undeclared_tools": (False, "takes calls and results of tools that the request does not offer"),
    "schema_keywords": (False, "takes every keyword of JSON Schema"),
    "path": ("/v1/messages", "where requests go; with `{model}` in it, the body holds no model"),
    "stream_path": ("", "where requests go whose answer is streamed; empty: to `path`"),
    "body_stream": (True, "takes `stream` in the body; else the path says it"),
    "body_version": (
        "",
        "the version of the wire, where it stands in the body; empty: a header of the profile says it",
    ),
    "count_path": ("/v1/messages/count_tokens", "where tokens are counted; empty: nowhere"),
    "models_path": ("/v1/models", "where the models are listed; empty: nowhere"),
    "body_betas": (False, "takes betas in the body, as `anthropic_beta`, and not in a header"),
}
"""Name, default and meaning of each option. Sources: anthropic-sdk-python 0.121.0 and the claude-api skill of
2026-07-01, read 2026-11-23; of where things stand at hosts, that package's lib/vertex and lib/bedrock, read
2026-11-26."""


def option_of(options: Mapping[str, Option], name: str) -> Option:
    """The option as the host's profile gives it, or the dialect's default."""
    return options.get(name, OPTIONS[name][0])
