"""Token counts: this wire counts thoughts beside the answer, and what tools read beside the prompt."""

from offramp.types import JsonObject, Usage
from offramp_providers.dialects.shapes import count_of


def decode_usage(raw: JsonObject) -> Usage:
    """The counts. The vendor leaves out what is zero, so the answer's may have to come from the total."""
    prompt, answer = count_of(raw, "promptTokenCount"), count_of(raw, "candidatesTokenCount")
    tools, thoughts = count_of(raw, "toolUsePromptTokenCount"), count_of(raw, "thoughtsTokenCount")
    total = count_of(raw, "totalTokenCount") if answer is None else None
    read = None if prompt is None else prompt + (tools or 0)
    written = None if answer is None else answer + (thoughts or 0)
    if written is None and read is not None and total is not None and total >= read:
        written = total - read
    return Usage(
        input_tokens=read,
        output_tokens=written,
        cache_read_tokens=count_of(raw, "cachedContentTokenCount"),
        reasoning_tokens=thoughts,
        raw=raw,
    )


def encode_usage(usage: Usage, *, own: bool) -> JsonObject:
    """The counts as this vendor writes them; what is unknown is left out.

    Args:
        usage: the counts.
        own: whether `usage.raw` is of this dialect. It is written back where it says the same.
    """
    if own and usage.raw is not None and decode_usage(usage.raw) == usage:
        return usage.raw
    read, written, thoughts = usage.input_tokens, usage.output_tokens, usage.reasoning_tokens
    sent: JsonObject = {}
    counts = {
        "promptTokenCount": read,
        "candidatesTokenCount": None if written is None else written - (thoughts or 0),
        "thoughtsTokenCount": thoughts,
        "cachedContentTokenCount": usage.cache_read_tokens,
        "totalTokenCount": None if read is None or written is None else read + written,
    }
    for key, count in counts.items():
        if count is not None:
            sent[key] = count
    return sent
