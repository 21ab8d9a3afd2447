"""Which keywords of JSON Schema a schema uses."""

from collections.abc import Collection, Iterator
from typing import Any, Final, cast

from offramp.types import JsonObject

_ANNOTATIONS: Final = frozenset(
    ("title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly", "$comment", "$schema", "$id")
)
"""They hold an answer to nothing."""
_NAMED: Final = frozenset(("properties", "patternProperties", "$defs", "definitions", "dependentSchemas"))
"""Keywords whose value maps names to schemas."""
_VALUES: Final = frozenset(("const", "enum", "default", "examples", "required", "dependentRequired"))
"""Keywords whose value is no schema, whatever it holds."""


def keywords_of(schema: object) -> frozenset[str]:
    """All that hold an answer to something, wherever they stand in the schema."""
    return frozenset(_walk(schema)) - _ANNOTATIONS


def unenforced(schema: JsonObject, enforced: Collection[str]) -> list[str]:
    """The keywords of the schema that are not among those that a vendor enforces, in alphabetical order."""
    return sorted(keywords_of(schema) - set(enforced))


def _walk(schema: Any) -> Iterator[str]:
    if isinstance(schema, list):
        for each in cast("list[object]", schema):
            yield from _walk(each)
    elif isinstance(schema, dict):
        for keyword, held in cast("JsonObject", schema).items():
            yield keyword
            if keyword in _NAMED and isinstance(held, dict):
                for each in cast("JsonObject", held).values():
                    yield from _walk(each)
            elif keyword not in _VALUES:
                yield from _walk(held)
