"""Amazon Bedrock, `Converse`."""

from typing import Final

from offramp.types import TextOutput
from offramp_conformance.accounting.spoken import Spoken
from offramp_providers.dialects.bedrock_converse import DIALECT
from offramp_providers.dialects.bedrock_converse.options import OPTIONS
from offramp_providers.emulator.bedrock_converse.validator import validate

ENTRY: Final = Spoken(
    dialect=DIALECT,
    vendor="amazon",
    model="amazon.nova-pro-v1:0",
    recordings="bedrock.converse",
    streams="bedrock.converse-stream",
    # Pieces of answers, without the event that begins one; a fake of some test suite's, or cut out of a recording.
    several_answers=frozenset(
        {
            *("dcc2876fbd7852e1", "0aa7439f1cb25ed1", "49e846b85c2b9b42", "b0b3fd1cfcbb9d9e"),
            "cc09b2d83b525ea9",
        }
    ),
    neutral=(
        (r"candidates", 1, None),
        (r"output", TextOutput(), None),  # what the vendor gives anyway
        (r"output\.strict", None, True),  # the vendor always holds the answer to the schema
        (r"output\.strict", False, True),
        (r"stream", False, None),  # the path asks for streaming, or does not
        (r"store", False, None),  # nothing is kept for later retrieval
        (r"metadata", {}, None),
        (r"(frequency|presence)_penalty", 0, None),
        (r"parallel_tool_calls", True, None),
        (r".*\.summary", (), None),
        (r".*\.text", None, ""),  # its own reasoning without text: the wire requires the field
    ),
    object_arguments=True,
    options={
        **{name: (True, False) for name, (default, _) in OPTIONS.items() if isinstance(default, bool)},
        "tool_choices": ((), ("auto", "any")),
        "stop_limit": (1,),
        "top_k_field": ("top_k", "inferenceConfig.topK"),
        "thinking": ((), ("enabled", "disabled"), ("adaptive",)),
        "effort_field": ("reasoning_effort",),
        "efforts": ((), ("low", "high"), ("high", "max")),
    },
    documented_options=frozenset(OPTIONS),
    unsaid={
        "image as url": "media come in bytes or from the account's own storage",
        "choice none": "there is no such choice",
        "one call at a time": "there is no switch for parallel calls",
        "one forced call": "the same",
        "end user": "nothing names a user",
        "service tier auto": "tiers have other names, and none leaves the choice to the vendor",
        "counted with reasoning": "reasoning is not counted apart",
    },
    admitted={
        "image whose type the bytes tell": frozenset({"media_type.injected"}),
        "pdf as data with a name": frozenset({"media_name.rewritten"}),
    },
    refuses=validate,
    headers={"authorization": "Bearer k"},
)
