"""What a request needs of an endpoint, by what it carries."""

from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Final

from offramp.contracts.capability import Requirement
from offramp.types import (
    FunctionTool,
    GenerateRequest,
    JsonOutput,
    Media,
    MediaKind,
    Message,
    Part,
    ReasoningAdaptive,
    ReasoningBudget,
    SchemaOutput,
    Text,
    ToolCall,
    ToolChoiceAny,
    ToolChoiceNamed,
    ToolChoiceNone,
    ToolResult,
)

_MEDIA: Final[Mapping[MediaKind, Requirement]] = {
    "image": "input.images",
    "document": "input.documents",
    "audio": "input.audio",
    "video": "input.video",
}

_SETTINGS: Final[Mapping[Requirement, tuple[str, ...]]] = {
    "temperature": ("temperature", "top_p"),
    "top_k": ("top_k",),
    "seed": ("seed",),
    "stop": ("stop",),
    "logprobs": ("logprobs",),
    "penalties": ("frequency_penalty", "presence_penalty"),
}
"""The settings that a claim speaks of. Vendors that refuse a temperature refuse top_p with it."""

_NAMES: Final = tuple(name for names in _SETTINGS.values() for name in names)
_read_settings: Final = attrgetter(*_NAMES)
_NONE_GIVEN: Final = (None,) * len(_NAMES)

_read_plain: Final = attrgetter(
    *_NAMES, "tools", "tool_choice", "output", "candidates", "reasoning", "stream", "cache", "parallel_tool_calls"
)
_PLAIN: Final = _read_plain(GenerateRequest(()))

_NEUTRAL: Final[Mapping[str, tuple[object, ...]]] = {"penalties": (None, 0)}
"""Values that ask for nothing, where that is more than absence."""


def requirements_of(request: GenerateRequest) -> frozenset[Requirement]:
    """What a request needs by what it carries. A neutral value (one candidate, a penalty of zero) needs nothing."""
    if _read_plain(request) == _PLAIN:  # most requests are text and nothing else
        return frozenset(_of_messages(request.messages))
    needs: set[Requirement] = set(_of_settings(request))
    if request.tools or request.tool_choice is not None:
        needs.update(_of_tools(request))
    needs.update(_of_messages(request.messages))
    if request.cache is not None:
        needs.add("caching")
    return frozenset(needs)


def _of_settings(request: GenerateRequest) -> Iterator[Requirement]:
    if request.stream:
        yield "streaming"
    match request.output:
        case SchemaOutput():
            yield "structured_output"
        case JsonOutput():
            yield "json_output"
        case _:
            pass
    if _read_settings(request) != _NONE_GIVEN:
        for requirement in _SETTINGS:
            if given_settings(request, requirement):
                yield requirement
    if request.candidates is not None and request.candidates > 1:
        yield "candidates"
    yield from _of_reasoning(request)


_NAMES_OF: Final[Mapping[str, tuple[str, ...]]] = {str(word): names for word, names in _SETTINGS.items()}


def given_settings(request: GenerateRequest, requirement: str) -> list[str]:
    """Which of the single settings that a claim about this requirement speaks of the request gives, by field name."""
    neutral = _NEUTRAL.get(requirement, (None, ()))
    return [name for name in _NAMES_OF.get(requirement, ()) if getattr(request, name) not in neutral]


def _of_reasoning(request: GenerateRequest) -> Iterator[Requirement]:
    if request.reasoning is None:
        return
    match request.reasoning.mode:
        case ReasoningBudget():
            yield from ("reasoning", "reasoning.budget")
        case ReasoningAdaptive():
            yield "reasoning"
        case _:
            pass
    if request.reasoning.effort not in (None, "none"):
        yield from ("reasoning", "reasoning.effort")


def _of_tools(request: GenerateRequest) -> Iterator[Requirement]:
    functions = [tool for tool in request.tools if isinstance(tool, FunctionTool)]
    if functions:
        yield "tools"
    if any(tool.strict for tool in functions):
        yield "tools.strict"
    if any(tool.cache for tool in functions):
        yield "caching"
    if functions and request.parallel_tool_calls:
        yield "tools.parallel"
    if isinstance(request.tool_choice, ToolChoiceAny | ToolChoiceNamed):
        yield "tools.forced"
    if isinstance(request.tool_choice, ToolChoiceNone):
        yield "tools.none"


def _of_messages(messages: Sequence[Message]) -> Iterator[Requirement]:
    leading = True
    for message in messages:
        if message.role in ("system", "developer"):
            yield "system" if leading else "system.mid_conversation"
        else:
            leading = False
        for part in message.parts:
            if part.cache is not None:
                yield "caching"
            # Most of a history is text, which needs nothing: it is passed over before anything is called.
            if not isinstance(part, Text):
                yield from _of_part(part, message)


def _of_part(part: Part, message: Message) -> Iterator[Requirement]:
    match part:
        case ToolCall(executor="client"):
            yield "tools"
        case ToolResult(executor="client"):
            yield "tools"
            yield from _of_result(part)
        case Media() if message.role == "user" and part.kind in _MEDIA:
            # What a model itself once drew or said is history: where it cannot be sent, the encoder names the loss.
            yield _MEDIA[part.kind]
        case _:
            pass


def _of_result(result: ToolResult) -> Iterator[Requirement]:
    if result.status == "error":
        yield "tools.results.errors"
    if any(isinstance(part, Media) and part.kind == "image" for part in result.parts):
        yield "tools.results.images"
