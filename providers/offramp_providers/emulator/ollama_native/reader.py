"""How the emulated server reads a request."""

from __future__ import annotations

from typing import Any

from offramp.types._value import JsonObject
from offramp_providers.emulator.json_values import is_object, object_of, objects_of, text_of
from offramp_providers.emulator.reading import OfferedTool, Reading, ThinkingMode


def read(body: JsonObject) -> Reading:
    """Understand an accepted request."""
    messages = objects_of(body.get("messages"))
    roles = [text_of(one.get("role")).lower() for one in messages]
    options = object_of(body.get("options"))
    last_text = max((i for i, role in enumerate(roles) if role == "user"), default=-1)
    last_answer = max((i for i, role in enumerate(roles) if role == "assistant"), default=-1)
    since = zip(messages[last_answer + 1 :], roles[last_answer + 1 :], strict=True)
    form: Any = body.get("format")
    limit: Any = options.get("num_predict")
    return Reading(
        model=text_of(body.get("model")),
        user_text=text_of(messages[last_text].get("content")) if last_text >= 0 else "",
        user_turns=roles.count("user"),
        results=tuple(text_of(one.get("content")) for one, role in since if role == "tool"),
        rounds=sum(bool(one.get("tool_calls")) for one in messages[last_text + 1 :]),
        tools=tuple(_tool(one) for one in objects_of(body.get("tools"))),
        schema=form if is_object(form) else None,
        is_json=form == "json",
        max_tokens=int(limit) if limit is not None and limit > 0 else None,
        stops=tuple(options.get("stop") or ()),
        thinking=_thinking(body.get("think")),
        calls_silently=True,
    )


def _tool(tool: JsonObject) -> OfferedTool:
    function = object_of(tool.get("function"))
    return OfferedTool(text_of(function.get("name")), object_of(function.get("parameters")))


def _thinking(think: Any) -> ThinkingMode:
    if think is None:
        return "possible"
    return "shown" if think else "off"
