"""Reading vendors' answers by hand, whole or from a stream, with no codec of ours."""

import json
from typing import Any


def said(dialect: str, answer: Any) -> str:
    if dialect == "openai_chat":
        return answer["choices"][0]["message"]["content"] or ""
    return "".join(block["text"] for block in answer["content"] if block["type"] == "text")


def calls_in(dialect: str, answer: Any) -> list[tuple[str, str, Any]]:
    if dialect == "openai_chat":
        calls = answer["choices"][0]["message"].get("tool_calls", [])
        return [(one["id"], one["function"]["name"], json.loads(one["function"]["arguments"])) for one in calls]
    return [(one["id"], one["name"], one["input"]) for one in answer["content"] if one["type"] == "tool_use"]


def ending(dialect: str, answer: Any) -> str:
    return answer["choices"][0]["finish_reason"] if dialect == "openai_chat" else answer["stop_reason"]


async def receive(posting: Any, received: list[bytes]) -> None:
    async with posting as response:
        async for piece in response.content.iter_any():
            received.append(piece)  # noqa: PERF401  # what had arrived must stay when the connection breaks


def folded_anthropic(events: list[tuple[str | None, Any]]) -> Any:
    message: Any = None
    for _, data in events:
        match data["type"]:
            case "message_start":
                message = data["message"]
            case "content_block_start":
                message["content"].append({**data["content_block"], "json": ""})
            case "content_block_delta":
                block, delta = message["content"][data["index"]], dict(data["delta"])
                delta.pop("type")
                for key, piece in delta.items():
                    name = "json" if key == "partial_json" else key
                    block[name] = block[name] + piece
            case "message_delta":
                message |= data["delta"]
                message["usage"] |= data["usage"]
    for block in message["content"]:
        arguments = block.pop("json")
        if block["type"] == "tool_use":
            block["input"] = json.loads(arguments)
    return message


def folded_openai(events: list[tuple[str | None, Any]]) -> Any:
    whole: Any = {"role": None, "content": None, "refusal": None}
    calls: dict[int, Any] = {}
    for _, data in events[:-1]:
        for choice in data["choices"]:
            delta = choice["delta"]
            for key in ("content", "refusal"):
                if delta.get(key) is not None:
                    whole[key] = (whole[key] or "") + delta[key]
            for call in delta.get("tool_calls", []):
                held = calls.setdefault(call["index"], {**call, "function": {**call["function"], "arguments": ""}})
                held["function"]["arguments"] += call["function"]["arguments"]
            whole["finish_reason"] = choice["finish_reason"]
    whole["tool_calls"] = [{key: call[key] for key in call if key != "index"} for call in calls.values()]
    return whole
