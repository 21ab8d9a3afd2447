"""Anthropic Messages."""

from offramp.types import JsonObject
from offramp_conformance.bench.answers import KEY, PROMPT, TEXT, Wire, at, dumped, named, words


def wire() -> Wire:
    """As raw bytes."""
    model = "claude-sonnet-5-5"
    cached: JsonObject = {"cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}
    usage: JsonObject = {"input_tokens": 140, "output_tokens": 260, **cached}
    head: JsonObject = {"id": "msg_01", "type": "message", "role": "assistant", "model": model}
    content: list[JsonObject] = [{"type": "text", "text": TEXT}]
    ended: JsonObject = {"stop_reason": "end_turn", "stop_sequence": None}
    begun: JsonObject = {**head, "content": [], "stop_reason": None, "stop_sequence": None}
    deltas: list[JsonObject] = [
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": word}} for word in words()
    ]
    body: JsonObject = {"model": model, "max_tokens": 1024, "messages": [{"role": "user", "content": PROMPT}]}
    return Wire(
        dialect="anthropic_messages",
        vendor="anthropic",
        model=model,
        path="/v1/messages",
        stream_path="/v1/messages",
        headers={"x-api-key": KEY, "anthropic-version": "2023-06-01"},
        body=body,
        stream_body={**body, "stream": True},
        answer=dumped({**head, "content": content, **ended, "usage": usage}),
        events=named(
            [
                {"type": "message_start", "message": {**begun, "usage": {**usage, "output_tokens": 1}}},
                {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
                *deltas,
                {"type": "content_block_stop", "index": 0},
                {"type": "message_delta", "delta": ended, "usage": {"output_tokens": 260}},
                {"type": "message_stop"},
            ]
        ),
        take=lambda each: at(each, "delta", "text"),
        whole=lambda each: at(each, "content", 0, "text"),
    )
