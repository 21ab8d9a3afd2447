"""Lies about counts: tokens that were not read or written, or were and are not told."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from offramp.types import JsonObject, TokenCount, changed, value
from offramp_conformance.liars.asides import Told
from offramp_conformance.liars.json_leaves import with_numbers
from offramp_conformance.liars.lies.lie import lie
from offramp_conformance.liars.streams import edited
from offramp_conformance.liars.twists import Twist
from offramp_providers.emulator.answers import Answer, Thought
from offramp_providers.emulator.wire import WireEvent, Writing

_INJECTED: Final = 900
"""Tokens of a system prompt that a reseller adds and bills."""
_OF_PROMPTS: Final = ("prompt_tokens", "input_tokens", "promptTokenCount", "inputTokens", "prompt_eval_count")
_USAGE: Final = ("usage", "usageMetadata")


def _input(count: Callable[[int], int]) -> Twist:
    return Twist(writes=lambda writing: replace(writing, input_tokens=count(writing.input_tokens)))


def _padded() -> Twist:
    calls = itertools.count()

    def writes(writing: Writing) -> Writing:
        extra = _INJECTED if next(calls) % 2 else 0
        return replace(writing, input_tokens=writing.input_tokens + extra)

    return Twist(writes=writes)


INPUT_PADDED = lie(
    "input_padded",
    "Something is added to some prompts, and counted.",
    _padded,
    "usage.input.repeats",
    "operations.count_tokens.honest",
)


INPUT_CONSTANT = lie("input_constant", "Every prompt counts the same.", _input(lambda _: 42), "usage.input.grows")

INPUT_INFLATED = lie(
    "input_inflated",
    "Twenty times as many tokens are counted as were read.",
    _input(lambda count: count * 20),
    "usage.input.grows",
)

INPUT_IN_LETTERS = lie("input_uncounted", "A prompt counts as nothing.", _input(lambda _: 0), "usage.counts_something")


@value
class _Counted(Answer):
    """An answer that counts as one token more than twice its length."""

    @property
    def tokens(self) -> int:
        return 2 * super(_Counted, self).tokens + 1  # noqa: UP008  # a class with slots is made anew


@value
class _Constant(Answer):
    """An answer that always counts the same."""

    @property
    def tokens(self) -> int:
        return 7


@value
class _Inflated(Answer):
    """An answer that counts twenty times its length."""

    @property
    def tokens(self) -> int:
        return 20 * super(_Inflated, self).tokens  # noqa: UP008  # a class with slots is made anew


def _output(kind: type[Answer]) -> Twist:
    return Twist(says=lambda answer, _: kind(answer.parts, answer.ending, answer.stop))


OUTPUT_CONSTANT = lie("output_constant", "Every answer counts the same.", _output(_Constant), "usage.output.grows")

OUTPUT_INFLATED = lie(
    "output_inflated",
    "Twenty times as many tokens are counted as were written.",
    _output(_Inflated),
    "usage.output.grows",
    "parameters.max_output.counted",
)

CACHED_BEYOND = lie(
    "cached_beyond",
    "More tokens are cached than were read.",
    Twist(writes=lambda writing: replace(writing, cached_tokens=writing.input_tokens + 500)),
    "usage.cached_within_input",
    dialects=("openai_chat", "openai_responses", "gemini", "mistral"),
)

NEVER_CACHED = lie(
    "never_cached",
    "Nothing is ever read from a cache, though caching is claimed.",
    Twist(writes=lambda writing: replace(writing, cached_tokens=0)),
    "caching.told",
    dialects=("anthropic_messages", "openai_chat", "openai_responses", "gemini", "bedrock_converse"),
    is_steady=True,
)


def _cached_at_once(writing: Writing) -> Writing:
    return replace(writing, cached_tokens=writing.input_tokens * 9 // 10)


CACHED_AT_ONCE = lie(
    "cached_at_once",
    "Even a prompt that was never seen is said to be read from a cache.",
    Twist(writes=_cached_at_once),
    "caching.not_made_up",
    dialects=("openai_chat", "openai_responses", "gemini", "mistral"),
)


def _without_usage(body: JsonObject) -> JsonObject:
    return {key: held for key, held in body.items() if key not in _USAGE}


USAGE_UNTOLD = lie(
    "usage_untold",
    "An answer does not tell its tokens.",
    Twist(puts=_without_usage),
    "usage.told",
    dialects=("openai_chat", "anthropic_messages", "openai_responses", "gemini", "mistral", "bedrock_converse"),
)


def _untold(event: WireEvent) -> WireEvent:
    def edit(data: JsonObject) -> JsonObject:
        nested = {key: _without_usage(data[key]) for key in ("message", "response") if isinstance(data.get(key), dict)}
        return {**_without_usage(data), **nested}

    return edited(event, edit)


USAGE_UNTOLD_IN_STREAMS = lie(
    "usage_untold_in_streams",
    "A stream does not tell its tokens.",
    Twist(sends=lambda events: [_untold(each) for each in events]),
    "usage.told_by_streams",
    dialects=("openai_chat", "openai_responses", "gemini", "mistral", "bedrock_converse"),
)


def _doubled(event: WireEvent) -> WireEvent:
    return edited(event, lambda data: with_numbers(data, _OF_PROMPTS, lambda count: count * 2))


STREAMS_COUNT_DOUBLE = lie(
    "streams_count_double",
    "A stream counts its prompt twice.",
    Twist(sends=lambda events: [_doubled(each) for each in events]),
    "usage.streams_alike",
    dialects=("openai_chat", "openai_responses", "gemini", "mistral"),
)


def _wrong_total(body: JsonObject) -> JsonObject:
    for name, key in (("usage", "total_tokens"), ("usage", "totalTokens"), ("usageMetadata", "totalTokenCount")):
        if isinstance(body.get(name), dict) and key in body[name]:
            body[name] = {**body[name], key: body[name][key] + 17}
    return body


TOTAL_WRONG = lie(
    "total_wrong",
    "Input and output do not add up to the total.",
    Twist(puts=_wrong_total),
    "usage.total",
    # Where the total is what the input is told by, it cannot be wrong.
    dialects=("openai_chat", "openai_responses", "gemini", "mistral"),
)


def _halved(told: Told) -> Told:
    if isinstance(told, TokenCount) and told.input_tokens is not None:
        return changed(told, input_tokens=told.input_tokens // 2)
    return told


COUNTER_WRONG = lie(
    "counter_wrong",
    "The counter counts half of what a prompt is billed.",
    Twist(tells=_halved),
    "operations.count_tokens.honest",
    dialects=("anthropic_messages", "openai_responses", "gemini", "bedrock_converse"),
)


def _constant(told: Told) -> Told:
    return changed(told, input_tokens=11) if isinstance(told, TokenCount) else told


COUNTER_CONSTANT = lie(
    "counter_constant",
    "The counter says the same of every prompt.",
    Twist(tells=_constant),
    "operations.count_tokens.grows",
    dialects=("anthropic_messages", "openai_responses", "gemini", "bedrock_converse"),
)


def _reasoned(body: JsonObject) -> JsonObject:
    usage = body["usage"]
    details = {**usage.get("completion_tokens_details", {}), "reasoning_tokens": usage["completion_tokens"] + 640}
    return {**body, "usage": {**usage, "completion_tokens_details": details}}


REASONING_BEYOND = lie(
    "reasoning_beyond",
    "More reasoning is counted than was written in all.",
    Twist(puts=_reasoned),
    "usage.reasoning_within_output",
    dialects=("openai_chat",),
)


def _thoughts_hidden(answer: Answer, _: object) -> Answer:
    return changed(answer, parts=tuple(each for each in answer.parts if not isinstance(each, Thought)))


THINKING_SKIPPED = lie(
    "thinking_skipped",
    "Reasoning is asked for, and none is done.",
    Twist(says=_thoughts_hidden),
    "reasoning",
    dialects=(
        "anthropic_messages",
        "bedrock_converse",
        "openai_responses",
        "gemini",
        "mistral",
        "cohere_v2",
        "ollama_native",
    ),
)
