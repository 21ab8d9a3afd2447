"""Anthropic Messages."""

from typing import Final

from offramp.types import TextOutput
from offramp_conformance.accounting.spoken import Spoken
from offramp_providers.dialects.anthropic_messages import DIALECT
from offramp_providers.dialects.anthropic_messages.options import OPTIONS
from offramp_providers.emulator.anthropic_messages.validator import validate

ENTRY: Final = Spoken(
    dialect=DIALECT,
    vendor="anthropic",
    model="claude-opus-4-6",
    rules={"sampling": True},
    recordings="anthropic.messages",
    several_answers=frozenset({"8b311095d326d87a", "3f1713ca06f23a61", "f843d01a0c20c1a1"}),
    neutral=(
        (r"candidates", 1, None),
        (r"output", TextOutput(), None),  # what the vendor gives anyway
        (r"output\.strict", None, True),  # the vendor always holds the answer to the schema
        (r"output\.strict", False, True),
        (r"stream", False, None),  # asked for by the path, at a cloud that says it there
        (r"store", False, None),  # nothing is kept for later retrieval
        (r"metadata", {}, None),
        (r"(frequency|presence)_penalty", 0, None),
        (r"parallel_tool_calls", True, None),
        (r".*\.text", None, ""),  # its own reasoning without text: the wire requires the field
    ),
    object_arguments=True,
    options={
        **{name: (True, False) for name, (default, _) in OPTIONS.items() if isinstance(default, bool)},
        "efforts": ((), ("low", "high"), ("high", "max")),
        "path": ("/models/{model}:rawPredict",),
        "stream_path": ("/model/{model}/invoke-with-response-stream",),
        "body_version": ("vertex-2023-10-16",),
        "count_path": ("",),
        "models_path": ("",),
    },
    documented_options=frozenset(OPTIONS),
    unsaid={"counted with cache reads": "input is counted less what is cached, so both counts must be known"},
    admitted={
        # The bytes tell the type, which is required.
        "image whose type the bytes tell": frozenset({"media_type.injected"}),
    },
    schema=("anthropic", "anthropic.messages"),
    deviations=(
        # A tool in the vendor's own words is the application's to get right.
        r"request tools\[N\]\.type: anyOf",
        # What is unknown is null or left out, never 0 and never a word that claims completion.
        r"response usage.(in|out)put_tokens: type",
        r"response (id|model): type",
        # Nullable members that the schema requires nevertheless; the vendor's recordings of older dates lack them too.
        r"response (usage)?: required",
        # A stop reason of the vendor's documentation that the snapshot lacks.
        r"response stop_reason: enum",
        # A block of an answer must have members that only the vendor can fill, such as `citations`.
        r"response content\[N\]\.type: const",
    ),
    refuses=validate,
    headers={"x-api-key": "k", "anthropic-version": "2023-06-01"},
)
