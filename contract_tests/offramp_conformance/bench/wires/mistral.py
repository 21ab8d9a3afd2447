"""Mistral chat completions."""

from offramp.types import JsonObject
from offramp_conformance.bench.answers import PROMPT, TEXT, Wire, at, dumped, event, words


def wire() -> Wire:
    """As raw bytes."""
    model = "mistral-large-latest"
    usage: JsonObject = {"prompt_tokens": 140, "completion_tokens": 260, "total_tokens": 400}
    head: JsonObject = {"id": "0123456789abcdef0123456789abcdef", "created": 1795000000, "model": model}
    message: JsonObject = {"role": "assistant", "content": TEXT, "tool_calls": None}

    def chunk(delta: JsonObject, reason: str | None = None) -> JsonObject:
        choice: JsonObject = {"index": 0, "delta": delta, "finish_reason": reason}
        return {**head, "object": "chat.completion.chunk", "choices": [choice]}

    chunks: list[JsonObject] = [
        chunk({"role": "assistant", "content": ""}),
        *(chunk({"content": word}) for word in words()),
        {**chunk({"content": ""}, "stop"), "usage": usage},
    ]
    choice: JsonObject = {"index": 0, "message": message, "finish_reason": "stop"}
    body: JsonObject = {"model": model, "messages": [{"role": "user", "content": PROMPT}]}
    return Wire(
        dialect="mistral",
        vendor="mistral",
        model=model,
        path="/mistral/v1/chat/completions",
        stream_path="/mistral/v1/chat/completions",
        base_path="/mistral/v1",
        body=body,
        stream_body={**body, "stream": True},
        answer=dumped({**head, "object": "chat.completion", "choices": [choice], "usage": usage}),
        events=(*map(event, chunks), b"data: [DONE]\n\n"),
        take=lambda each: at(each, "choices", 0, "delta", "content"),
        whole=lambda each: at(each, "choices", 0, "message", "content"),
    )
