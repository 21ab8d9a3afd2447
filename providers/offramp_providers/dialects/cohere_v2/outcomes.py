"""Why an answer ended, and what it cost: `finish_reason` and `usage`."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from offramp.types import JsonObject, Outcome, OutcomeKind, Part, ToolCall, Usage
from offramp_providers.dialects.accounting import keep_rest
from offramp_providers.dialects.cohere_v2.encoding import Encoding
from offramp_providers.dialects.shapes import is_object

_OUTCOMES: Final[Mapping[str, OutcomeKind]] = {
    # cohere-openapi.yaml of 2026-08-20, read 2026-11-26
    "COMPLETE": OutcomeKind.COMPLETED,
    "STOP_SEQUENCE": OutcomeKind.STOP_SEQUENCE,
    "MAX_TOKENS": OutcomeKind.MAX_OUTPUT,
    "TOOL_CALL": OutcomeKind.TOOL_CALLS,
    "ERROR": OutcomeKind.ERROR,
    "TIMEOUT": OutcomeKind.ERROR,
}

_REASONS: Final[Mapping[OutcomeKind, str]] = {
    OutcomeKind.COMPLETED: "COMPLETE",
    OutcomeKind.STOP_SEQUENCE: "STOP_SEQUENCE",
    OutcomeKind.MAX_OUTPUT: "MAX_TOKENS",
    OutcomeKind.TOOL_CALLS: "TOOL_CALL",
    OutcomeKind.ERROR: "ERROR",
    OutcomeKind.EMPTY: "COMPLETE",  # without content
}
"""What has a word here. All else keeps its own, and is named as rewritten: never a word that claims completion."""

_NEAREST: Final[Mapping[OutcomeKind, str]] = {OutcomeKind.CONTEXT_EXCEEDED: "MAX_TOKENS"}


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


def outcome_of(raw: str | None, parts: Iterable[Part]) -> Outcome:
    """The outcome of a whole message."""
    kinds = set(map(type, parts))
    return decode_outcome(raw, called=ToolCall in kinds, empty=not kinds)


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
    word = _REASONS.get(outcome.kind) or _NEAREST.get(outcome.kind)
    if word is None and outcome.raw not in _OUTCOMES:
        word = outcome.raw  # another dialect's word must not turn into one of ours by accident
    if outcome_of(word, said).kind is not outcome.kind:
        encoding.log.lose("outcome.rewritten", outcome, "kind")
    return word


def decode_usage(raw: JsonObject) -> Usage:
    """The counts, as the vendor gave them. What it bills is less than what its models read, and stays in `raw`."""
    counted: Any = raw.get("tokens")
    tokens: JsonObject = counted if is_object(counted) else {}
    read, images = _count(tokens.get("input_tokens")), _count(tokens.get("image_tokens"))
    if read is not None and images is not None:
        read += images  # counted apart: a recorded answer has 259 of them beside 34 others
    return Usage(
        input_tokens=read,
        output_tokens=_count(tokens.get("output_tokens")),
        cache_read_tokens=_count(raw.get("cached_tokens")),
        reasoning_tokens=_count(tokens.get("reasoning_tokens")),
        raw=raw,
    )


def _count(found: Any) -> int | None:
    """A whole number, which the published schema allows to be written as any."""
    if type(found) is float and found.is_integer():
        return int(found)
    return found if type(found) is int else None


def encode_usage(usage: Usage, *, native: bool) -> JsonObject | None:
    """The vendor's own object where it is of this dialect, else the counts that are known."""
    if native and usage.raw is not None:
        return usage.raw
    tokens: JsonObject = {}
    for key in ("input_tokens", "output_tokens", "reasoning_tokens"):
        count = getattr(usage, key)
        if count is not None:
            tokens[key] = count
    written: JsonObject = {}
    keep_rest(written, "tokens", tokens)
    if usage.cache_read_tokens is not None:
        written["cached_tokens"] = usage.cache_read_tokens
    return written or None
