"""A body of Chat Completions as arguments of LiteLLM: what is passed on, what is lost by name, what is switched off."""

from collections.abc import Mapping
from typing import Any, Final

from offramp.types import JsonMapping, JsonObject, Loss
from offramp_providers.dialects.losses import LOSSES

_PASSED: Final = frozenset(
    {
        *("model", "messages", "stream", "stream_options", "tools", "tool_choice", "parallel_tool_calls"),
        *("response_format", "max_tokens", "max_completion_tokens", "temperature", "top_p", "stop", "seed", "n"),
        *("frequency_penalty", "presence_penalty", "logprobs", "top_logprobs", "reasoning_effort", "user"),
        *("safety_identifier", "service_tier"),
    }
)
"""Parameters of `litellm.acompletion` that mean the same in Chat Completions (litellm 1.110.2, read 2026-11-26).

A closed list: among the others are addresses, keys, aliases, fallbacks, callbacks, retries, caches and made-up answers.
"""

OFF: Final[Mapping[str, Any]] = {
    "num_retries": 0,
    "max_retries": 0,
    "drop_params": False,
    "caching": False,
    "no-log": True,
    "timeout": 86_400.0,  # the transport has deadlines of its own
}
"""What LiteLLM would do by itself, switched off for each call."""


def arguments_of(body: JsonMapping) -> tuple[JsonObject, tuple[Loss, ...]]:
    """The arguments, and a loss for each field that LiteLLM has no argument for, or another meaning."""
    arguments = {name: content for name, content in body.items() if name in _PASSED}
    return arguments, tuple(_lost(name) for name in body if name not in _PASSED)


def _lost(name: str) -> Loss:
    action, severity, _ = LOSSES["vendor_field"]
    return Loss(
        code="vendor_field",
        path=f"wire.fields.{name}",
        action=action,
        severity=severity,
        why="LiteLLM has no argument of this meaning, and what it makes of an unknown one cannot be told",
    )
