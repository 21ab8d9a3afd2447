"""The capability contract: what a mission may require, and what an endpoint offers."""

from dataclasses import KW_ONLY
from typing import Literal, TypeAlias

from offramp.contracts.evidence import Evidence
from offramp.types import value

Requirement: TypeAlias = Literal[
    "text",
    "streaming",
    "system",
    "system.mid_conversation",
    "tools",
    "tools.parallel",
    "tools.forced",
    "tools.strict",
    "tools.results.images",
    "tools.results.errors",
    "structured_output",
    "json_output",
    "reasoning",
    "reasoning.budget",
    "reasoning.effort",
    "input.images",
    "input.documents",
    "input.audio",
    "citations",
    "caching",
    "temperature",
    "top_k",
    "seed",
    "stop",
    "logprobs",
    "candidates",
    "penalties",
    "count_tokens",
    "embeddings",
    "models",
]
"""Closed vocabulary. A mission names these in `requires`; a request implies some of them by what it carries."""

Support: TypeAlias = Literal["native", "emulated", "ignored", "rejected", "unsupported"]
"""`ignored`: the vendor takes the parameter and does nothing. `rejected`: it answers with an error."""

Fit: TypeAlias = Literal["satisfied", "emulated", "degraded", "unsatisfiable", "unknown"]


@value
class Capability:
    """One claim about an endpoint."""

    _: KW_ONLY
    support: Support
    evidence: Evidence
    note: str | None = None
    """A limit or a condition, in one sentence."""


@value
class Finding:
    """How one requirement is met."""

    _: KW_ONLY
    requirement: Requirement
    fit: Fit
    why: str
    evidence: Evidence | None = None
