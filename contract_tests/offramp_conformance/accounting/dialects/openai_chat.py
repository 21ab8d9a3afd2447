"""OpenAI Chat Completions."""

from typing import Final

from offramp_conformance.accounting.spoken import Spoken
from offramp_providers.dialects.openai_chat import DIALECT
from offramp_providers.dialects.openai_chat.options import DEFAULTS
from offramp_providers.emulator.openai_chat.validator import validate

_NAMED: Final = frozenset({"output.name.injected"})
"""A name is required, and none was given."""

ENTRY: Final = Spoken(
    dialect=DIALECT,
    vendor="openai",
    model="gpt-4o",
    recordings="openai.chat",
    options={
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
        "count_path": ("/count",),
        "rejects": (
            ("temperature", "top_p", "frequency_penalty", "presence_penalty", "stop", "n", "seed", "logprobs"),
            ("tools", "tool_choice", "parallel_tool_calls", "response_format", "reasoning_effort", "store"),
            ("stream", "stream_options", "metadata", "service_tier", "safety_identifier", "max_completion_tokens"),
        ),
    },
    documented_options=frozenset(DEFAULTS),
    admitted={
        "output schema": _NAMED,
        "strict output schema": _NAMED,
        # The bytes tell the type, which is required.
        "image whose type the bytes tell": frozenset({"media_type.injected"}),
    },
    schema=("openai", "openai.chat"),
    deviations=(
        # A tool in the vendor's own words is the application's to get right.
        r"request tools\[N\]\.type: enum",
        # A request without messages is sent as it is, and refused there.
        r"request messages: minItems",
        # What is unknown is null or left out, never 0 and never a word that claims completion.
        r"response choices\[N\].finish_reason: (type|enum)",
        r"response usage: required",
    ),
    refuses=validate,
    headers={"authorization": "Bearer k"},
)
