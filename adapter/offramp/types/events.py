"""Events of a streamed answer. One wire event is one batch of these, each way, so that framing survives."""

from dataclasses import KW_ONLY, field
from typing import Literal, TypeAlias

from offramp.errors import ProviderError
from offramp.types._value import JsonObject, value
from offramp.types.identity import Origin
from offramp.types.parts import Citation, Part
from offramp.types.provenance import Opaque, Wire
from offramp.types.responses import Outcome, Usage


@value
class ResponseStart:
    """The vendor has begun to answer."""

    _: KW_ONLY
    type: Literal["response_start"] = "response_start"
    origin: Origin | None = None
    usage: Usage | None = None
    wire: Wire | None = None
    """The envelope that every chunk repeats, kept once."""


@value
class PartStart:
    """A part opens. `part` is its empty or first form; the deltas that follow complete it."""

    index: int
    part: Part
    _: KW_ONLY
    type: Literal["part_start"] = "part_start"
    candidate: int = 0
    synthetic: bool = False
    """The wire had no such event: encode it to nothing."""


@value
class TextDelta:
    """More text of a text part."""

    index: int
    text: str
    _: KW_ONLY
    type: Literal["text_delta"] = "text_delta"
    candidate: int = 0


@value
class ReasoningDelta:
    """More text of a reasoning part."""

    index: int
    text: str
    _: KW_ONLY
    type: Literal["reasoning_delta"] = "reasoning_delta"
    candidate: int = 0
    summary: int | None = None
    """Which piece of the part's summary this continues. None: the reasoning itself."""


@value
class RefusalDelta:
    """More text of a refusal part."""

    index: int
    text: str
    _: KW_ONLY
    type: Literal["refusal_delta"] = "refusal_delta"
    candidate: int = 0


@value
class ArgumentsDelta:
    """More of a tool call's arguments, exactly as the vendor wrote them."""

    index: int
    text: str
    _: KW_ONLY
    type: Literal["arguments_delta"] = "arguments_delta"
    candidate: int = 0


@value
class CitationDelta:
    """A citation for a text part."""

    index: int
    citation: Citation
    _: KW_ONLY
    type: Literal["citation_delta"] = "citation_delta"
    candidate: int = 0


@value
class OpaqueDelta:
    """Opaque state for a part. Pieces of the same kind are joined."""

    index: int
    opaque: Opaque
    _: KW_ONLY
    type: Literal["opaque_delta"] = "opaque_delta"
    candidate: int = 0


@value
class PartEnd:
    """A part is complete."""

    index: int
    _: KW_ONLY
    type: Literal["part_end"] = "part_end"
    candidate: int = 0
    synthetic: bool = False


@value
class UsageUpdate:
    """Usage so far. A later value replaces an earlier one; None in it replaces nothing."""

    usage: Usage
    _: KW_ONLY
    type: Literal["usage"] = "usage"


@value
class KeepAlive:
    """Nothing but a sign of life, or a wire event that we have no name for (kept in the batch's wire)."""

    _: KW_ONLY
    type: Literal["keep_alive"] = "keep_alive"


@value
class ResponseEnd:
    """The vendor said why it stopped. Never inferred from a terminator."""

    outcome: Outcome
    _: KW_ONLY
    type: Literal["response_end"] = "response_end"
    candidate: int = 0


@value
class ResponseFailed:
    """The stream failed: an error event of the vendor's, or an end without an outcome."""

    error: ProviderError
    _: KW_ONLY
    type: Literal["response_failed"] = "response_failed"


Event: TypeAlias = (
    ResponseStart
    | PartStart
    | TextDelta
    | ReasoningDelta
    | RefusalDelta
    | ArgumentsDelta
    | CitationDelta
    | OpaqueDelta
    | PartEnd
    | UsageUpdate
    | KeepAlive
    | ResponseEnd
    | ResponseFailed
)


@value
class Batch:
    """What one wire event means: our events, in order, and what of the wire event they do not say."""

    events: tuple[Event, ...]
    _: KW_ONLY
    wire: Wire | None = None


@value
class WireEvent:
    """One event of a stream as it stood on the wire, already parsed."""

    _: KW_ONLY
    data: JsonObject | str
    """The parsed JSON object, or the raw text where it is not one (`[DONE]`)."""
    event: str | None = None
    """The SSE event name, None where none was given."""
    id: str | None = None
    headers: dict[str, str] = field(default_factory=dict[str, str])
    """Headers of a framed event (AWS event stream)."""
