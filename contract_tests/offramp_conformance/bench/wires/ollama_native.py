"""Ollama's own API: a line of JSON a chunk."""

from offramp.types import JsonObject
from offramp_conformance.bench.answers import PROMPT, TEXT, Wire, at, dumped, words


def wire() -> Wire:
    """As raw bytes."""
    model = "llama3.2"
    head: JsonObject = {"model": model, "created_at": "2026-11-26T12:00:00.000000000Z"}
    counts: JsonObject = {"total_duration": 9, "load_duration": 1, "prompt_eval_count": 140, "eval_count": 260}

    def chunk(text: str) -> JsonObject:
        return {**head, "message": {"role": "assistant", "content": text}, "done": False}

    last: JsonObject = {**chunk(""), "done": True, "done_reason": "stop", **counts}
    body: JsonObject = {"model": model, "messages": [{"role": "user", "content": PROMPT}], "stream": False}
    return Wire(
        dialect="ollama_native",
        vendor="ollama-native",
        model=model,
        path="/api/chat",
        stream_path="/api/chat",
        body=body,
        stream_body={**body, "stream": True},
        answer=dumped({**last, "message": {"role": "assistant", "content": TEXT}}),
        events=tuple(dumped(each) + b"\n" for each in (*map(chunk, words()), last)),
        framing="lines",
        take=lambda each: at(each, "message", "content"),
        whole=lambda each: at(each, "message", "content"),
    )
