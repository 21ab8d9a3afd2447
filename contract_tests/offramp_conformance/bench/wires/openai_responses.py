"""OpenAI Responses."""

from offramp.types import JsonObject
from offramp_conformance.bench.answers import PROMPT, TEXT, Wire, at, dumped, named, words


def wire() -> Wire:
    """As raw bytes."""
    model = "gpt-5.6-sol"
    details: JsonObject = {
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens_details": {"reasoning_tokens": 0},
    }
    usage: JsonObject = {"input_tokens": 140, "output_tokens": 260, "total_tokens": 400, **details}
    head: JsonObject = {"id": "resp_01", "object": "response", "created_at": 1795000000, "model": model}
    begun: JsonObject = {**head, "status": "in_progress", "output": [], "usage": None}

    def item(text: str, status: str) -> JsonObject:
        content: list[JsonObject] = [{"type": "output_text", "text": text, "annotations": []}] if text else []
        return {"type": "message", "id": "msg_01", "role": "assistant", "status": status, "content": content}

    def ended(text: str) -> JsonObject:
        return {**head, "status": "completed", "output": [item(text, "completed")], "usage": usage}

    said = "".join(words())
    place: JsonObject = {"item_id": "msg_01", "output_index": 0, "content_index": 0}
    deltas: list[JsonObject] = [
        {"type": "response.output_text.delta", **place, "delta": word, "logprobs": []} for word in words()
    ]
    part: JsonObject = {"type": "output_text", "text": "", "annotations": []}
    events: list[JsonObject] = [
        {"type": "response.created", "response": begun},
        {"type": "response.in_progress", "response": begun},
        {"type": "response.output_item.added", "output_index": 0, "item": item("", "in_progress")},
        {"type": "response.content_part.added", **place, "part": part},
        *deltas,
        {"type": "response.output_text.done", **place, "text": said, "logprobs": []},
        {"type": "response.content_part.done", **place, "part": {**part, "text": said}},
        {"type": "response.output_item.done", "output_index": 0, "item": item(said, "completed")},
        {"type": "response.completed", "response": ended(said)},
    ]
    body: JsonObject = {"model": model, "input": [{"role": "user", "content": PROMPT}]}
    return Wire(
        dialect="openai_responses",
        vendor="openai",
        model=model,
        path="/v1/responses",
        stream_path="/v1/responses",
        base_path="/v1",
        body=body,
        stream_body={**body, "stream": True},
        answer=dumped(ended(TEXT)),
        events=named([{**each, "sequence_number": number} for number, each in enumerate(events)]),
        take=lambda each: at(each, "delta") if each["type"].endswith("text.delta") else "",
        whole=lambda each: at(each, "output", 0, "content", 0, "text"),
    )
