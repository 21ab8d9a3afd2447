"""Rules on schemas that the vendor is to hold an answer or a call to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from offramp.types._value import JsonObject
from offramp_providers.emulator.json_values import object_of, objects_of, text_of
from offramp_providers.emulator.rules import Ask, Rule
from offramp_providers.emulator.schema_walk import subschemas
from offramp_providers.emulator.shapes import Fault

from .sources import STRUCTURED

_REFUSED: Final = (
    *("allOf", "oneOf", "not", "maximum", "minimum", "minItems", "maxItems", "maxLength", "minLength", "uniqueItems"),
)
_FORMATS: Final = ("date-time", "uuid", "date", "time")


def _schemas(ask: Ask) -> Iterator[tuple[str, JsonObject]]:
    form = object_of(ask.body.get("response_format"))
    for key in ("json_schema", "schema"):
        if key in form:
            yield f"response_format.{key}", object_of(form[key])
    if ask.body.get("strict_tools") is True:
        for index, tool in enumerate(objects_of(ask.body.get("tools"))):
            yield f"tools[{index}].function.parameters", object_of(object_of(tool.get("function")).get("parameters"))


def _root(ask: Ask) -> Iterator[Fault]:
    for path, schema in _schemas(ask):
        if schema.get("type") != "object":
            yield Fault(path, "schema must be an object")


def _each(found: Callable[[JsonObject], str | None]) -> Callable[[Ask], Iterator[Fault]]:
    """A check of every schema within the schemas."""

    def check(ask: Ask) -> Iterator[Fault]:
        for path, schema in _schemas(ask):
            for node in subschemas(schema):
                wrong = found(node)
                if wrong is not None and not (path.startswith("tools") and _is_bare(schema)):
                    yield Fault(path, wrong)

    return check


def _is_bare(schema: JsonObject) -> bool:
    """A tool without parameters has none to require."""
    return not schema.get("properties")


def _requires_nothing(node: JsonObject) -> str | None:
    return "every object must require a field" if node.get("type") == "object" and not node.get("required") else None


def _keyword(node: JsonObject) -> str | None:
    return next((f"{keyword} is not supported" for keyword in _REFUSED if keyword in node), None)


def _format(node: JsonObject) -> str | None:
    found: Any = node.get("format")
    return None if found is None or found in _FORMATS else "this format is not supported"


def _pattern(node: JsonObject) -> str | None:
    pattern = text_of(node.get("pattern"))
    return "this pattern is not supported" if any(sign in pattern for sign in ("^", "$", "?=", "?!")) else None


FORMAT_RULES: Final = (
    Rule("schema_root", "The root is an object.", "D", STRUCTURED, _root),
    Rule("schema_required", "Every object requires something.", "D", STRUCTURED, _each(_requires_nothing)),
    Rule("schema_keywords", "Some keywords are not supported.", "D", STRUCTURED, _each(_keyword)),
    Rule("schema_formats", "Four formats are supported.", "D", STRUCTURED, _each(_format)),
    Rule("schema_patterns", "Patterns have no anchors.", "D", STRUCTURED, _each(_pattern)),
)
