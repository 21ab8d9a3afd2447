"""How the emulated vendor reads a Messages request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from offramp.types._value import JsonObject
from offramp_providers.emulator.json_values import object_of, objects_of, text_of
from offramp_providers.emulator.reading import OfferedTool, Reading, ThinkingMode


def read(body: JsonObject) -> Reading:
    """Understand an accepted request."""
    messages = objects_of(body["messages"])
    choice = object_of(body.get("tool_choice"))
    kind = choice.get("type", "auto")
    last_text = max((i for i, one in enumerate(messages) if one["role"] == "user" and _text(one)), default=-1)
    last_answer = max((i for i, one in enumerate(messages) if one["role"] == "assistant"), default=-1)
    return Reading(
        model=text_of(body.get("model")),
        user_text=_text(messages[last_text]) if last_text >= 0 else "",
        user_turns=sum(one["role"] == "user" and bool(_text(one)) for one in messages),
        results=tuple(result for one in messages[last_answer + 1 :] for result in _results(one)),
        rounds=sum(_has_calls(one) for one in messages[last_text + 1 :]),
        tools=tuple(
            OfferedTool(tool["name"], tool["input_schema"])
            for tool in objects_of(body.get("tools"))
            if "input_schema" in tool
        ),
        must_call=kind == "any",
        may_call=kind != "none",
        named_tool=choice.get("name") if kind == "tool" else None,
        in_parallel=not choice.get("disable_parallel_tool_use", False),
        schema=_schema(body),
        max_tokens=body.get("max_tokens"),
        stops=tuple(body.get("stop_sequences") or ()),
        thinking=_thinking(body),
    )


def _text(message: JsonObject) -> str:
    content: Any = message["content"]
    if isinstance(content, str):
        return content
    return " ".join(text_of(block.get("text")) for block in objects_of(content) if block["type"] == "text")


def _results(message: JsonObject) -> Iterator[str]:
    for block in objects_of(message["content"]):
        if block["type"] == "tool_result":
            content: Any = block.get("content", "")
            inner = [content] if isinstance(content, str) else [text_of(one.get("text")) for one in objects_of(content)]
            yield " ".join(filter(None, inner))


def _has_calls(message: JsonObject) -> bool:
    return any(block["type"] == "tool_use" for block in objects_of(message["content"]))


def _schema(body: JsonObject) -> JsonObject | None:
    form = object_of(object_of(body.get("output_config")).get("format")) or object_of(body.get("output_format"))
    return form.get("schema")


def _thinking(body: JsonObject) -> ThinkingMode:
    config = object_of(body.get("thinking"))
    if not config:
        return "possible"
    if config["type"] == "disabled":
        return "off"
    return "omitted" if config.get("display") == "omitted" else "shown"
