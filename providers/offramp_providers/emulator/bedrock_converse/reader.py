"""How the emulated vendor reads a request."""

from __future__ import annotations

import json
from typing import Any, Final

from offramp.types._value import JsonObject
from offramp_providers.emulator.json_values import object_of, objects_of, text_of
from offramp_providers.emulator.reading import OfferedTool, Reading, ThinkingMode

_THINKING: Final[dict[str, ThinkingMode]] = {"enabled": "shown", "adaptive": "shown", "disabled": "off"}


def read(body: JsonObject) -> Reading:
    """Understand an accepted request."""
    messages = objects_of(body.get("messages"))
    settings = object_of(body.get("inferenceConfig"))
    tools, choice = _tools(body)
    last_text = max((i for i, one in enumerate(messages) if one["role"] == "user" and text_in(one)), default=-1)
    thinking = object_of(object_of(body.get("additionalModelRequestFields")).get("thinking"))
    return Reading(
        model=text_of(body.get(":model")),
        user_text=text_in(messages[last_text]) if last_text >= 0 else "",
        user_turns=sum(one["role"] == "user" and bool(text_in(one)) for one in messages),
        results=tuple(_results_of(messages)),
        rounds=sum(any("toolUse" in each for each in _blocks(one)) for one in messages[last_text + 1 :]),
        tools=tools,
        must_call="any" in choice or "tool" in choice,
        named_tool=object_of(choice.get("tool")).get("name"),
        schema=_schema(body),
        max_tokens=settings.get("maxTokens"),
        stops=tuple(settings.get("stopSequences") or ()),
        thinking=_THINKING.get(text_of(thinking.get("type")), "possible"),
    )


def _blocks(message: JsonObject) -> list[JsonObject]:
    return objects_of(message.get("content"))


def text_in(message: JsonObject) -> str:
    """What a message says besides results."""
    return " ".join(text_of(block.get("text")) for block in _blocks(message) if block.get("text"))


def _results_of(messages: list[JsonObject]) -> list[str]:
    """What the results since the assistant spoke last say."""
    last = max((i for i, one in enumerate(messages) if one["role"] == "assistant"), default=-1)
    found = [block["toolResult"] for one in messages[last + 1 :] for block in _blocks(one) if "toolResult" in block]
    return [" ".join(_said(each) for each in objects_of(result.get("content"))) for result in found]


def _said(block: JsonObject) -> str:
    return json.dumps(block["json"]) if "json" in block else text_of(block.get("text"))


def _tools(body: JsonObject) -> tuple[tuple[OfferedTool, ...], JsonObject]:
    config = object_of(body.get("toolConfig"))
    specs: list[Any] = [tool["toolSpec"] for tool in objects_of(config.get("tools")) if "toolSpec" in tool]
    offered = tuple(OfferedTool(each["name"], object_of(each["inputSchema"].get("json"))) for each in specs)
    return offered, object_of(config.get("toolChoice"))


def _schema(body: JsonObject) -> JsonObject | None:
    structure = object_of(object_of(object_of(body.get("outputConfig")).get("textFormat")).get("structure"))
    text = object_of(structure.get("jsonSchema")).get("schema")
    return None if text is None else object_of(json.loads(text))
