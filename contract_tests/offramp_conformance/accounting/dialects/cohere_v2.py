"""Cohere's Chat API, version 2."""

from typing import Final

from offramp.types import ToolChoiceAuto
from offramp_conformance.accounting.spoken import Spoken
from offramp_providers.dialects.cohere_v2 import DIALECT
from offramp_providers.dialects.cohere_v2.options import DEFAULTS
from offramp_providers.emulator.cohere_v2.validator import validate

_NO_SWITCH: Final = "there is no switch for parallel calls"

ENTRY: Final = Spoken(
    dialect=DIALECT,
    vendor="cohere",
    model="command-a-plus-05-2026",
    recordings="cohere.v2.chat",
    neutral=(
        (r"candidates", 1, None),
        (r"output\.strict", True, None),  # the vendor always holds the answer to the schema
        (r"output\.strict", False, None),
        (r"tools\[\d+\]\.strict", False, None),
        (r"tool_choice", ToolChoiceAuto(), None),  # the model decides
        (r"store", False, None),
        (r"metadata", {}, None),
        (r"parallel_tool_calls", True, None),
    ),
    options={"both_penalties": (True,), "schema_subset": (False,)},
    documented_options=frozenset(DEFAULTS),
    unsaid={
        "pdf as data with a name": "there are documents of text only",
        "choice by name": "no tool can be named; it is offered alone",
        "one call at a time": _NO_SWITCH,
        "one forced call": _NO_SWITCH,
        "end user": "nothing names a user",
        "service tier auto": "there are no tiers",
        "counted without a cache": "what is written to a cache is not counted",
        "counted with a cache": "the same",
        "counted with reasoning": "the same",
    },
    admitted={
        # The bytes tell the type, which an image's address must have.
        "image whose type the bytes tell": frozenset({"media_type.injected"}),
    },
    schema=("cohere", "cohere.v2.chat"),
    deviations=(
        # A tool in the vendor's own words is the application's to get right.
        r"request tools\[N\]\.type: enum",
        # The two formats are told apart by a discriminator, which JSON Schema does not know: a format of JSON is both.
        r"request response_format: oneOf",
        # What is unknown keeps another dialect's word or is left out, and never claims completion.
        r"response (finish_reason)?: (required|enum)",
    ),
    refuses=validate,
    headers={"authorization": "Bearer k"},
)
