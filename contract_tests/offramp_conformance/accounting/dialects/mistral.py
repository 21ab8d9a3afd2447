"""Mistral chat completions."""

from typing import Final

from offramp_conformance.accounting.spoken import Spoken
from offramp_providers.dialects.mistral import DIALECT
from offramp_providers.dialects.mistral.options import DEFAULTS
from offramp_providers.emulator.mistral.validator import validate

_NAMED: Final = frozenset({"output.name.injected"})
"""A name is required, and none was given."""
_IDS: Final = frozenset({"call_id.rewritten"})
"""Ids have nine characters."""

ENTRY: Final = Spoken(
    dialect=DIALECT,
    vendor="mistral",
    model="mistral-small-latest",
    recordings="mistral.chat",
    options={
        "efforts": ((), ("none", "low", "high")),
        "prompt_mode": (True,),
        "temperature_limit": (1.5,),
        "strict_subset": (True,),
        "rejects": (
            ("temperature", "top_p", "frequency_penalty", "presence_penalty", "stop", "n", "random_seed", "max_tokens"),
            ("tools", "tool_choice", "parallel_tool_calls", "response_format", "reasoning_effort", "metadata"),
        ),
    },
    documented_options=frozenset(DEFAULTS),
    unsaid={
        "end user": "nothing names a user",
        "service tier auto": "there are no tiers",
        "counted without a cache": "what is written to a cache is not counted, not even as zero",
        "counted with a cache": "the same",
        "counted with reasoning": "the same",
    },
    admitted={
        "output schema": _NAMED,
        "strict output schema": _NAMED,
        # The bytes tell the type, which is required.
        "image whose type the bytes tell": frozenset({"media_type.injected"}),
        "calls and results": _IDS,
        "calls, results and a word": _IDS,
        "result of several texts": _IDS,
        "empty result": _IDS,
    },
    schema=("mistral", "mistral.chat"),
    deviations=(
        # A tool in the vendor's own words is the application's to get right.
        r"request tools\[N\]\.type: enum",
        # What is unknown is null or left out, never 0 and never a word that claims completion.
        r"response choices\[N\].finish_reason: (type|enum)",
        r"response usage: required",
        # The published schema asks for a field `data` that no recorded answer has.
        r"response : required",
    ),
    refuses=validate,
    headers={"authorization": "Bearer k"},
)
