"""Lies about reasoning, refusals, images and long texts."""

from collections.abc import Mapping
from dataclasses import replace

from offramp.errors import ProviderError, ProviderErrorKind
from offramp.types import (
    AnyResponse,
    Batch,
    Event,
    GenerateRequest,
    Media,
    OutcomeKind,
    Reasoning,
    ReasoningDelta,
    TextDelta,
)

from .cases import Case, counts, fails, hears, outcome, says, spoken, streams

_FAR_BEYOND = 5_000


def _reasons(response: AnyResponse, _: GenerateRequest) -> AnyResponse:
    parts = (Reasoning("The user wants something."), *response.message.parts)
    return replace(response, message=replace(response.message, parts=parts))


def _nothing_at_high_effort(response: AnyResponse, asked: GenerateRequest) -> AnyResponse:
    is_high = asked.reasoning is not None and asked.reasoning.effort == "high"
    return replace(response, message=replace(response.message, parts=())) if is_high else response


def _is_one_of(batch: Batch, kind: type[Event]) -> bool:
    return any(isinstance(each, kind) for each in batch.events)


def _text_first(batches: list[Batch]) -> list[Batch]:
    texts = [each for each in batches if _is_one_of(each, TextDelta)]
    rest = [each for each in batches if not _is_one_of(each, TextDelta)]
    first = next(at for at, each in enumerate(rest) if _is_one_of(each, ReasoningDelta))
    return [*rest[:first], *texts, *rest[first:]]


def _as_server(error: ProviderError) -> ProviderError:
    return ProviderError("the server failed", kind=ProviderErrorKind.SERVER, status=500, request_id=error.request_id)


def _without_text_beside_images(request: GenerateRequest) -> GenerateRequest:
    kept = [
        replace(each, parts=tuple(part for part in each.parts if isinstance(part, Media))) if _shows(each) else each
        for each in request.messages
    ]
    return replace(request, messages=tuple(kept))


def _shows(message: object) -> bool:
    return any(isinstance(part, Media) for part in getattr(message, "parts", ()))


LIES: Mapping[str, Case] = {
    "reasoning.off": says(_reasons, dialect="anthropic_messages"),
    "reasoning.budget": counts(
        lambda usage: replace(usage, reasoning_tokens=_FAR_BEYOND), dialect="anthropic_messages"
    ),
    "reasoning.effort": says(_nothing_at_high_effort, dialect="openai_responses"),
    "reasoning.streamed": streams(_text_first, dialect="anthropic_messages"),
    "reasoning.foreign_state": fails(_as_server, dialect="anthropic_messages"),
    "refusal.plain": says(lambda response, _: outcome(response, OutcomeKind.REFUSAL)),
    "media.image.broken": says(lambda response, _: spoken(response, "green"), dialect="anthropic_messages"),
    "media.image.with_text": hears(_without_text_beside_images, dialect="anthropic_messages"),
}
