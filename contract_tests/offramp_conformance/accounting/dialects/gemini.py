"""Google Gemini, `generateContent`."""

from typing import Final

from offramp.types import ReasoningAdaptive
from offramp_conformance.accounting.spoken import Spoken
from offramp_providers.dialects.gemini import DIALECT
from offramp_providers.dialects.gemini.options import OPTIONS
from offramp_providers.emulator.gemini.validator import validate

_SIGNED: Final = frozenset({"signature.injected"})
"""A call of the current turn must carry a signature; for another vendor's there is a documented stand-in."""

ENTRY: Final = Spoken(
    dialect=DIALECT,
    vendor="google",
    model="gemini-3-flash",
    recordings="gemini.generateContent",
    streams="gemini.streamGenerateContent",
    neutral=(
        (r"stream", False, None),  # the path asks for streaming, or does not
        (r"output\.strict", True, None),  # the vendor always holds the answer to the schema
        (r"output\.strict", False, None),
        (r"tools\[\d+\]\.strict", False, None),
        (r"store", False, None),
        (r"metadata", {}, None),
        (r"parallel_tool_calls", True, None),
        (r"reasoning\.mode", ReasoningAdaptive(), None),  # a level leaves the rest to the model
    ),
    object_arguments=True,
    options={
        **{name: (True, False) for name, (default, _) in OPTIONS.items() if isinstance(default, bool)},
        "signature_models": (("gemini-*",),),
        "tool_result_media": ("move", "drop"),
        "efforts": ((), ("low", "high")),
        "models_path": ("",),
    },
    documented_options=frozenset(OPTIONS),
    refuses=validate,
    headers={"x-goog-api-key": "k", ":path": "/v1beta/models/gemini-3-flash:generateContent"},
    unsaid={
        "strict tool": "no call is held to its tool's schema",
        "one call at a time": "there is no switch for parallel calls",
        "one forced call": "the same",
        "end user": "nothing names a user",
        "service tier auto": "tiers have other names, and none leaves the choice to the vendor",
        "pdf as data with a name": "media have no names on the developer API",
        "image as url": "a media type alone tells the kind, and a URL may have none",
        "counted without a cache": "what is written to a cache is not counted, not even as zero",
        "counted with a cache": "the same",
        "counted with reasoning": "the same",
    },
    admitted={
        "image whose type the bytes tell": frozenset({"media_type.injected"}),
        "calls and results": _SIGNED,
        "calls, results and a word": frozenset(),
        "result of several texts": _SIGNED | {"text.joined"},  # one object holds the result
        "empty result": _SIGNED,
    },
)
