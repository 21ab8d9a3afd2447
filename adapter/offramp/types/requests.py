"""The request: one value that says all of what is asked for."""

from dataclasses import KW_ONLY
from typing import Any, Literal, TypeAlias

from offramp.types._value import JsonObject, value
from offramp.types.messages import Message
from offramp.types.provenance import Cache, Wire
from offramp.types.tools import Tool, ToolChoice

Effort: TypeAlias = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
ReasoningDisplay: TypeAlias = Literal["full", "summarized", "omitted"]


@value
class TextOutput:
    """Plain text, asked for explicitly."""

    _: KW_ONLY
    type: Literal["text"] = "text"
    wire: Wire | None = None


@value
class JsonOutput:
    """Some JSON, with no schema."""

    _: KW_ONLY
    type: Literal["json"] = "json"
    wire: Wire | None = None


@value
class SchemaOutput:
    """JSON that fits a schema."""

    schema: JsonObject
    _: KW_ONLY
    type: Literal["schema"] = "schema"
    name: str | None = None
    description: str | None = None
    strict: bool | None = None
    """Whether the vendor must enforce the schema. None leaves it to the vendor; Offramp validates in any case."""
    wire: Wire | None = None


Output: TypeAlias = TextOutput | JsonOutput | SchemaOutput


@value
class ReasoningOff:
    """No reasoning, asked for explicitly."""

    _: KW_ONLY
    type: Literal["off"] = "off"
    wire: Wire | None = None


@value
class ReasoningAdaptive:
    """The model decides how much to reason."""

    _: KW_ONLY
    type: Literal["adaptive"] = "adaptive"
    display: ReasoningDisplay | None = None
    wire: Wire | None = None


@value
class ReasoningBudget:
    """Reason within a fixed number of tokens."""

    budget_tokens: int
    _: KW_ONLY
    type: Literal["budget"] = "budget"
    display: ReasoningDisplay | None = None
    wire: Wire | None = None


ReasoningMode: TypeAlias = ReasoningOff | ReasoningAdaptive | ReasoningBudget


@value
class ReasoningSettings:
    """How much to reason, and what to show of it. Both fields None means nothing was asked: then leave it out."""

    _: KW_ONLY
    mode: ReasoningMode | None = None
    effort: Effort | None = None


@value
class Logprobs:
    """Ask for log probabilities of the answer's tokens."""

    _: KW_ONLY
    top: int | None = None
    """Alternatives per position. None: only the chosen token's."""


@value
class RoutingField:
    """A vendor field that decides who sees the data (`models`, `provider`, `mcp_servers`, `fallbacks`, …).

    Policy decides on it by name; it is never replayed as opaque residue.
    """

    _: KW_ONLY
    dialect: str
    name: str
    raw: Any
    holds_history: bool = False
    """Whether it stands for earlier messages, which the vendor keeps and the request leaves out."""


@value
class GenerateRequest:
    """One exchange with a model. None in a setting means: not given, the vendor's default holds."""

    messages: tuple[Message, ...]
    _: KW_ONLY
    model: str | None = None
    """The model in the vendor's own spelling. None: the endpoint's."""
    tools: tuple[Tool, ...] = ()
    tool_choice: ToolChoice | None = None
    parallel_tool_calls: bool | None = None
    output: Output | None = None
    reasoning: ReasoningSettings | None = None
    max_output_tokens: int | None = None
    """Upper bound of the answer in the vendor's tokens, reasoning included."""
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    seed: int | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    stop: tuple[str, ...] | None = None
    logprobs: Logprobs | None = None
    candidates: int | None = None
    """How many answers to draw."""
    stream: bool | None = None
    service_tier: str | None = None
    """The vendor's own word."""
    end_user: str | None = None
    """A stable, pseudonymous id of the person served."""
    metadata: dict[str, str] | None = None
    store: bool | None = None
    """Whether the vendor may keep the exchange for later retrieval."""
    cache: Cache | None = None
    """Cache the whole prompt so far."""
    routing: tuple[RoutingField, ...] = ()
    wire: Wire | None = None
