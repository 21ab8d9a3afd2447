"""Lies about who serves, from which store, and how fast."""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from offramp.types import (
    AnyResponse,
    Batch,
    Embeddings,
    Event,
    GenerateRequest,
    Message,
    ModelInfo,
    ModelList,
    ResponseStart,
    TokenCount,
)
from offramp_conformance.suite.wire_tap import Tapped
from support.lying_provider import Lie

from .cases import Case, counts, each_event, hears, keeping, of_origin, says, taps, tells


def _remembering() -> Lie:
    heard: list[Message] = []

    def hear(request: GenerateRequest) -> GenerateRequest:
        told = replace(request, messages=(*heard, *request.messages))
        heard.extend(request.messages)
        return told

    return Lie(hears=hear)


def _names_in_turn() -> Lie:
    names = itertools.cycle(("gpt-4.1", "gpt-4.1-2026-01-01"))
    return Lie(says=lambda response, _: of_origin(response, model=next(names)))


def _answer_before() -> Lie:
    """Gives the answer to the question before."""
    given: list[AnyResponse] = []

    def say(response: AnyResponse, _: GenerateRequest) -> AnyResponse:
        given.append(response)
        return given[max(0, len(given) - 2)]

    return Lie(says=say)


def _stream_before() -> Lie:
    given: list[list[Batch]] = []

    def stream(batches: list[Batch], _: GenerateRequest) -> list[Batch]:
        given.append(batches)
        return given[max(0, len(given) - 2)]

    return Lie(streams=stream)


def _of_another(event: Event) -> Event:
    if isinstance(event, ResponseStart) and event.origin is not None:
        return replace(event, origin=replace(event.origin, model="another"))
    return event


def _another_in_the_middle(tap: Tapped) -> None:
    tap.received[:] = tap.received.replace(b'"gpt-4.1"', b'"gpt-4.1-nano"', 3)


def _vectors(change: Callable[[tuple[Any, ...]], tuple[Any, ...]]) -> Case:
    def tell(told: Embeddings) -> Embeddings:
        return replace(told, embeddings=change(told.embeddings))

    return tells(tell)


def _drifting() -> Lie:
    turns = itertools.count()

    def tell(told: Embeddings) -> Embeddings:
        sign = -1 if next(turns) % 2 else 1
        made = [replace(each, vector=tuple(sign * number for number in each.vector or ())) for each in told.embeddings]
        return replace(told, embeddings=tuple(made))

    return Lie(tells=tell)


def _blurred(made: tuple[Any, ...]) -> tuple[Any, ...]:
    """Each of several has something of the others."""
    if len(made) == 1:
        return made
    mean = [sum(numbers) / len(made) for numbers in zip(*(each.vector for each in made), strict=True)]
    return tuple(
        replace(each, vector=tuple(own + shared for own, shared in zip(each.vector, mean, strict=True)))
        for each in made
    )


def _twice_as_many(told: TokenCount) -> TokenCount:
    return replace(told, input_tokens=2 * (told.input_tokens or 0))


def _of_messages_only(request: GenerateRequest) -> GenerateRequest:
    return replace(keeping(request, lambda each: each.role != "system"), tools=())


def _listing(*names: str) -> Callable[[ModelList], ModelList]:
    return lambda told: replace(told, models=tuple(ModelInfo(name) for name in names))


LIES: Mapping[str, Case] = {
    "served.model": says(lambda response, _: of_origin(response, model="another")),
    "served.stream": each_event(_of_another),
    "served.told": says(lambda response, _: of_origin(response, model=None)),
    "served.throughout": taps(_another_in_the_middle),
    "served.steady": Case(lie=_names_in_turn),
    "operations.count_tokens.grows": tells(lambda told: replace(told, input_tokens=12), dialect="anthropic_messages"),
    "operations.count_tokens.honest": tells(_twice_as_many, dialect="anthropic_messages"),
    "operations.count_tokens.of_everything": hears(_of_messages_only, dialect="anthropic_messages"),
    "operations.models.listed": tells(_listing("another")),
    "operations.models.unique": tells(_listing("gpt-4.1", "gpt-4.1")),
    "operations.embeddings.counted": _vectors(lambda made: made[:-1]),
    "operations.embeddings.repeats": Case(lie=_drifting),
    "operations.embeddings.among_others": _vectors(_blurred),
    "operations.embeddings.order": _vectors(lambda made: made[::-1]),
    "operations.embeddings.apart": _vectors(lambda made: made[:1] * len(made)),
    "caching.told": counts(lambda usage: replace(usage, cache_read_tokens=0)),
    "caching.not_made_up": counts(lambda usage: replace(usage, cache_read_tokens=usage.input_tokens)),
    "caching.own_answer": Case(lie=_answer_before),
    "caching.fresh": Case(lie=_answer_before),
    "caching.not_replayed": Case(lie=_answer_before),
    "isolation.answers": Case(lie=_answer_before),
    "isolation.streams": Case(lie=_stream_before),
    "isolation.system": Case(lie=_answer_before),
    "isolation.stateless": Case(lie=_remembering),
    "latency.first_output": Case(lie=Lie, options={"first_output_s": 0.0}),
    "latency.throughput": Case(lie=Lie, options={"output_tokens_per_s": 1e12}),
    "latency.whole": Case(lie=Lie, options={"whole_answer_s": 0.0}),
}
