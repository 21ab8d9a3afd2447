"""What is noted of each exchange: which capabilities it used, how far, and the case that it would make."""

from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, field

from offramp.contracts.capability import Requirement
from offramp.negotiation import requirements_of
from offramp.types import (
    AnyResponse,
    FunctionTool,
    GenerateRequest,
    Media,
    MediaKind,
    Message,
    OutcomeKind,
    Part,
    SchemaOutput,
    ToolCall,
    ToolResult,
    filled,
    value,
)


@value
class Noted:
    """One exchange."""

    request: GenerateRequest
    response: AnyResponse | None
    """None: there was no answer."""


@value
class Uses:
    """What an application used, over all of its exchanges."""

    requires: set[Requirement] = field(default_factory=set[Requirement])
    _: KW_ONLY
    exchanges: int = 0
    answered: int = 0
    refused: int = 0
    output_tokens: int = 0
    """The most that it asked for, or got."""
    tool_count: int = 0
    tool_names: set[str] = field(default_factory=set[str])
    stop_sequences: int = 0
    candidates: int = 0
    alternatives: int = 0
    media: dict[MediaKind, int] = field(default_factory=dict[MediaKind, int])
    """The most of each kind in one request."""
    schemas: list[str] = field(default_factory=list[str])
    """Names of the answers' schemas; empty ones are counted, not named."""
    kept_back: Mapping[str, int] = field(default_factory=dict[str, int])
    """What it asked and was not passed on, and why."""


def uses_of(notes: Iterable[Noted], kept_back: Mapping[str, int]) -> Uses:
    """Put all exchanges together."""
    uses = Uses(kept_back=dict(kept_back))
    for noted in notes:
        _add(uses, noted)
    return uses


def _add(uses: Uses, noted: Noted) -> None:
    request = noted.request
    uses.requires.update(requirements_of(request))
    filled(
        uses,
        exchanges=uses.exchanges + 1,
        output_tokens=max(uses.output_tokens, request.max_output_tokens or 0, _written(noted.response)),
        tool_count=max(uses.tool_count, len(request.tools)),
        stop_sequences=max(uses.stop_sequences, len(request.stop or ())),
        candidates=max(uses.candidates, request.candidates or 0),
        alternatives=max(uses.alternatives, (request.logprobs.top or 0) if request.logprobs else 0),
    )
    uses.tool_names.update(each.name for each in request.tools if isinstance(each, FunctionTool))
    for kind, count in _media_in(request.messages).items():
        uses.media[kind] = max(uses.media.get(kind, 0), count)
    if isinstance(request.output, SchemaOutput):
        uses.schemas.append(request.output.name or "")
    if noted.response is not None:
        _add_answer(uses, noted.response)


def _add_answer(uses: Uses, response: AnyResponse) -> None:
    refused = response.outcome.kind in (OutcomeKind.REFUSAL, OutcomeKind.CONTENT_FILTER)
    filled(uses, answered=uses.answered + 1, refused=uses.refused + refused)
    if sum(isinstance(part, ToolCall) for part in response.message.parts) > 1:
        uses.requires.add("tools.parallel")


def _written(response: AnyResponse | None) -> int:
    return (response.usage.output_tokens or 0) if response else 0


def _media_in(messages: Iterable[Message]) -> dict[MediaKind, int]:
    counts: dict[MediaKind, int] = {}
    for each in messages:
        for media in _media_of(each.parts):
            counts[media.kind] = counts.get(media.kind, 0) + 1
    return counts


def _media_of(parts: Iterable[Part]) -> Iterable[Media]:
    for part in parts:
        if isinstance(part, Media):
            yield part
        elif isinstance(part, ToolResult):
            yield from _media_of(part.parts)
