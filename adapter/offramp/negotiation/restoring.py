"""An answer whose form was emulated, put back into the form that was asked for: JSON as the answer's text."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain
from typing import Final, TypeAlias

from pydantic_core import from_json

from offramp.contracts.capability import Emulation
from offramp.json_schema import without_nulls
from offramp.negotiation.emulation import TOOL_NAME
from offramp.types import (
    Alternative,
    AnyResponse,
    ArgumentsDelta,
    Batch,
    Event,
    JsonObject,
    Loss,
    LossAction,
    Message,
    Outcome,
    OutcomeKind,
    Part,
    PartEnd,
    PartStart,
    ResponseEnd,
    Severity,
    Text,
    TextDelta,
    ToolCall,
    changed,
)

_Place: TypeAlias = tuple[int, int]
"""Candidate and index of a part."""

_FENCED: Final = re.compile(r"\s*```(?:json)?[ \t]*\n(.*?)\n?```\s*", re.DOTALL | re.IGNORECASE)


def restored(response: AnyResponse, by: Emulation | None, *, nullable: JsonObject | None = None) -> AnyResponse:
    """The answer as if the endpoint had been held to its form. What is taken away is a loss of the response.

    Args:
        response: as decoded.
        by: how the form was emulated. None: it was not.
        nullable: the original schema, where its optional properties were asked for as nullable. None: they were not.
    """
    if nullable is not None:
        response = _from_nulls(response, nullable)
    match by:
        case "forced_tool":
            return _from_tool(response)
        case "prompt":
            return _from_prompt(response)
        case _:
            return response


def _from_tool(response: AnyResponse) -> AnyResponse:
    losses: list[Loss] = []
    message, outcome = _ending_from_tool(response.message, response.outcome, losses, "message")
    others: list[Alternative] = []
    for place, each in enumerate(response.alternatives):
        said, ended = _ending_from_tool(each.message, each.outcome, losses, f"alternatives[{place}].message")
        others.append(replace(each, message=said, outcome=ended))
    return changed(
        response,
        message=message,
        outcome=outcome,
        alternatives=tuple(others),
        losses=(*response.losses, *losses),
    )


def _ending_from_tool(message: Message, outcome: Outcome, losses: list[Loss], path: str) -> tuple[Message, Outcome]:
    if not any(_is_ours(part) for part in message.parts):
        return message, outcome
    message = _message_from_tool(message, losses, path)
    calls = any(isinstance(part, ToolCall) and part.executor == "client" for part in message.parts)
    if outcome.kind is OutcomeKind.TOOL_CALLS and not calls:
        outcome = replace(outcome, kind=OutcomeKind.COMPLETED)
    return message, outcome


def _message_from_tool(message: Message, losses: list[Loss], path: str) -> Message:
    """The arguments as text. Words beside them are not the answer."""
    parts: list[Part] = []
    for place, part in enumerate(message.parts):
        where = f"{path}.parts[{place}]"
        if isinstance(part, Text) and part.text.strip():
            losses.append(_loss("output.aside", where, "dropped", "words beside the answer that was asked for"))
        elif isinstance(part, ToolCall) and _is_ours(part):
            parts.append(Text(part.arguments_json or "", origin=part.origin))
            if part.opaque:
                losses.append(_loss("opaque.emulated", where, "dropped", "it belongs to a call, which is a text now"))
        elif not isinstance(part, Text):
            parts.append(part)
    return replace(message, parts=tuple(parts))


def _is_ours(part: Part) -> bool:
    return isinstance(part, ToolCall) and part.name == TOOL_NAME and part.executor == "client"


def _from_nulls(response: AnyResponse, schema: JsonObject) -> AnyResponse:
    try:
        answered: object = from_json(response.text)
        meant = without_nulls(schema, answered)
    except (ValueError, RecursionError):  # no JSON, which whoever validates it will say
        return response
    texts = [place for place, part in enumerate(response.message.parts) if isinstance(part, Text)]
    if meant == answered or len(texts) != 1:
        return response
    return _with_text(response, texts[0], json.dumps(meant, ensure_ascii=False), "output.nulls", _NULLS)


_NULLS: Final = "a null that stood for a property which was left out is gone"


def _with_text(response: AnyResponse, place: int, text: str, code: str, why: str) -> AnyResponse:
    parts = list(response.message.parts)
    parts[place] = Text(text, origin=parts[place].origin)
    loss = replace(_loss(code, f"message.parts[{place}]", "rewritten", why), severity=Severity.COSMETIC)
    message = replace(response.message, parts=tuple(parts))
    return changed(response, message=message, losses=(*response.losses, loss))


def _from_prompt(response: AnyResponse) -> AnyResponse:
    texts = [place for place, part in enumerate(response.message.parts) if isinstance(part, Text)]
    fenced = _FENCED.fullmatch(response.text) if len(texts) == 1 else None
    if fenced is None:
        return response
    return _with_text(response, texts[0], fenced[1], "output.unfenced", "a code fence around the answer is gone")


def shows(by: Emulation | None) -> Callable[[Sequence[Batch]], Sequence[Batch]]:
    """What turns one stream's batches into those of the form that was asked for. It holds the state of that stream."""
    return _ArgumentsAsText().batches if by == "forced_tool" else _as_they_are


def _as_they_are(batches: Sequence[Batch]) -> Sequence[Batch]:
    return batches


class _ArgumentsAsText:
    """The forced tool's arguments as they arrive, as text. Words beside them wait, and are shown if no call comes."""

    def __init__(self) -> None:
        self._ours: set[_Place] = set()
        self._words: set[_Place] = set()
        self._waiting: list[Event] = []

    def batches(self, batches: Sequence[Batch]) -> Sequence[Batch]:
        """The same batches, with what they mean to one who asked for JSON."""
        return [replace(each, events=tuple(chain.from_iterable(map(self._shown, each.events)))) for each in batches]

    def _shown(self, event: Event) -> Sequence[Event]:
        match event:
            case PartStart(part=ToolCall() as part) if _is_ours(part):
                self._ours.add((event.candidate, event.index))
                return (replace(event, part=Text(part.arguments_json or "", origin=part.origin)),)
            case ArgumentsDelta() if (event.candidate, event.index) in self._ours:
                return (TextDelta(event.index, event.text, candidate=event.candidate),)
            case PartStart(part=Text()):
                self._words.add((event.candidate, event.index))
                return self._wait(event)
            case TextDelta() | PartEnd() if (event.candidate, event.index) in self._words:
                return self._wait(event)
            case ResponseEnd():
                return self._end(event)
            case _:
                return (event,)

    def _wait(self, event: Event) -> Sequence[Event]:
        self._waiting.append(event)
        return ()

    def _end(self, event: ResponseEnd) -> Sequence[Event]:
        if not self._ours:
            return (*self._waiting, event)
        if event.outcome.kind is OutcomeKind.TOOL_CALLS:
            return (replace(event, outcome=replace(event.outcome, kind=OutcomeKind.COMPLETED)),)
        return (event,)


def _loss(code: str, path: str, action: LossAction, why: str) -> Loss:
    return Loss(code=code, path=path, action=action, severity=Severity.BEHAVIOURAL, why=why)
