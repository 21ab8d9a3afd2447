"""How the emulated vendor reads a Chat Completions request."""

from __future__ import annotations

from typing import Any

from offramp.types._value import JsonObject
from offramp_providers.emulator.json_values import object_of, objects_of, text_of
from offramp_providers.emulator.reading import OfferedTool, Reading


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
        tools=_tools(body, choice),
        must_call=_must_call(choice),
        may_call=choice != "none",
        named_tool=object_of(object_of(choice).get("function")).get("name"),
        in_parallel=body.get("parallel_tool_calls", True),
        schema=_schema(form),
        is_json=form.get("type") in ("json_object", "json_schema"),
        max_tokens=body.get("max_completion_tokens") or body.get("max_tokens"),
        stops=(stop,) if isinstance(stop, str) else tuple(stop),
        thinking="possible",
        candidates=body.get("n") or 1,
        calls_silently=True,
    )


def _text(message: JsonObject) -> str:
    content: Any = message.get("content")
    return content if isinstance(content, str) else " ".join(text_of(part.get("text")) for part in objects_of(content))


def _tools(body: JsonObject, choice: Any) -> tuple[OfferedTool, ...]:
    functions = [tool["function"] for tool in objects_of(body.get("tools")) if tool["type"] == "function"]
    allowed = objects_of(object_of(object_of(choice).get("allowed_tools")).get("tools"))
    names = [object_of(one.get("function")).get("name") for one in allowed]
    chosen = [one for one in functions if not names or one["name"] in names]
    return tuple(OfferedTool(one["name"], object_of(one.get("parameters"))) for one in chosen)


def _must_call(choice: Any) -> bool:
    return choice == "required" or object_of(object_of(choice).get("allowed_tools")).get("mode") == "required"


def _schema(form: JsonObject) -> JsonObject | None:
    return object_of(form.get("json_schema")).get("schema") if form.get("type") == "json_schema" else None
