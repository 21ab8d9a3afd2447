"""How the emulated vendor reads a Responses request."""

from __future__ import annotations

from typing import Any

from offramp.types._value import JsonObject
from offramp_providers.emulator.json_values import object_of, objects_of, text_of
from offramp_providers.emulator.reading import OfferedTool, Reading, ThinkingMode

from .item_rules import items_of, kind_of


def read(body: JsonObject) -> Reading:
    """Understand an accepted request."""
    items = items_of(body)
    choice: Any = body.get("tool_choice") or "auto"
    form = object_of(object_of(body.get("text")).get("format"))
    said = [index for index, one in enumerate(items) if one.get("role") == "user" and _text(one.get("content"))]
    last_text = max(said, default=-1)
    last_call = max((index for index, one in enumerate(items) if _is_own(one)), default=-1)
    results = [one for one in items[last_call + 1 :] if kind_of(one) == "function_call_output"]
    return Reading(
        model=text_of(body.get("model")),
        user_text=_text(items[last_text].get("content")) if last_text >= 0 else "",
        user_turns=len(said),
        results=tuple(_text(one.get("output")) for one in results),
        rounds=_rounds(items[last_text + 1 :]),
        tools=_tools(body, choice),
        must_call=choice == "required" or object_of(choice).get("mode") == "required",
        may_call=choice != "none",
        named_tool=object_of(choice).get("name"),
        in_parallel=body.get("parallel_tool_calls") is not False,
        schema=form.get("schema") if form.get("type") == "json_schema" else None,
        is_json=form.get("type") in ("json_object", "json_schema"),
        max_tokens=body.get("max_output_tokens"),
        thinking=_thinking(object_of(body.get("reasoning"))),
        calls_silently=True,
    )


def _is_own(item: JsonObject) -> bool:
    return kind_of(item) in ("function_call", "reasoning") or item.get("role") == "assistant"


def _rounds(items: list[JsonObject]) -> int:
    """How often calls were made: each run of calls before outputs is one."""
    kinds = ["call" if kind_of(one) == "function_call" else "other" for one in items]
    return sum(one == "call" and (not place or kinds[place - 1] != "call") for place, one in enumerate(kinds))


def _text(content: Any) -> str:
    return content if isinstance(content, str) else " ".join(text_of(part.get("text")) for part in objects_of(content))


def _tools(body: JsonObject, choice: Any) -> tuple[OfferedTool, ...]:
    functions = [tool for tool in objects_of(body.get("tools")) if tool.get("type") == "function"]
    allowed = [one.get("name") for one in objects_of(object_of(choice).get("tools"))]
    chosen = [one for one in functions if not allowed or one["name"] in allowed]
    return tuple(OfferedTool(one["name"], object_of(one.get("parameters"))) for one in chosen)


def _thinking(reasoning: JsonObject) -> ThinkingMode:
    if reasoning.get("effort") == "none":
        return "off"
    return "shown" if reasoning.get("summary") else "possible"
