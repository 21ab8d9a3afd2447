"""How the emulated vendor reads a request."""

from __future__ import annotations

import json
from typing import Any

from offramp.types._value import JsonObject
from offramp_providers.emulator.json_values import object_of, objects_of, text_of
from offramp_providers.emulator.reading import OfferedTool, Reading, ThinkingMode

from .content_rules import answered, called, contents_of, is_model, parts_of
from .spelling import plain


def read(body: JsonObject) -> Reading:
    """Understand an accepted request."""
    body = plain(body)
    contents = contents_of(body)
    generation = object_of(body.get("generationConfig"))
    calling = object_of(object_of(body.get("toolConfig")).get("functionCallingConfig"))
    said = [index for index, one in enumerate(contents) if not is_model(one) and _text(one)]
    last_text = max(said, default=-1)
    last_answer = max((index for index, one in enumerate(contents) if is_model(one)), default=-1)
    mode = text_of(calling.get("mode")).upper()
    names: list[Any] = calling.get("allowedFunctionNames") or []
    return Reading(
        model=text_of(body.get("model")),
        user_text=_text(contents[last_text]) if last_text >= 0 else "",
        user_turns=len(said),
        results=tuple(_result(answer) for one in contents[last_answer + 1 :] for answer in answered(one)),
        rounds=sum(bool(called(one)) for one in contents[last_text + 1 :]),
        tools=tuple(tool for tool in _tools(body) if not names or tool.name in names),
        must_call=mode == "ANY",
        may_call=mode != "NONE",
        named_tool=names[0] if len(names) == 1 and mode == "ANY" else None,
        schema=generation.get("responseJsonSchema") or _schema(generation.get("responseSchema")),
        is_json=generation.get("responseMimeType") == "application/json",
        max_tokens=generation.get("maxOutputTokens"),
        stops=tuple(generation.get("stopSequences") or ()),
        thinking=_thinking(object_of(generation.get("thinkingConfig"))),
        candidates=generation.get("candidateCount") or 1,
        calls_silently=True,
    )


def _text(content: JsonObject) -> str:
    return " ".join(text_of(part.get("text")) for part in parts_of(content) if "text" in part)


def _result(answer: JsonObject) -> str:
    said = object_of(answer.get("response"))
    only = said.get("output", said.get("error"))
    return only if isinstance(only, str) else json.dumps(said, ensure_ascii=False)


def _tools(body: JsonObject) -> list[OfferedTool]:
    declared = [one for tool in objects_of(body.get("tools")) for one in objects_of(tool.get("functionDeclarations"))]
    return [
        OfferedTool(one["name"], object_of(one.get("parametersJsonSchema")) or _schema(one.get("parameters")) or {})
        for one in declared
    ]


def _schema(schema: object) -> JsonObject | None:
    """The vendor's own schema in the words of JSON Schema, whose types are small letters."""
    if not isinstance(schema, dict):
        return None
    found: JsonObject = {**schema}
    if isinstance(found.get("type"), str):
        found["type"] = found["type"].lower()
    if isinstance(found.get("properties"), dict):
        found["properties"] = {name: _schema(one) or {} for name, one in found["properties"].items()}
    if isinstance(found.get("items"), dict):
        found["items"] = _schema(found["items"])
    return found


def _thinking(config: JsonObject) -> ThinkingMode:
    if config.get("thinkingBudget") == 0:
        return "off"
    return "shown" if config.get("includeThoughts") else "possible"
