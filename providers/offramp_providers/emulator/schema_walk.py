"""Reading JSON Schema: the schemas inside a schema, references, and whether one contains itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from offramp.types._value import JsonObject

from .json_values import object_of, objects_of

_MAPS: Final = ("properties", "$defs", "definitions", "patternProperties", "dependentSchemas")
_LISTS: Final = ("anyOf", "oneOf", "allOf", "prefixItems")
_SINGLES: Final = ("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames")


def children(schema: JsonObject) -> Iterator[JsonObject]:
    """The schemas that stand directly inside this one."""
    for key in _MAPS:
        yield from objects_of(list(object_of(schema.get(key)).values()))
    for key in _LISTS:
        yield from objects_of(schema.get(key))
    for key in _SINGLES:
        yield from objects_of([schema.get(key)])


def subschemas(schema: JsonObject) -> Iterator[JsonObject]:
    """This schema and all inside it, in order; references are not followed."""
    pending = [schema]
    while pending:
        node = pending.pop()
        yield node
        pending += reversed(list(children(node)))


def resolve(reference: Any, root: JsonObject) -> JsonObject:
    """What a `#/…` reference points to; an empty schema where it points nowhere."""
    if not isinstance(reference, str) or not reference.startswith("#"):
        return {}
    found: Any = root
    for step in filter(None, reference[1:].split("/")):
        found = object_of(found).get(step.replace("~1", "/").replace("~0", "~"))
    return object_of(found)


def is_recursive(root: JsonObject) -> bool:
    """Whether some schema contains itself by reference."""
    return any(_reaches(node["$ref"], node["$ref"], root, set()) for node in subschemas(root) if "$ref" in node)


def _reaches(start: Any, reference: Any, root: JsonObject, seen: set[str]) -> bool:
    for node in subschemas(resolve(reference, root)):
        inner = node.get("$ref")
        if inner is None:
            continue
        if inner == start:
            return True
        if str(inner) not in seen:
            seen.add(str(inner))
            if _reaches(start, inner, root, seen):
                return True
    return False
