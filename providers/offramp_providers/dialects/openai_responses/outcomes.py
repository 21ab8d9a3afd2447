"""Why an answer ended, and what it cost: `status`, `incomplete_details` and `usage`."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from offramp.types import (
    JsonObject,
    Outcome,
    OutcomeKind,
    Part,
    Refusal,
    ToolCall,
    Unknown,
    Usage,
)
from offramp_providers.dialects.accounting import keep_rest, take_object
from offramp_providers.dialects.openai_responses.encoding import Encoding
from offramp_providers.dialects.openai_responses.items import CLIENT_CALLS
from offramp_providers.dialects.shapes import is_object, take_text

_OUTCOMES: Final[Mapping[str, OutcomeKind]] = {
    "completed": OutcomeKind.COMPLETED,
    "failed": OutcomeKind.ERROR,
    "cancelled": OutcomeKind.CANCELLED,
    # An answer that is still being made in the background.
    "queued": OutcomeKind.PAUSED,
    "in_progress": OutcomeKind.PAUSED,
}
_REASONS: Final[Mapping[str, OutcomeKind]] = {
    "max_output_tokens": OutcomeKind.MAX_OUTPUT,
    "content_filter": OutcomeKind.CONTENT_FILTER,
}
# Both: openai-openapi 2.3.0, read 2026-11-23.

REASON: Final = "raw=reason"
"""Marks an answer whose word is the reason for which it is incomplete."""

_WORDS: Final[Mapping[OutcomeKind, tuple[str, str | None]]] = {
    OutcomeKind.COMPLETED: ("completed", None),
    OutcomeKind.TOOL_CALLS: ("completed", None),
    OutcomeKind.REFUSAL: ("completed", None),
    OutcomeKind.EMPTY: ("completed", None),
    OutcomeKind.MAX_OUTPUT: ("incomplete", "max_output_tokens"),
    OutcomeKind.CONTENT_FILTER: ("incomplete", "content_filter"),
    OutcomeKind.CANCELLED: ("cancelled", None),
    OutcomeKind.ERROR: ("failed", None),
}
"""What has a word here."""

_NEAREST: Final[Mapping[OutcomeKind, tuple[str, str | None]]] = {
    OutcomeKind.STOP_SEQUENCE: ("completed", None),
    OutcomeKind.CONTEXT_EXCEEDED: ("incomplete", "max_output_tokens"),
}


def take_outcome(left: JsonObject, parts: Iterable[Part]) -> tuple[Outcome, tuple[str, ...]]:
    """Take the status and the reason of an incomplete answer; and the mark that tells which of them is the word."""
    status = take_text(left, "status")
    reason: str | None = None
    if status == "incomplete":
        details = take_object(left, "incomplete_details")
        if details is not None:
            reason = take_text(details, "reason")
            keep_rest(left, "incomplete_details", details)
            if reason is None:
                left.setdefault("incomplete_details", details)
    kinds = {type(part) for part in parts}
    kind = _REASONS.get(reason or "") or _OUTCOMES.get(status or "", OutcomeKind.UNKNOWN)
    if Refusal in kinds and kind is not OutcomeKind.CONTENT_FILTER:
        kind = OutcomeKind.REFUSAL
    elif kind is OutcomeKind.COMPLETED:
        kind = OutcomeKind.TOOL_CALLS if _is_called(parts) else kind if kinds else OutcomeKind.EMPTY
    return Outcome(kind, raw=status if reason is None else reason), () if reason is None else (REASON,)


def _is_called(parts: Iterable[Part]) -> bool:
    """Whether the application is to run something."""
    for part in parts:
        if isinstance(part, ToolCall) and part.executor == "client":
            return True
        if isinstance(part, Unknown) and (part.vendor_type in CLIENT_CALLS or _is_search_of_ours(part)):
            return True
    return False


def _is_search_of_ours(part: Unknown) -> bool:
    raw: Any = part.raw
    return part.vendor_type == "tool_search_call" and is_object(raw) and raw.get("execution") == "client"


def encode_outcome(encoding: Encoding, outcome: Outcome, said: Collection[Part], form: tuple[str, ...]) -> JsonObject:
    """Status and reason.

    Args:
        encoding: the encoding on its way.
        outcome: why the answer ended.
        said: the parts that stand on the wire beside the word; a reader judges by both.
        form: how the answer was spelled, where it is of this dialect.
    """
    if encoding.native:
        if REASON in form:
            return {"status": "incomplete", "incomplete_details": {"reason": outcome.raw}}
        return {} if outcome.raw is None else {"status": outcome.raw}
    for name in ("stop_sequence", "category"):
        if getattr(outcome, name) is not None:
            encoding.log.lose("outcome.rewritten", outcome, name)
    # What has no word here is said not to be complete, without a reason.
    status, reason = _WORDS.get(outcome.kind) or _NEAREST.get(outcome.kind) or ("incomplete", None)
    if outcome.kind is OutcomeKind.REFUSAL and not any(isinstance(part, Refusal) for part in said):
        status, reason = "incomplete", "content_filter"  # with no words of its own, `completed` would claim an answer
    details: Any = None if reason is None else {"reason": reason}
    written: JsonObject = {"status": status, "incomplete_details": details}
    if take_outcome(dict(written), said)[0].kind is not outcome.kind:
        encoding.log.lose("outcome.rewritten", outcome, "kind")
    return written


def decode_usage(raw: JsonObject) -> Usage:
    """The counts, as the vendor gave them."""
    read: Any = raw.get("input_tokens_details")
    written: Any = raw.get("output_tokens_details")
    cached = cache_written = reasoned = None
    if is_object(read):
        cached, cache_written = _count(read.get("cached_tokens")), _count(read.get("cache_write_tokens"))
    if is_object(written):
        reasoned = _count(written.get("reasoning_tokens"))
    return Usage(
        input_tokens=_count(raw.get("input_tokens")),
        output_tokens=_count(raw.get("output_tokens")),
        cache_read_tokens=cached,
        cache_write_tokens=cache_written,
        reasoning_tokens=reasoned,
        raw=raw,
    )


def _count(found: Any) -> int | None:
    return found if type(found) is int else None


def take_usage(left: JsonObject) -> Usage | None:
    """Take the counts, where there are any."""
    found: Any = left.get("usage")
    if not is_object(found):
        return None
    del left["usage"]
    return decode_usage(found)


def encode_usage(usage: Usage, *, native: bool) -> JsonObject | None:
    """The vendor's own object where it is of this dialect, else the counts that are known."""
    if native:
        return usage.raw
    written: JsonObject = {}
    _put(written, "input_tokens", usage.input_tokens)
    _put(written, "output_tokens", usage.output_tokens)
    if usage.input_tokens is not None and usage.output_tokens is not None:
        written["total_tokens"] = usage.input_tokens + usage.output_tokens
    details: JsonObject = {}
    _put(details, "cached_tokens", usage.cache_read_tokens)
    _put(details, "cache_write_tokens", usage.cache_write_tokens)
    if details:
        written["input_tokens_details"] = details
    if usage.reasoning_tokens is not None:
        written["output_tokens_details"] = {"reasoning_tokens": usage.reasoning_tokens}
    return written or None


def _put(written: JsonObject, key: str, count: int | None) -> None:
    if count is not None:
        written[key] = count
