"""Rules on strict JSON Schema. Nobody read them at the vendor, so they are enforced on request only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from offramp.types._value import JsonObject
from offramp_providers.emulator.json_values import is_list, object_of, objects_of
from offramp_providers.emulator.rules import Ask, Rule
from offramp_providers.emulator.schema_walk import subschemas
from offramp_providers.emulator.shapes import Fault

from .sources import THIRD

_REFUSED: Final = (
    "oneOf",
    "allOf",
    "not",
    "if",
    "then",
    "else",
    "patternProperties",
    "dependentRequired",
    "dependentSchemas",
    "default",
)


def _schemas(ask: Ask) -> Iterator[tuple[str, JsonObject]]:
    form = object_of(object_of(ask.body.get("response_format")).get("json_schema"))
    if form.get("strict") is True:
        yield "response_format.json_schema.schema", object_of(form.get("schema"))
    for index, tool in enumerate(objects_of(ask.body.get("tools"))):
        function = object_of(tool.get("function"))
        if function.get("strict") is True:
            yield f"tools[{index}].function.parameters", object_of(function.get("parameters"))


def _root(ask: Ask) -> Iterator[Fault]:
    for path, schema in _schemas(ask):
        if schema.get("type") != "object" or "anyOf" in schema:
            yield Fault(path, "the root must be an object")


def _required(ask: Ask) -> Iterator[Fault]:
    for path, schema in _schemas(ask):
        for node in subschemas(schema):
            required: Any = node.get("required")
            if any(not is_list(required) or name not in required for name in object_of(node.get("properties"))):
                yield Fault(path, "every property must be required")


def _closed(ask: Ask) -> Iterator[Fault]:
    for path, schema in _schemas(ask):
        for node in subschemas(schema):
            if node.get("type") == "object" and node.get("additionalProperties") is not False:
                yield Fault(path, "additionalProperties must be false on every object")


def _keywords(ask: Ask) -> Iterator[Fault]:
    for path, schema in _schemas(ask):
        for node in subschemas(schema):
            for keyword in _REFUSED:
                if keyword in node:
                    yield Fault(path, f"{keyword} is not permitted")


FORMAT_RULES: Final = (
    Rule("strict_root", "The root is an object.", "T", THIRD, _root, code="invalid_schema"),
    Rule("strict_required", "Every property is required.", "T", THIRD, _required, code="invalid_schema"),
    Rule("strict_closed", "additionalProperties is false everywhere.", "T", THIRD, _closed, code="invalid_schema"),
    Rule("strict_keywords", "Some keywords are not permitted.", "T", THIRD, _keywords, code="invalid_schema"),
)
