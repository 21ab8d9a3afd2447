"""Answers cut into streams."""

import dataclasses
from typing import Any

from offramp.types import (
    ArgumentsDelta,
    Batch,
    CitationDelta,
    Event,
    OpaqueDelta,
    Part,
    PartEnd,
    PartStart,
    Reasoning,
    ReasoningDelta,
    Refusal,
    RefusalDelta,
    Response,
    ResponseEnd,
    ResponseStart,
    Text,
    TextDelta,
    ToolCall,
    UsageUpdate,
)


def batches_of(answer: Response[Any]) -> list[Batch]:
    """The answer as a stream, one event a batch: each part opens empty where pieces can fill it."""
    events: list[Event] = [ResponseStart(origin=answer.origin)]
    answers = [(answer.message, answer.outcome), *((each.message, each.outcome) for each in answer.alternatives)]
    for number, (message, outcome) in enumerate(answers):
        for index, part in enumerate(message.parts):
            events += [dataclasses.replace(each, candidate=number) for each in _pieces(index, part)]
        events.append(ResponseEnd(outcome, candidate=number))
    events.append(UsageUpdate(answer.usage))
    return [Batch((event,)) for event in events]


def _pieces(index: int, part: Part) -> list[Any]:
    """The events of one part, its text in two pieces."""
    first: Part = part
    deltas: list[Any] = []
    match part:
        case Text(text=text):
            first = dataclasses.replace(part, text="", citations=(), opaque=())
            deltas = [TextDelta(index, text[:1]), TextDelta(index, text[1:])]
            deltas += [CitationDelta(index, each) for each in part.citations]
        case Reasoning(text=str(text)):
            first = dataclasses.replace(part, text="", opaque=())
            deltas = [ReasoningDelta(index, text)]
        case Refusal(text=text):
            first = dataclasses.replace(part, text="", opaque=())
            deltas = [RefusalDelta(index, text)]
        case ToolCall(arguments_json=str(text), executor="client"):
            first = dataclasses.replace(part, arguments_json="", opaque=())
            deltas = [ArgumentsDelta(index, text)]
        case _:
            return [PartStart(index, part), PartEnd(index)]
    deltas += [OpaqueDelta(index, each) for each in part.opaque]
    return [PartStart(index, first), *deltas, PartEnd(index)]
