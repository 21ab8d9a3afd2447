"""Ollama's own API, `/api/chat`."""

from typing import Final

from offramp.types import ReasoningAdaptive, TextOutput, ToolChoiceAuto
from offramp_conformance.accounting.spoken import Spoken
from offramp_providers.dialects.ollama_native import DIALECT
from offramp_providers.dialects.ollama_native.options import OPTIONS
from offramp_providers.emulator.ollama_native.validator import validate

_TEXTS: Final = frozenset({"text.joined"})
"""A message has one text."""
_NO_CHOICE: Final = "the model decides; nothing forces or forbids a call"

ENTRY: Final = Spoken(
    dialect=DIALECT,
    vendor="self",
    model="qwen3",
    recordings="ollama.chat",
    neutral=(
        (r"stream", None, False),  # left out, it would ask for a stream
        (r"output", TextOutput(), None),  # what the server gives anyway
        (r"output\.strict", True, None),  # the server always holds the answer to the schema
        (r"output\.strict", False, None),
        (r"tools\[\d+\]\.strict", False, None),
        (r"tool_choice", ToolChoiceAuto(), None),  # the model decides
        (r"store", False, None),  # nothing is kept for later retrieval
        (r"metadata", {}, None),
        (r"candidates", 1, None),
        (r"parallel_tool_calls", True, None),
        (r"reasoning\.mode", ReasoningAdaptive(), None),  # a level says that there is thinking
        (r"reasoning\.mode\.display", "full", None),  # all that is thought is shown
    ),
    object_arguments=True,
    options={
        "num_ctx": (8192,),
        "cuts_history": (True,),
        "cloud_models": (True,),
        "efforts": ((), ("low", "high")),
        "tool_keywords": ((), ("type", "properties")),
        "tool_result_media": ("keep", "drop"),
    },
    documented_options=frozenset(OPTIONS),
    unsaid={
        "image behind a text": "images stand apart from the text, and before it",
        "image as url": "the server fetches nothing",
        "pdf as data with a name": "there are no documents",
        "tool with a deep schema": "the server hands a few keywords to the model",
        "tool with a bound": "the same",
        "strict tool": "no call is held to its tool's schema",
        "choice any": _NO_CHOICE,
        "choice none": _NO_CHOICE,
        "choice by name": _NO_CHOICE,
        "one call at a time": "there is no switch for parallel calls",
        "one forced call": _NO_CHOICE,
        "end user": "nothing names a user",
        "service tier auto": "there are no tiers",
        "counted without a cache": "what comes from a cache is not counted",
        "counted with cache reads": "the same",
        "counted with a cache": "the same",
        "counted with reasoning": "reasoning is not counted apart",
    },
    admitted={
        "several texts in a message": _TEXTS,
        "system of several texts": _TEXTS,
        "result of several texts": _TEXTS,
        "image as data": frozenset({"media_type"}),  # the bytes tell it
    },
    refuses=validate,
)
