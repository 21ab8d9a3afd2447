"""Gemini's generateContent."""

from offramp.types import JsonObject
from offramp_conformance.bench.answers import KEY, PROMPT, TEXT, Wire, at, dumped, event, words


def wire() -> Wire:
    """As raw bytes."""
    model = "gemini-3.8-flash"
    usage: JsonObject = {"promptTokenCount": 140, "candidatesTokenCount": 260, "totalTokenCount": 400}

    def answer(text: str, reason: str | None = None) -> JsonObject:
        candidate: JsonObject = {"content": {"parts": [{"text": text}], "role": "model"}, "index": 0}
        ended: JsonObject = {} if reason is None else {"finishReason": reason}
        about: JsonObject = {"usageMetadata": usage, "modelVersion": model, "responseId": "r-01"}
        return {"candidates": [{**candidate, **ended}], **about}

    place = f"/v1beta/models/{model}"
    body: JsonObject = {"contents": [{"role": "user", "parts": [{"text": PROMPT}]}]}
    *early, last = words()
    return Wire(
        dialect="gemini",
        vendor="google-ai",
        model=model,
        path=f"{place}:generateContent",
        stream_path=f"{place}:streamGenerateContent?alt=sse",
        base_path="/v1beta",
        headers={"x-goog-api-key": KEY},
        body=body,
        stream_body=body,
        answer=dumped(answer(TEXT, "STOP")),
        events=tuple(map(event, (*map(answer, early), answer(last, "STOP")))),
        take=lambda each: at(each, "candidates", 0, "content", "parts", 0, "text"),
        whole=lambda each: at(each, "candidates", 0, "content", "parts", 0, "text"),
    )
