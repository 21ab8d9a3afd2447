"""What the benchmark's server answers, and what its callers ask, in each dialect. Fixed, so that all read the same."""

import json
from dataclasses import KW_ONLY
from typing import Final

from offramp.types import JsonObject, value

PROMPT: Final = "The river is at 4.2 m and rising. Which roads are still open, and who is near the depot? " * 6
WORDS: Final = ("roads ", "north ", "of ", "the ", "depot ", "are ", "open; ", "two ", "teams ", "are ", "near. ")
CHUNKS: Final = 300
KEY: Final = "a-key-that-opens-nothing"


@value
class Wire:
    """One dialect as raw bytes: what a hand-written client would send, and what comes back."""

    _: KW_ONLY
    dialect: str
    vendor: str
    model: str
    path: str
    base_path: str
    """What the endpoint's `base_url` has of the path."""
    headers: dict[str, str]
    body: JsonObject
    answer: bytes
    events: tuple[bytes, ...]


def wires() -> tuple[Wire, ...]:
    """Both dialects."""
    return (_anthropic_messages(), _openai_chat())


def _text() -> str:
    return "".join(WORDS) * 20


def _event(content: JsonObject, *, name: str | None = None) -> bytes:
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(content)}\n\n".encode()


def _anthropic_messages() -> Wire:
    model = "claude-sonnet-5-5"
    usage: JsonObject = {
        "input_tokens": 140,
        "output_tokens": 260,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
    }
    answer: JsonObject = {"id": "msg_01", "type": "message", "role": "assistant", "model": model}
    whole: JsonObject = {
        **answer,
        "content": [{"type": "text", "text": _text()}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": usage,
    }
    begun: JsonObject = {
        **answer,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {**usage, "output_tokens": 1},
    }
    deltas: list[JsonObject] = [
        {
            "type": "content_block_delta",
            "index": 0,
            "delta": {"type": "text_delta", "text": WORDS[place % len(WORDS)]},
        }
        for place in range(CHUNKS)
    ]
    events: list[JsonObject] = [
        {"type": "message_start", "message": begun},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        *deltas,
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn", "stop_sequence": None},
            "usage": {"output_tokens": 260},
        },
        {"type": "message_stop"},
    ]
    return Wire(
        dialect="anthropic_messages",
        vendor="anthropic",
        model=model,
        path="/v1/messages",
        base_path="",
        headers={"x-api-key": KEY, "anthropic-version": "2023-06-01"},
        body={"model": model, "max_tokens": 1024, "messages": [{"role": "user", "content": PROMPT}]},
        answer=json.dumps(whole).encode(),
        events=tuple(_event(event, name=str(event["type"])) for event in events),
    )


def _openai_chat() -> Wire:
    model = "gpt-5.6-sol"
    usage: JsonObject = {"prompt_tokens": 140, "completion_tokens": 260, "total_tokens": 400}
    head: JsonObject = {"id": "chatcmpl-01", "created": 1795000000, "model": model}
    message: JsonObject = {"role": "assistant", "content": _text(), "refusal": None, "annotations": []}
    whole: JsonObject = {
        **head,
        "object": "chat.completion",
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
        "usage": usage,
    }

    def chunk(delta: JsonObject, reason: str | None = None) -> JsonObject:
        choice: JsonObject = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        return {**head, "object": "chat.completion.chunk", "choices": [choice], "usage": None}

    events: list[JsonObject] = [
        chunk({"role": "assistant", "content": "", "refusal": None}),
        *(chunk({"content": WORDS[place % len(WORDS)]}) for place in range(CHUNKS)),
        chunk({}, "stop"),
        {**chunk({}), "choices": [], "usage": usage},
    ]
    return Wire(
        dialect="openai_chat",
        vendor="openai",
        model=model,
        path="/v1/chat/completions",
        base_path="/v1",
        headers={"authorization": f"Bearer {KEY}"},
        body={"model": model, "messages": [{"role": "user", "content": PROMPT}]},
        answer=json.dumps(whole).encode(),
        events=(*(_event(event) for event in events), b"data: [DONE]\n\n"),
    )
