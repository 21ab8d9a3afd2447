"""Why an answer ended, and what it cost: `finish_reason` and `usage`."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from offramp.types import JsonObject, Outcome, OutcomeKind, Part, Refusal, ToolCall, Usage
from offramp_providers.dialects.openai_chat.encoding import Encoding
from offramp_providers.dialects.shapes import is_object

_OUTCOMES: Final[Mapping[str, OutcomeKind]] = {
    "stop": OutcomeKind.COMPLETED,
    "length": OutcomeKind.MAX_OUTPUT,
    "tool_calls": OutcomeKind.TOOL_CALLS,
    "function_call": OutcomeKind.TOOL_CALLS,
    "content_filter": OutcomeKind.CONTENT_FILTER,
    # Words of other hosts (openrouter.ai and api-docs.deepseek.com, read 2026-11-23).
    "error": OutcomeKind.ERROR,
    "insufficient_system_resource": OutcomeKind.ERROR,
}

_REASONS: Final[Mapping[OutcomeKind, str]] = {
    OutcomeKind.COMPLETED: "stop",
    OutcomeKind.TOOL_CALLS: "tool_calls",
    OutcomeKind.MAX_OUTPUT: "length",
    OutcomeKind.CONTENT_FILTER: "content_filter",
    OutcomeKind.REFUSAL: "stop",  # beside a `refusal`
    OutcomeKind.EMPTY: "stop",  # without content
}
"""What has a word here. All else keeps its own, and is named as rewritten: never a word that claims completion."""

_NEAREST: Final[Mapping[OutcomeKind, str]] = {
    OutcomeKind.STOP_SEQUENCE: "stop",
    OutcomeKind.CONTEXT_EXCEEDED: "length",
}


def decode_outcome(raw: str | None, *, refused: bool, called: bool, empty: bool) -> Outcome:
    """Our kind beside the vendor's word.

    Args:
        raw: the vendor's word; None where it gave none.
        refused: the answer holds a refusal.
        called: the answer holds tool calls. Hosts say `stop`, or an empty word, beside them.
        empty: the answer holds nothing.
    """
    kind = OutcomeKind.UNKNOWN if raw is None else _OUTCOMES.get(raw, OutcomeKind.UNKNOWN)
    if refused and kind is not OutcomeKind.CONTENT_FILTER:
        kind = OutcomeKind.REFUSAL
    elif called and raw in ("stop", ""):
        kind = OutcomeKind.TOOL_CALLS
    elif empty and kind is OutcomeKind.COMPLETED:
        kind = OutcomeKind.EMPTY
    return Outcome(kind, raw=raw)


def outcome_of(raw: str | None, parts: Iterable[Part]) -> Outcome:
    """The outcome of a whole message."""
    kinds = set(map(type, parts))
    return decode_outcome(raw, refused=Refusal in kinds, called=ToolCall in kinds, empty=not kinds)


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
    if outcome.kind is OutcomeKind.REFUSAL and not any(isinstance(part, Refusal) for part in said):
        word = "content_filter"  # with no words of its own, `stop` would claim an answer
    if word is not None and outcome_of(word, said).kind is not outcome.kind:
        encoding.log.lose("outcome.rewritten", outcome, "kind")
    if word is None:
        encoding.log.lose("outcome.rewritten", outcome, "kind")
        word = _NEAREST.get(outcome.kind, outcome.raw)
        # Another dialect's word must not turn into one of ours by accident.
        return None if word in _OUTCOMES and outcome.kind not in _NEAREST else word
    return word


def decode_usage(raw: JsonObject) -> Usage:
    """The counts, as the vendor gave them."""
    read: Any = raw.get("prompt_tokens_details")
    written: Any = raw.get("completion_tokens_details")
    cached = cache_written = reasoned = None
    if is_object(read):
        cached, cache_written = _count(read.get("cached_tokens")), _count(read.get("cache_write_tokens"))
    if is_object(written):
        reasoned = _count(written.get("reasoning_tokens"))
    return Usage(
        input_tokens=_count(raw.get("prompt_tokens")),
        output_tokens=_count(raw.get("completion_tokens")),
        cache_read_tokens=_count(raw.get("prompt_cache_hit_tokens")) if cached is None else cached,
        cache_write_tokens=cache_written,
        reasoning_tokens=reasoned,
        raw=raw,
    )


def _count(found: Any) -> int | None:
    return found if type(found) is int else None


def encode_usage(usage: Usage, *, native: bool) -> JsonObject | None:
    """The vendor's own object where it is of this dialect, else the counts that are known."""
    if native and usage.raw is not None:
        return usage.raw
    written: JsonObject = {}
    _put(written, "prompt_tokens", usage.input_tokens)
    _put(written, "completion_tokens", usage.output_tokens)
    if usage.input_tokens is not None and usage.output_tokens is not None:
        written["total_tokens"] = usage.input_tokens + usage.output_tokens
    details: JsonObject = {}
    _put(details, "cached_tokens", usage.cache_read_tokens)
    _put(details, "cache_write_tokens", usage.cache_write_tokens)
    if details:
        written["prompt_tokens_details"] = details
    if usage.reasoning_tokens is not None:
        written["completion_tokens_details"] = {"reasoning_tokens": usage.reasoning_tokens}
    return written or None


def _put(written: JsonObject, key: str, count: int | None) -> None:
    if count is not None:
        written[key] = count
