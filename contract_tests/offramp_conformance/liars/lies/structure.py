"""Lies about structure: JSON that was asked for and is none, or that does not fit its schema."""

import json
from collections.abc import Callable
from random import Random
from typing import Any

from offramp.types import GenerateRequest, JsonObject, JsonOutput, SchemaOutput, changed
from offramp_conformance.liars.json_leaves import with_leaves
from offramp_conformance.liars.lies.lie import lie
from offramp_conformance.liars.twists import Twist
from offramp_providers.emulator.answers import Answer, Saying
from offramp_providers.emulator.json_values import is_list, is_object
from offramp_providers.emulator.words import phrase


def _each_json(change: Callable[[str], str]) -> Twist:
    """Changes the text of an answer that was to be JSON."""

    def says(answer: Answer, request: GenerateRequest) -> Answer:
        if not isinstance(request.output, SchemaOutput | JsonOutput) or answer.ending != "end":
            return answer
        parts = tuple(Saying(change(each.text)) if isinstance(each, Saying) else each for each in answer.parts)
        return changed(answer, parts=parts)

    return Twist(says=says)


def _each_value(change: Callable[[Any], Any]) -> Twist:
    return _each_json(lambda text: json.dumps(change(json.loads(text)), ensure_ascii=False))


SCHEMA_IGNORED = lie(
    "schema_ignored",
    "The schema is taken, and the answer is prose.",
    Twist(says=lambda answer, asked: _prose(answer) if isinstance(asked.output, SchemaOutput) else answer),
    "structured",
)


def _prose(answer: Answer) -> Answer:
    if answer.ending != "end":
        return answer
    return changed(answer, parts=(Saying(f"Here you are: {phrase(Random(0), 12)}."),))  # noqa: S311  # no secret


SCHEMA_TAKEN_FOR_JSON = lie(
    "schema_taken_for_json",
    "The schema is taken, and the answer is some JSON.",
    Twist(hears=lambda asked: changed(asked, output=JsonOutput()) if isinstance(asked.output, SchemaOutput) else asked),
    "structured",
)

FENCED = lie(
    "fenced",
    "JSON stands between the fences of a code block.",
    _each_json(lambda text: f"```json\n{text}\n```"),
    "structured",
)

CHATTED = lie(
    "chatted", "A sentence comes before the JSON.", _each_json(lambda text: f"Here is the JSON:\n{text}"), "structured"
)

JSON_CUT = lie(
    "json_cut",
    "JSON ends in its middle, and is said to be complete.",
    _each_json(lambda text: text[: max(1, len(text) * 2 // 3)]),
    "structured",
)


def _spoiled_at(depth: int, spoil: Callable[[JsonObject], JsonObject]) -> Callable[[Any], Any]:
    """Spoils the objects at a depth, the outermost being 1."""

    def walk(held: Any, level: int) -> Any:
        if is_list(held):
            return [walk(each, level) for each in held]
        if not is_object(held):
            return held
        return spoil(held) if level == depth else {key: walk(each, level + 1) for key, each in held.items()}

    return lambda held: walk(held, 1)


def _missing_one(held: JsonObject) -> JsonObject:
    return dict(list(held.items())[:-1])


DEEP_FIELD_MISSING = lie(
    "deep_field_missing",
    "At the third level a required field is missing.",
    _each_value(_spoiled_at(3, _missing_one)),
    "structured.nested",
)

FIELD_MISSING = lie(
    "field_missing", "A required field is missing.", _each_value(_spoiled_at(1, _missing_one)), "structured.schema"
)

FIELD_INVENTED = lie(
    "field_invented",
    "There is a field that the schema does not allow.",
    _each_value(_spoiled_at(1, lambda held: {**held, "explanation": "as asked"})),
    "structured.schema",
)


def _as_text(held: Any) -> str:
    return held if isinstance(held, str) else json.dumps(held)


TYPES_IGNORED = lie(
    "types_ignored",
    "Every value is a text, whatever the schema says.",
    _each_value(lambda held: with_leaves(held, _as_text)),
    "structured.keyword.type",
)


def _enum_ignored(answer: Answer, asked: GenerateRequest) -> Answer:
    """As a model does that was told the schema in words only: something like one of the values."""
    if not isinstance(asked.output, SchemaOutput) or answer.ending != "end":
        return answer
    values = set(_enumerated(asked.output.schema))

    def shout(held: Any) -> Any:
        return f"{held.upper()}!" if isinstance(held, str) and held in values else held

    parts = tuple(
        Saying(json.dumps(with_leaves(json.loads(each.text), shout), ensure_ascii=False))
        if isinstance(each, Saying)
        else each
        for each in answer.parts
    )
    return changed(answer, parts=parts)


def _enumerated(schema: Any) -> list[str]:
    if is_list(schema):
        return [each for one in schema for each in _enumerated(one)]
    if not is_object(schema):
        return []
    listed: list[Any] = schema.get("enum") or []
    own = [each for each in listed if isinstance(each, str)]
    return [*own, *(each for one in schema.values() for each in _enumerated(one))]


ENUM_IGNORED = lie(
    "enum_ignored",
    "A value is none of those that the schema lists.",
    Twist(says=_enum_ignored),
    "structured.keyword.enum",
)

JSON_MODE_IGNORED = lie(
    "json_mode_ignored",
    "JSON is asked for, and prose comes.",
    Twist(says=lambda answer, asked: _prose(answer) if isinstance(asked.output, JsonOutput) else answer),
    "structured.json",
    dialects=("openai_chat", "openai_responses", "gemini", "ollama_native", "cohere_v2", "mistral"),
)
