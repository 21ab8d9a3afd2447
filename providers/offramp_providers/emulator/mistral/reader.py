"""How the emulated vendor reads a request."""

from __future__ import annotations

from typing import Any

from offramp.types._value import JsonObject
from offramp_providers.emulator.json_values import object_of, objects_of, text_of
from offramp_providers.emulator.reading import OfferedTool, Reading, ThinkingMode


def read(body: JsonObject) -> Reading:
    """Understand an accepted request."""
    messages = objects_of(body["messages"])
    choice: Any = body.get("tool_choice", "auto")
    form = object_of(body.get("response_format"))
    last_text = max((i for i, one in enumerate(messages) if one["role"] == "user"), default=-1)
    last_answer = max((i for i, one in enumerate(messages) if one["role"] == "assistant"), default=-1)
    stop: Any = body.get("stop") or ()
    return Reading(
        model=text_of(body.get("model")),
        user_text=_text(messages[last_text]) if last_text >= 0 else "",
        user_turns=sum(one["role"] == "user" for one in messages),
        results=tuple(_text(one) for one in messages[last_answer + 1 :] if one["role"] == "tool"),
        rounds=sum(bool(one.get("tool_calls")) for one in messages[last_text + 1 :]),
        tools=tuple(_tool(one) for one in objects_of(body.get("tools"))),
        must_call=choice in ("any", "required"),
        may_call=choice != "none",
        named_tool=object_of(object_of(choice).get("function")).get("name"),
        in_parallel=body.get("parallel_tool_calls", True),
        schema=object_of(form.get("json_schema")).get("schema") if form.get("type") == "json_schema" else None,
        is_json=form.get("type") in ("json_object", "json_schema"),
        max_tokens=body.get("max_tokens"),
        stops=(stop,) if isinstance(stop, str) else tuple(stop),
        thinking=_thinking(body),
        candidates=body.get("n") or 1,
        calls_silently=True,
    )


def _text(message: JsonObject) -> str:
    content: Any = message.get("content")
    return content if isinstance(content, str) else " ".join(text_of(part.get("text")) for part in objects_of(content))


def _tool(tool: JsonObject) -> OfferedTool:
    function = object_of(tool.get("function"))
    return OfferedTool(text_of(function.get("name")), object_of(function.get("parameters")))


def _thinking(body: JsonObject) -> ThinkingMode:
    effort: Any = body.get("reasoning_effort")
    if effort == "none":
        return "off"
    return "shown" if effort is not None or body.get("prompt_mode") == "reasoning" else "possible"
