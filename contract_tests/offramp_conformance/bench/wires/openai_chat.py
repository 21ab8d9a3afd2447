"""OpenAI Chat Completions."""

from offramp.types import JsonObject
from offramp_conformance.bench.answers import PROMPT, TEXT, Wire, at, dumped, event, words


def wire() -> Wire:
    """As raw bytes."""
    model = "gpt-5.6-sol"
    usage: JsonObject = {"prompt_tokens": 140, "completion_tokens": 260, "total_tokens": 400}
    head: JsonObject = {"id": "chatcmpl-01", "created": 1795000000, "model": model}
    message: JsonObject = {"role": "assistant", "content": TEXT, "refusal": None, "annotations": []}
    choice: JsonObject = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}

    def chunk(delta: JsonObject, reason: str | None = None) -> JsonObject:
        choice: JsonObject = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        return {**head, "object": "chat.completion.chunk", "choices": [choice], "usage": None}

    chunks: list[JsonObject] = [
        chunk({"role": "assistant", "content": "", "refusal": None}),
        *(chunk({"content": word}) for word in words()),
        chunk({}, "stop"),
        {**chunk({}), "choices": [], "usage": usage},
    ]
    body: JsonObject = {"model": model, "messages": [{"role": "user", "content": PROMPT}]}
    return Wire(
        dialect="openai_chat",
        vendor="openai",
        model=model,
        path="/v1/chat/completions",
        stream_path="/v1/chat/completions",
        base_path="/v1",
        body=body,
        stream_body={**body, "stream": True},
        answer=dumped({**head, "object": "chat.completion", "choices": [choice], "usage": usage}),
        events=(*map(event, chunks), b"data: [DONE]\n\n"),
        take=lambda each: at(each, "choices", 0, "delta", "content"),
        whole=lambda each: at(each, "choices", 0, "message", "content"),
    )
