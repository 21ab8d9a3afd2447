"""Token counts: this wire counts cached input beside the rest of it, and all of it in the total."""

from offramp.types import JsonObject, Usage
from offramp_providers.dialects.shapes import count_of


def decode_usage(raw: JsonObject) -> Usage:
    """The counts. All of the input is what the total has beyond the answer (recorded traffic, read 2026-11-26)."""
    uncached, output, total = (count_of(raw, key) for key in ("inputTokens", "outputTokens", "totalTokens"))
    read, written = count_of(raw, "cacheReadInputTokens"), count_of(raw, "cacheWriteInputTokens")
    whole = None if total is None or output is None or total < output else total - output
    if whole is None and uncached is not None and read is not None and written is not None:
        whole = uncached + read + written
    return Usage(input_tokens=whole, output_tokens=output, cache_read_tokens=read, cache_write_tokens=written, raw=raw)


def encode_usage(usage: Usage, *, own: bool) -> JsonObject:
    """The counts as this vendor writes them; what is unknown is left out.

    Args:
        usage: the counts.
        own: whether `usage.raw` is of this dialect. It is written back where it says the same.
    """
    if own and usage.raw is not None and decode_usage(usage.raw) == usage:
        return usage.raw
    whole, output = usage.input_tokens, usage.output_tokens
    read, written = usage.cache_read_tokens, usage.cache_write_tokens
    counts = {
        # Hosts have been seen to count more cached input than input in all (recorded traffic, read 2026-11-23).
        "inputTokens": None if whole is None else max(0, whole - (read or 0) - (written or 0)),
        "outputTokens": output,
        "totalTokens": None if whole is None or output is None else whole + output,
        "cacheReadInputTokens": read,
        "cacheWriteInputTokens": written,
    }
    return {key: count for key, count in counts.items() if count is not None}


def lost_counts(usage: Usage, sent: JsonObject) -> list[str]:
    """The counts that a reader does not come to."""
    told = decode_usage(sent)
    names = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens")
    return [name for name in names if getattr(told, name) != getattr(usage, name)]
