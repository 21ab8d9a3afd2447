"""Bedrock's Converse: JSON within AWS's binary event stream."""

import struct
import zlib

from offramp.types import JsonObject
from offramp_conformance.bench.answers import PROMPT, TEXT, Wire, at, dumped, words


def wire() -> Wire:
    """As raw bytes."""
    model = "nova-lite"
    usage: JsonObject = {"inputTokens": 140, "outputTokens": 260, "totalTokens": 400}
    message: JsonObject = {"role": "assistant", "content": [{"text": TEXT}]}
    told: JsonObject = {"stopReason": "end_turn", "usage": usage, "metrics": {"latencyMs": 9}}
    place = "/model/nova-lite"
    body: JsonObject = {"messages": [{"role": "user", "content": [{"text": PROMPT}]}]}
    return Wire(
        dialect="bedrock_converse",
        vendor="bedrock",
        model=model,
        path=f"{place}/converse",
        stream_path=f"{place}/converse-stream",
        body=body,
        stream_body=body,
        answer=dumped({"output": {"message": message}, **told}),
        events=(
            _frame("messageStart", {"role": "assistant"}),
            *(_frame("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": word}}) for word in words()),
            _frame("contentBlockStop", {"contentBlockIndex": 0}),
            _frame("messageStop", {"stopReason": "end_turn"}),
            _frame("metadata", {"usage": usage, "metrics": {"latencyMs": 9}}),
        ),
        framing="aws",
        take=lambda each: at(each, "delta", "text"),
        whole=lambda each: at(each, "output", "message", "content", 0, "text"),
    )


def _frame(name: str, content: JsonObject) -> bytes:
    """One frame (Smithy's specification of application/vnd.amazon.eventstream, read 2026-11-23)."""
    told = {":event-type": name, ":content-type": "application/json", ":message-type": "event"}
    headers = b"".join(
        bytes([len(key)]) + key.encode() + b"\x07" + struct.pack(">H", len(text)) + text.encode()
        for key, text in told.items()
    )
    payload = dumped(content)
    prelude = struct.pack(">II", 16 + len(headers) + len(payload), len(headers))
    framed = prelude + struct.pack(">I", zlib.crc32(prelude)) + headers + payload
    return framed + struct.pack(">I", zlib.crc32(framed))
