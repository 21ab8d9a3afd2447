"""Lies about calls of tools and their results, and about conversations that were taken over."""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace

from offramp.types import (
    AnyResponse,
    ArgumentsDelta,
    Batch,
    Event,
    GenerateRequest,
    Message,
    OutcomeKind,
    Text,
    ToolCall,
    ToolResult,
    Unknown,
)

from .cases import Case, changed_batch, hears, outcome, says, spoken, streams


def _each_call(change: Callable[[ToolCall], ToolCall]) -> Case:
    def say(response: AnyResponse, _: GenerateRequest) -> AnyResponse:
        parts = tuple(change(part) if isinstance(part, ToolCall) else part for part in response.message.parts)
        return replace(response, message=replace(response.message, parts=parts))

    return says(say)


def _also_calls(name: str) -> Case:
    """Calls this tool, too, wherever any is offered."""

    def say(response: AnyResponse, asked: GenerateRequest) -> AnyResponse:
        parts = (*response.message.parts, ToolCall("call_more", name, "{}"))
        return replace(response, message=replace(response.message, parts=parts)) if asked.tools else response

    return says(say)


def _with_a_widget(response: AnyResponse, _: GenerateRequest) -> AnyResponse:
    widget = Unknown(dialect="openai_chat", vendor_type="widget", raw={"type": "widget"})
    return replace(response, message=replace(response.message, parts=(*response.message.parts, widget)))


def _silent_after(is_told: Callable[[Message], bool]) -> Case:
    """Gives an empty answer where the history has such a message."""

    def say(response: AnyResponse, asked: GenerateRequest) -> AnyResponse:
        return spoken(response, "") if any(map(is_told, asked.messages)) else response

    return says(say)


def _has_results(message: Message) -> bool:
    return any(isinstance(part, ToolResult) for part in message.parts)


def _results_are(text: str) -> Case:
    def message(given: Message) -> Message:
        return replace(
            given,
            parts=tuple(replace(p, parts=(Text(text),)) if isinstance(p, ToolResult) else p for p in given.parts),
        )

    return hears(lambda request: replace(request, messages=tuple(map(message, request.messages))))


def _cut(response: AnyResponse, _: GenerateRequest) -> AnyResponse:
    """Arguments end in their middle, and are said to be whole."""
    parts = (ToolCall("call_1", "look", '{"place": "nowh'),)
    return outcome(replace(response, message=replace(response.message, parts=parts)), OutcomeKind.TOOL_CALLS)


def _one_tool_in_streams(request: GenerateRequest) -> GenerateRequest:
    return replace(request, tools=request.tools[:1]) if request.stream else request


def _arguments_at_once(batches: list[Batch]) -> list[Batch]:
    pieces = [each.text for batch in batches for each in batch.events if isinstance(each, ArgumentsDelta)]
    joined = itertools.chain(["".join(pieces)], itertools.repeat(""))

    def first_has_all(event: Event) -> Event:
        return replace(event, text=next(joined)) if isinstance(event, ArgumentsDelta) else event

    return [changed_batch(each, first_has_all) for each in batches]


LIES: Mapping[str, Case] = {
    "tools.outcome": says(lambda response, _: outcome(response, OutcomeKind.COMPLETED)),
    "tools.arguments.cut": says(_cut),
    "tools.undeclared": _also_calls("ghost"),
    "tools.refrains": _also_calls("ring_bell"),
    "tools.ids.turns": _each_call(lambda call: replace(call, call_id="call_1")),
    "tools.results.used": _results_are("Nothing."),
    "tools.results.error": _silent_after(_has_results),
    "tools.results.empty": _silent_after(_has_results),
    "tools.rounds": hears(lambda request: replace(request, messages=request.messages[-3:])),
    "tools.streamed.same": hears(_one_tool_in_streams),
    "tools.streamed.pieces": streams(_arguments_at_once),
    "handoff.in.words": hears(lambda request: replace(request, messages=request.messages[-1:])),
    "handoff.in.mid_loop": _silent_after(_has_results),
    "handoff.in.interrupted": says(lambda response, _: spoken(response, "")),
    "handoff.in.assistant_first": says(lambda response, _: spoken(response, "")),
    "handoff.return": _silent_after(_has_results),
    "handoff.out": says(_with_a_widget),
}
