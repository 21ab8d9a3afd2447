"""OpenAI Responses."""

from typing import Final

from offramp_conformance.accounting.spoken import Spoken
from offramp_providers.dialects.openai_responses import DIALECT
from offramp_providers.dialects.openai_responses.options import DEFAULTS
from offramp_providers.emulator.openai_responses.validator import validate

_NOT_STRICT: Final = frozenset({"schema.injected"})
"""Whether a tool is strict must be said."""
_NO_STOP: Final = "no text ends an answer"

ENTRY: Final = Spoken(
    dialect=DIALECT,
    vendor="openai",
    model="gpt-5.4",
    account="ours",
    recordings="openai.responses",
    neutral=(
        (r"candidates", 1, None),
        (r"stop", (), None),  # no text ends an answer here
        (r"(frequency|presence)_penalty", 0, None),
    ),
    required=((r".*\.detail", None, "auto"),),  # the schema requires a word, and this is what happens without one
    options={
        "end_user_field": ("user", ""),
        "plain_reasoning": (True,),
        "further_settings": (("top_k", "frequency_penalty", "presence_penalty", "seed"),),
        "efforts": ((), ("low", "high"), ("none", "minimal")),
        "temperature_limit": (1.0,),
        "strict_subset": (False,),
        "rejects": (
            ("temperature", "top_p", "top_logprobs", "tools", "tool_choice", "parallel_tool_calls", "text"),
            ("stream", "metadata", "service_tier", "safety_identifier", "max_output_tokens", "reasoning", "store"),
        ),
    },
    documented_options=frozenset(DEFAULTS),
    unsaid={
        "stop": _NO_STOP,
        "four stops": _NO_STOP,
        "a bound": "the least bound is 16",
    },
    admitted={
        **dict.fromkeys(
            (
                "tools",
                "tool with a deep schema",
                "tool with a bound",
                "choice auto",
                "choice any",
                "choice none",
                "choice by name",
                "one call at a time",
                "one forced call",
                "calls in parallel",
                "calls and results",
                "calls, results and a word",
                "result of several texts",
                "empty result",
            ),
            _NOT_STRICT,
        ),
        "output schema": frozenset({"output.name.injected"}),
        "strict output schema": frozenset({"output.name.injected"}),
        "image whose type the bytes tell": frozenset({"media_type.injected"}),
    },
    refuses=validate,
    headers={"authorization": "Bearer k"},
    schema=("openai", "openai.responses"),
    deviations=(
        # A tool in the vendor's own words is the application's to get right.
        r"request tools\[N\]\.type: enum",
        # A list of content fits two of its `oneOf`; what fits none is told deeper.
        r"request input\[N\]: oneOf",
        # What is unknown is left out, never 0.
        r"response usage: required",
        r"response usage\.input_tokens_details: required",
    ),
)
