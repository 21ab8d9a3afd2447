"""Token counts and durations, which stand among the answer's own fields."""

from typing import Any, Final

from offramp.types import JsonObject, Usage
from offramp_providers.dialects.accounting import LossLog
from offramp_providers.dialects.shapes import count_of

_KEYS: Final = (
    "total_duration",
    "load_duration",
    "prompt_eval_count",
    "prompt_eval_duration",
    "eval_count",
    "eval_duration",
)
"""Counts, and durations in nanoseconds."""


def take_usage(left: JsonObject) -> Usage | None:
    """Take the counts; None where there are none. A prompt that was read from a cache has none, so it is unknown."""
    raw: JsonObject = {key: left.pop(key) for key in _KEYS if type(left.get(key)) is int}
    return _usage(raw) if raw else None


def _usage(raw: JsonObject) -> Usage:
    return Usage(input_tokens=count_of(raw, "prompt_eval_count"), output_tokens=count_of(raw, "eval_count"), raw=raw)


def encode_usage(usage: Usage, *, own: bool) -> JsonObject:
    """The counts as a server of this dialect writes them; what is unknown is left out.

    Args:
        usage: the counts.
        own: whether `usage.raw` is of this dialect. It is written back where it says the same.
    """
    raw: Any = usage.raw
    if own and raw is not None and _usage(raw) == usage:
        return dict(raw)
    counts = {"prompt_eval_count": usage.input_tokens, "eval_count": usage.output_tokens}
    return {key: count for key, count in counts.items() if count is not None}


UNSAID: Final = ("cache_read_tokens", "cache_write_tokens", "reasoning_tokens")
"""Counts that this wire does not have."""


def lose_unsaid(log: LossLog, usage: Usage) -> None:
    """Name the counts that this wire does not have."""
    for name in UNSAID:
        if getattr(usage, name) is not None:
            log.lose("usage", usage, name)
