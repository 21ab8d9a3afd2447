"""Why an answer ended, and what it cost: `finish_reason` and `usage`."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from offramp.types import AnyResponse, JsonObject, Outcome, OutcomeKind, Part, ToolCall, Usage
from offramp_providers.dialects.mistral.encoding import Encoding
from offramp_providers.dialects.shapes import count_of, is_object

_OUTCOMES: Final[Mapping[str, OutcomeKind]] = {
    # platform-docs-public openapi.yaml, 2026-08-21
    "stop": OutcomeKind.COMPLETED,
    "length": OutcomeKind.MAX_OUTPUT,
    "model_length": OutcomeKind.CONTEXT_EXCEEDED,
    "tool_calls": OutcomeKind.TOOL_CALLS,
    "error": OutcomeKind.ERROR,
}

_REASONS: Final[Mapping[OutcomeKind, str]] = {
    **{kind: word for word, kind in _OUTCOMES.items()},
    OutcomeKind.EMPTY: "stop",  # without content
}
"""What has a word here. All else keeps its own, and is named as rewritten: never a word that claims completion."""


def decode_outcome(raw: str | None, *, called: bool, empty: bool) -> Outcome:
    """Our kind beside the vendor's word.

    Args:
        raw: the vendor's word; None where it gave none.
        called: the answer holds tool calls.
        empty: the answer holds nothing.
    """
    kind = OutcomeKind.UNKNOWN if raw is None else _OUTCOMES.get(raw, OutcomeKind.UNKNOWN)
    if kind is OutcomeKind.COMPLETED:
        kind = OutcomeKind.TOOL_CALLS if called else OutcomeKind.EMPTY if empty else kind
    return Outcome(kind, raw=raw)


def outcome_of(raw: str | None, parts: Collection[Part]) -> Outcome:
    """The outcome of a whole message."""
    return decode_outcome(raw, called=any(isinstance(part, ToolCall) for part in parts), empty=not parts)


def encode_outcome(encoding: Encoding, outcome: Outcome, said: Collection[Part]) -> str | None:
    """The wire's word; None where there is none.

    Args:
        encoding: the encoding on its way.
        outcome: why the answer ended.
        said: the parts that stand on the wire beside the word; a reader judges by both.
    """
    if encoding.native:
        return outcome.raw
    for name in ("stop_sequence", "category"):
        if getattr(outcome, name) is not None:
            encoding.log.lose("outcome.rewritten", outcome, name)
    word = _REASONS.get(outcome.kind)
    if word is None:
        # Another dialect's word must not turn into one of ours by accident.
        word = "stop" if outcome.kind is OutcomeKind.STOP_SEQUENCE else outcome.raw
        word = None if word in _OUTCOMES and outcome.kind is not OutcomeKind.STOP_SEQUENCE else word
    if outcome_of(word, said).kind is not outcome.kind:
        encoding.log.lose("outcome.rewritten", outcome, "kind")
    return word


def decode_usage(raw: JsonObject) -> Usage:
    """The counts. Cached tokens stand in one of three fields, as recorded and in the schema."""
    cached: int | None = None
    for key in ("prompt_tokens_details", "prompt_token_details"):
        details: Any = raw.get(key)
        if cached is None and is_object(details):
            cached = count_of(details, "cached_tokens")
    return Usage(
        input_tokens=count_of(raw, "prompt_tokens"),
        output_tokens=count_of(raw, "completion_tokens"),
        cache_read_tokens=count_of(raw, "num_cached_tokens") if cached is None else cached,
        raw=raw,
    )


def encode_usage(usage: Usage, *, native: bool) -> JsonObject | None:
    """The vendor's own object where it is of this dialect, else the counts that are known."""
    if native and usage.raw is not None:
        return usage.raw
    read, wrote = usage.input_tokens, usage.output_tokens
    counts = {"prompt_tokens": read, "completion_tokens": wrote}
    written: JsonObject = {key: count for key, count in counts.items() if count is not None}
    if read is not None and wrote is not None:
        written["total_tokens"] = read + wrote
    if usage.cache_read_tokens is not None:
        written["prompt_tokens_details"] = {"cached_tokens": usage.cache_read_tokens}
    return written or None


UNCOUNTED: Final = ("cache_write_tokens", "reasoning_tokens")
"""Counts that this vendor does not report apart."""


def encode_usage_of(encoding: Encoding, response: AnyResponse) -> JsonObject | None:
    """The counts of an answer; what has no place is named."""
    if not encoding.native:
        for name in UNCOUNTED:
            if getattr(response.usage, name) is not None:
                encoding.log.lose("usage", response, f"usage.{name}")
    return encode_usage(response.usage, native=encoding.native)
