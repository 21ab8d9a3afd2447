"""Cohere Chat v2."""

from offramp.types import JsonObject
from offramp_conformance.bench.answers import PROMPT, TEXT, Wire, at, dumped, named, words


def wire() -> Wire:
    """As raw bytes."""
    model = "command-a-03-2025"
    counts: JsonObject = {"input_tokens": 140, "output_tokens": 260}
    usage: JsonObject = {"billed_units": counts, "tokens": counts}
    message: JsonObject = {"role": "assistant", "content": [{"type": "text", "text": TEXT}]}
    begun: JsonObject = {"role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": []}
    block: JsonObject = {"message": {"content": {"type": "text", "text": ""}}}
    deltas: list[JsonObject] = [
        {"type": "content-delta", "index": 0, "delta": {"message": {"content": {"text": word}}}} for word in words()
    ]
    body: JsonObject = {"model": model, "messages": [{"role": "user", "content": PROMPT}]}
    return Wire(
        dialect="cohere_v2",
        vendor="cohere",
        model=model,
        path="/v2/chat",
        stream_path="/v2/chat",
        body=body,
        stream_body={**body, "stream": True},
        answer=dumped({"id": "c-01", "message": message, "finish_reason": "COMPLETE", "usage": usage}),
        events=named(
            [
                {"type": "message-start", "id": "c-01", "delta": {"message": begun}},
                {"type": "content-start", "index": 0, "delta": block},
                *deltas,
                {"type": "content-end", "index": 0},
                {"type": "message-end", "delta": {"finish_reason": "COMPLETE", "usage": usage}},
            ]
        ),
        take=lambda each: at(each, "delta", "message", "content", "text"),
        whole=lambda each: at(each, "message", "content", 0, "text"),
    )
