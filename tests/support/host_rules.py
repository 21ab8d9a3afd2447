"""Every option of a host that the dialects know, with the values besides its default."""

from collections.abc import Mapping
from typing import Any, Final

from offramp_providers.dialects.anthropic_messages.options import OPTIONS
from offramp_providers.dialects.openai_chat.options import DEFAULTS

KNOWN: Final[Mapping[str, frozenset[str]]] = {
    "anthropic_messages": frozenset(OPTIONS),
    "openai_chat": frozenset(DEFAULTS),
}
"""The options by dialect, as the dialects document them."""

VALUES: Final[Mapping[str, Mapping[str, tuple[Any, ...]]]] = {
    "anthropic_messages": {
        **{name: (True, False) for name, (default, _) in OPTIONS.items() if isinstance(default, bool)},
        "efforts": ((), ("low", "high"), ("high", "max")),
        "path": ("/models/{model}:rawPredict",),
        "stream_path": ("/model/{model}/invoke-with-response-stream",),
        "body_version": ("vertex-2023-10-16",),
    },
    "openai_chat": {
        "max_tokens_field": ("max_tokens",),
        "developer_role": (False,),
        "system_role": (False,),
        "participant_names": (False,),
        "end_user_field": ("user", ""),
        "reasoning_field": ("reasoning", ""),
        "tool_result_media": ("keep", "drop"),
        "document_urls": (True,),
        "cache_marks": ("cache_control", "prompt_cache_breakpoint"),
        "stream_usage": (False,),
        "top_k": (True,),
        "efforts": ((), ("low", "high"), ("none", "minimal")),
        "reasoning_switch": ("thinking",),
        "pin_host": (True,),
        "stop_limit": (1,),
        "temperature_limit": (1.0,),
        "strict_subset": (False,),
        "rejects": (
            ("temperature", "top_p", "frequency_penalty", "presence_penalty", "stop", "n", "seed", "logprobs"),
            ("tools", "tool_choice", "parallel_tool_calls", "response_format", "reasoning_effort", "store"),
            ("stream", "stream_options", "metadata", "service_tier", "safety_identifier", "max_completion_tokens"),
        ),
    },
}
