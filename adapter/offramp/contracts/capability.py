"""The capability contract: what a mission may require, and what an endpoint offers."""

import re
from dataclasses import KW_ONLY
from typing import Literal, TypeAlias

from offramp.contracts.evidence import Evidence
from offramp.contracts.lapses import Lapses
from offramp.types import value

Requirement: TypeAlias = Literal[
    "text",
    "streaming",
    "system",
    "system.mid_conversation",
    "system.developer",
    "tools",
    "tools.parallel",
    "tools.forced",
    "tools.none",
    "tools.strict",
    "tools.streamed_arguments",
    "tools.results.images",
    "tools.results.errors",
    "structured_output",
    "json_output",
    "reasoning",
    "reasoning.budget",
    "reasoning.effort",
    "reasoning.round_trip",
    "input.images",
    "input.documents",
    "input.audio",
    "input.video",
    "output.images",
    "output.audio",
    "citations",
    "caching",
    "temperature",
    "top_k",
    "seed",
    "determinism",
    "stop",
    "logprobs",
    "candidates",
    "penalties",
    "count_tokens",
    "embeddings",
    "models",
]
"""Closed vocabulary. A mission names these in `requires`; a request implies some of them by what it carries.

`system.developer`: a message of the developer's is told apart from the system's. `reasoning.round_trip`: within a loop
over tool calls, reasoning may go back to its issuer. `determinism`: the same request gets the same answer, which a
seed by itself does not promise.
"""

Support: TypeAlias = Literal["native", "emulated", "ignored", "rejected", "unsupported"]
"""`ignored`: the vendor takes the parameter and does nothing. `rejected`: it answers with an error."""

Fit: TypeAlias = Literal["satisfied", "emulated", "degraded", "unsatisfiable", "unknown"]

Emulation: TypeAlias = Literal["forced_tool", "prompt", "validation"]
"""What may stand in for what an endpoint lacks. `forced_tool`: the answer is asked for as the arguments of a tool that
the model must call. `prompt`: the schema is told in the system prompt. `validation`: Offramp alone holds the answer to
the keywords of a schema that the vendor does not enforce. The answer is validated in each case."""

EMULATIONS: tuple[Emulation, ...] = ("forced_tool", "prompt", "validation")
"""All of them, in the order in which they are tried."""


@value
class Limits:
    """How far a capability goes. None is unknown, which is never taken for unlimited."""

    _: KW_ONLY
    count: int | None = None
    """Most in one request: functions, stop sequences, images, candidates, alternatives, cache marks."""
    largest_bytes: int | None = None
    """Size of the largest single one, before any encoding."""
    media_types: tuple[str, ...] | None = None
    """All that are taken, such as `image/png`."""
    name_pattern: str | None = None
    """A regular expression that each name matches as a whole."""
    keywords: tuple[str, ...] | None = None
    """All keywords of JSON Schema that the vendor holds an answer to."""
    evidence: Evidence | None = None
    """None: the claim's own."""

    def __post_init__(self) -> None:
        """Refuse what bounds nothing."""
        for name, bound in (("count", self.count), ("largest_bytes", self.largest_bytes)):
            if bound is not None and bound < 0:
                raise ValueError(f"{name} must not be negative")
        if self.name_pattern is not None:
            try:
                re.compile(self.name_pattern)
            except re.error as error:
                raise ValueError(f"name_pattern is no regular expression: {error}") from error


@value
class Capability:
    """One claim about an endpoint."""

    _: KW_ONLY
    support: Support
    evidence: Evidence
    note: str | None = None
    """A limit or a condition, in one sentence."""
    limits: Limits | None = None
    """What of it a program can hold a request against."""


@value
class Finding:
    """How one requirement or need is met."""

    _: KW_ONLY
    requirement: str
    """A `Requirement`, or the name of a need."""
    fit: Fit
    why: str
    evidence: Evidence | None = None
    emulations: tuple[Emulation, ...] = ()
    """Where it is emulated by Offramp: by what, in order of preference."""
    lapses: Lapses | None = None
    """Of what is met: how often it was seen to fail all the same. Beyond what is tolerated, or where nobody can tell
    yet, its fit is `degraded`."""

    @property
    def is_met(self) -> bool:
        """Whether a call may rest on it. What fails now and then is met; what is ignored is not."""
        return self.fit in ("satisfied", "emulated") or self.lapses is not None
