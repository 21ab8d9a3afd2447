"""What a lie of a case can be about: requests, answers, streams, errors, the wire, and questions besides."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from offramp.errors import ProviderError, ProviderErrorKind
from offramp.types import AnyResponse, Batch, Event, GenerateRequest, Message, Outcome, OutcomeKind, Text, Usage
from offramp_conformance.suite.wire_tap import Tapped
from offramp_providers.emulator.config import Dialect
from support.lying_provider import Lie

K = ProviderErrorKind


@dataclass(frozen=True, kw_only=True)
class Case:
    """A lie, and where and under which options of the run it is told."""

    lie: Callable[[], Lie]
    """Made anew for each try: some remember."""
    dialect: Dialect = "openai_chat"
    options: Mapping[str, Any] = field(default_factory=dict)


def hears(hear: Callable[[GenerateRequest], GenerateRequest], **more: Any) -> Case:
    return Case(lie=lambda: Lie(hears=hear), **more)


def forgets(*names: str, **more: Any) -> Case:
    return hears(lambda request: replace(request, **dict.fromkeys(names)), **more)


def keeping(request: GenerateRequest, keeps: Callable[[Message], bool]) -> GenerateRequest:
    return replace(request, messages=tuple(filter(keeps, request.messages)))


def says(say: Callable[[AnyResponse, GenerateRequest], AnyResponse], **more: Any) -> Case:
    return Case(lie=lambda: Lie(says=say), **more)


def spoken(response: AnyResponse, text: str) -> AnyResponse:
    return replace(response, message=replace(response.message, parts=(Text(text),)))


def writes(change: Callable[[str], str]) -> Case:
    return says(lambda response, _: spoken(response, change(response.text)))


def outcome(response: AnyResponse, kind: OutcomeKind) -> AnyResponse:
    return replace(response, outcome=Outcome(kind))


def counts(change: Callable[[Usage], Usage], **more: Any) -> Case:
    return says(lambda response, _: replace(response, usage=change(response.usage)), **more)


def of_origin(response: AnyResponse, **origin: Any) -> AnyResponse:
    assert response.origin is not None
    return replace(response, origin=replace(response.origin, **origin))


def streams(change: Callable[[list[Batch]], list[Batch]], **more: Any) -> Case:
    return Case(lie=lambda: Lie(streams=lambda batches, _: change(batches)), **more)


def each_event(change: Callable[[Event], Event | None]) -> Case:
    return streams(lambda batches: [changed_batch(each, change) for each in batches])


def changed_batch(batch: Batch, change: Callable[[Event], Event | None]) -> Batch:
    return replace(batch, events=tuple(kept for each in batch.events if (kept := change(each)) is not None))


def unless(kind: type) -> Callable[[Event], Event | None]:
    return lambda event: None if isinstance(event, kind) else event


def fails(change: Callable[[ProviderError], ProviderError | AnyResponse], **more: Any) -> Case:
    return Case(lie=lambda: Lie(fails=change), **more)


def taps(change: Callable[[Tapped], None], **more: Any) -> Case:
    return Case(lie=lambda: Lie(taps=change), **more)


def tells(tell: Callable[[Any], Any], **more: Any) -> Case:
    return Case(lie=lambda: Lie(tells=tell), **more)
