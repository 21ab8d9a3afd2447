"""Rules on the JSON Schema that structured output may use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from offramp.types._value import JsonObject
from offramp_providers.emulator.json_values import object_of, text_of
from offramp_providers.emulator.rules import Ask, Rule
from offramp_providers.emulator.schema_walk import is_recursive, subschemas
from offramp_providers.emulator.shapes import Fault

from .sources import SDK

_REFUSED: Final = (
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "maxItems",
    "oneOf",
)
_FORMATS: Final = ("date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid")


def _schemas(ask: Ask) -> Iterator[tuple[str, JsonObject]]:
    config = object_of(ask.body.get("output_config"))
    for path, form in (
        ("output_config.format.schema", object_of(config.get("format"))),
        ("output_format.schema", object_of(ask.body.get("output_format"))),
    ):
        if isinstance(form.get("schema"), dict):
            yield path, form["schema"]


def _keywords(ask: Ask) -> Iterator[Fault]:
    for path, schema in _schemas(ask):
        for node in subschemas(schema):
            for keyword in _REFUSED:
                if keyword in node:
                    yield Fault(path, f"{keyword} is not supported")


def _few_items(ask: Ask) -> Iterator[Fault]:
    for path, schema in _schemas(ask):
        if any(node.get("minItems", 0) not in (0, 1) for node in subschemas(schema)):
            yield Fault(path, "minItems may be 0 or 1")


def _closed_objects(ask: Ask) -> Iterator[Fault]:
    for path, schema in _schemas(ask):
        for node in subschemas(schema):
            is_object: Any = node.get("type") == "object"
            if is_object and node.get("additionalProperties") is not False:
                yield Fault(path, "additionalProperties must be false on every object")


def _formats(ask: Ask) -> Iterator[Fault]:
    for path, schema in _schemas(ask):
        for node in subschemas(schema):
            if "format" in node and text_of(node["format"]) not in _FORMATS:
                yield Fault(path, f"format may be one of: {', '.join(_FORMATS)}")


def _recursion(ask: Ask) -> Iterator[Fault]:
    for path, schema in _schemas(ask):
        if is_recursive(schema):
            yield Fault(path, "recursion is not supported")


FORMAT_RULES: Final = (
    Rule("format_keywords", "Numeric and length limits and oneOf are not supported.", "S", SDK, _keywords),
    Rule("format_min_items", "minItems is 0 or 1.", "S", SDK, _few_items),
    Rule("format_closed", "additionalProperties is false, nothing else.", "S", SDK, _closed_objects),
    Rule("format_formats", "String formats come from a list.", "S", SDK, _formats),
    Rule("format_recursion", "Recursion is not supported.", "S", SDK, _recursion),
)
