"""How the emulated vendor reads a request."""

from __future__ import annotations

from typing import Any, Final

from offramp.types._value import JsonObject
from offramp_providers.emulator.json_values import object_of, objects_of, text_of
from offramp_providers.emulator.reading import OfferedTool, Reading, ThinkingMode

_THINKING: Final[dict[str, ThinkingMode]] = {"enabled": "shown", "disabled": "off"}


def read(body: JsonObject) -> Reading:
    """Understand an accepted request."""
    messages = objects_of(body["messages"])
    form = object_of(body.get("response_format"))
    last_text = max((i for i, one in enumerate(messages) if one["role"] == "user"), default=-1)
    choice: Any = body.get("tool_choice")
    return Reading(
        model=text_of(body.get("model")),
        user_text=text_in(messages[last_text]) if last_text >= 0 else "",
        user_turns=sum(one["role"] == "user" for one in messages),
        results=tuple(text_in(one) for one in results_of(messages)),
        rounds=sum(bool(one.get("tool_calls")) for one in messages[last_text + 1 :]),
        tools=tuple(_offered(tool) for tool in objects_of(body.get("tools"))),
        must_call=choice == "REQUIRED",
        may_call=choice != "NONE",
        schema=form.get("json_schema", form.get("schema")),
        is_json=form.get("type") == "json_object",
        max_tokens=body.get("max_tokens"),
        stops=tuple(body.get("stop_sequences") or ()),
        thinking=_THINKING.get(text_of(object_of(body.get("thinking")).get("type")), "possible"),
    )


def results_of(messages: list[JsonObject]) -> list[JsonObject]:
    """The results since the assistant spoke last."""
    last = max((i for i, one in enumerate(messages) if one["role"] == "assistant"), default=-1)
    return [one for one in messages[last + 1 :] if one["role"] == "tool"]


def text_in(message: JsonObject) -> str:
    """What a message says."""
    content: Any = message.get("content")
    if isinstance(content, str):
        return content
    return " ".join(filter(None, map(_said, objects_of(content))))


def _said(block: JsonObject) -> str:
    data: Any = object_of(block.get("document")).get("data")
    if isinstance(data, str):
        return data
    return text_of(block.get("text")) or " ".join(text_of(each) for each in object_of(data).values())


def _offered(tool: JsonObject) -> OfferedTool:
    function = object_of(tool["function"])
    return OfferedTool(function["name"], object_of(function.get("parameters")))
