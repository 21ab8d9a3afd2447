"""Lies about what tools gave back: results that are mixed up, cut, or never read."""

from collections.abc import Callable
from dataclasses import replace

from offramp.types import Message, Text, ToolResult, changed
from offramp_conformance.liars.lies.lie import lie
from offramp_conformance.liars.twists import Twist


def _results(change: Callable[[list[ToolResult]], list[ToolResult]]) -> Twist:
    """Changes the results of each message, all together."""

    def message(given: Message) -> Message:
        results = [each for each in given.parts if isinstance(each, ToolResult)]
        rest = tuple(each for each in given.parts if not isinstance(each, ToolResult))
        return changed(given, parts=(*change(results), *rest)) if results else given

    return Twist(hears=lambda asked: changed(asked, messages=tuple(message(each) for each in asked.messages)))


def _swapped(results: list[ToolResult]) -> list[ToolResult]:
    contents = [each.parts for each in reversed(results)]
    return [replace(each, parts=parts) for each, parts in zip(results, contents, strict=True)]


RESULTS_SWAPPED = lie(
    "results_swapped", "The results of several calls are mixed up.", _results(_swapped), "tools.results.order"
)

RESULTS_CUT = lie(
    "results_cut",
    "A result is cut after a few hundred letters.",
    _results(
        lambda results: [
            replace(each, parts=tuple(Text(part.text[:400]) if isinstance(part, Text) else part for part in each.parts))
            for each in results
        ]
    ),
    "tools.results.long",
)

ONE_RESULT_OF_SEVERAL = lie(
    "one_result_of_several",
    "Of several results only the first is read.",
    _results(lambda results: results[:1]),
    "tools.results.all",
)

RESULT_IMAGES_DROPPED = lie(
    "result_images_dropped",
    "Images in results are dropped.",
    _results(
        lambda results: [
            replace(each, parts=tuple(part for part in each.parts if part.type != "media")) for each in results
        ]
    ),
    "tools.results.image",
    dialects=("anthropic_messages", "bedrock_converse", "openai_responses"),
)

FAILURES_HIDDEN = lie(
    "failures_hidden",
    "That a tool has failed does not reach the model.",
    _results(lambda results: [replace(each, status="ok") for each in results]),
    "tools.results.error.told",
    dialects=("anthropic_messages", "bedrock_converse", "gemini"),
)
