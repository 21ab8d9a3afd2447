"""Token counts: this wire counts the uncached remainder of the input, the canonical model all of it."""

from typing import Any

from offramp.types import JsonMapping, JsonObject, Usage
from offramp_providers.dialects.shapes import is_object


def decode_usage(raw: JsonObject) -> Usage:
    """The counts. All of the input is known only where the vendor gives the cached counts too."""
    uncached, output = _count(raw, "input_tokens"), _count(raw, "output_tokens")
    read, written = _count(raw, "cache_read_input_tokens"), _count(raw, "cache_creation_input_tokens")
    details: Any = raw.get("output_tokens_details")
    total = None if uncached is None or read is None or written is None else uncached + read + written
    return Usage(
        input_tokens=total,
        output_tokens=output,
        cache_read_tokens=read,
        cache_write_tokens=written,
        reasoning_tokens=_count(details, "thinking_tokens") if is_object(details) else None,
        raw=raw,
    )


def _count(raw: JsonMapping, key: str) -> int | None:
    found: Any = raw.get(key)
    return found if type(found) is int else None


def encode_usage(usage: Usage, *, own: bool) -> JsonObject:
    """The counts as this vendor writes them; what is unknown is null.

    Args:
        usage: the counts.
        own: whether `usage.raw` is of this dialect. It is written back where it says the same.
    """
    if own and usage.raw is not None and decode_usage(usage.raw) == usage:
        return usage.raw
    read, written = usage.cache_read_tokens, usage.cache_write_tokens
    uncached = None if usage.input_tokens is None else usage.input_tokens - (read or 0) - (written or 0)
    # Hosts have been seen to count more cached input than input in all (recorded traffic, read 2026-11-23).
    sent: JsonObject = {
        "input_tokens": None if uncached is None else max(uncached, 0),
        "output_tokens": usage.output_tokens,
    }
    if read is not None:
        sent["cache_read_input_tokens"] = read
    if written is not None:
        sent["cache_creation_input_tokens"] = written
    if usage.reasoning_tokens is not None:
        sent["output_tokens_details"] = {"thinking_tokens": usage.reasoning_tokens}
    return sent


def loses_total(usage: Usage, *, own: bool) -> bool:
    """Whether a reader cannot tell all of the input, which it can only beside both cached counts, if they fit."""
    if own and usage.raw is not None and decode_usage(usage.raw) == usage:
        return False
    total, read, written = usage.input_tokens, usage.cache_read_tokens, usage.cache_write_tokens
    return total is not None and (read is None or written is None or read + written > total)
