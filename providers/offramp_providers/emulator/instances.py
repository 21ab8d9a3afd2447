"""Making a value that fits a JSON Schema, for tool arguments and structured output."""

from __future__ import annotations

from random import Random
from typing import Any, Final

from offramp.types._value import JsonObject

from .json_values import is_list, is_number, object_of, objects_of
from .schema_walk import resolve
from .words import phrase

_DEEPEST: Final = 12
"""Below this depth optional properties are left out and lists kept short, so that recursion ends."""

_ENDLESS: Final = 60
"""A schema that has no finite value gets null here, rather than the emulator an overflow."""

_FORMATS: Final = {
    "date-time": "2026-11-23T09:30:00Z",
    "date": "2026-11-23",
    "time": "09:30:00Z",
    "duration": "PT15M",
    "email": "watch@example.org",
    "hostname": "depot.example.org",
    "uri": "https://example.org/depot",
    "ipv4": "192.0.2.7",
    "ipv6": "2001:db8::7",
    "uuid": "7d9f1f3e-5a44-4c0e-9a6d-2f6b0f1c9e55",
}


def instance_of(schema: JsonObject, rng: Random, *, saying: str = "") -> Any:
    """A value for the schema. `saying` becomes part of the first free string.

    Covers the keywords that tools and structured output use; `pattern` is not honoured.
    """
    return _Maker(schema, rng, saying).make(schema, 0)


class _Maker:
    def __init__(self, root: JsonObject, rng: Random, saying: str) -> None:
        self._root = root
        self._rng = rng
        self._saying = saying

    def make(self, schema: JsonObject, depth: int) -> Any:
        if depth > _ENDLESS:
            return None
        if "$ref" in schema:
            beside = {key: schema[key] for key in schema if key != "$ref"}
            return self.make({**resolve(schema["$ref"], self._root), **beside}, depth + 1)
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return self._rng.choice(schema["enum"])
        if schema.get("allOf"):
            return self.make(_joined(schema, self._root), depth)
        for key in ("anyOf", "oneOf"):
            if options := objects_of(schema.get(key)):
                return self.make(self._option(options, depth), depth + 1)
        return self._typed(_type_of(schema), schema, depth)

    def _option(self, options: list[JsonObject], depth: int) -> JsonObject:
        flat = [one for one in options if one.get("type") == "null"]
        return flat[0] if flat and depth > _DEEPEST else options[-1 if depth > _DEEPEST else 0]

    def _typed(self, kind: str, schema: JsonObject, depth: int) -> Any:
        match kind:
            case "object":
                return self._object(schema, depth)
            case "array":
                return self._array(schema, depth)
            case "integer":
                return _number(schema, step=1)
            case "number":
                return _number(schema, step=0.5)
            case "boolean":
                return self._rng.random() < 0.5
            case "null":
                return None
            case _:
                return self._string(schema)

    def _object(self, schema: JsonObject, depth: int) -> JsonObject:
        properties = object_of(schema.get("properties"))
        required: list[str] = schema.get("required") or []
        names = [name for name in properties if name in required or depth < 3]
        made = {name: self.make(object_of(properties[name]), depth + 1) for name in names}
        return made | {name: self._string({}) for name in required if name not in made}

    def _array(self, schema: JsonObject, depth: int) -> list[Any]:
        least = int(schema.get("minItems", 0))
        most = schema.get("maxItems")
        wanted = least if depth > 3 else max(least, 1)
        count = wanted if most is None else min(wanted, int(most))
        first = objects_of(schema.get("prefixItems"))
        kinds = [*first, *[object_of(schema.get("items"))] * max(0, count - len(first))]
        return [self.make(kind, depth + 1) for kind in kinds]

    def _string(self, schema: JsonObject) -> str:
        if schema.get("format") in _FORMATS:
            return _FORMATS[schema["format"]]
        made = f"{self._saying} {phrase(self._rng, 2)}".strip()
        self._saying = ""
        least, most = int(schema.get("minLength", 0)), schema.get("maxLength")
        made = made.ljust(least, ".")
        return made if most is None else made[: int(most)]


def _joined(schema: JsonObject, root: JsonObject) -> JsonObject:
    whole: JsonObject = {key: schema[key] for key in schema if key != "allOf"}
    for part in objects_of(schema["allOf"]):
        found = {**resolve(part["$ref"], root), **part} if "$ref" in part else part
        properties = {**object_of(whole.get("properties")), **object_of(found.get("properties"))}
        required: list[Any] = [*(whole.get("required") or []), *(found.get("required") or [])]
        whole |= {key: found[key] for key in found if key != "$ref"}
        whole |= {"properties": properties} if properties else {}
        whole |= {"required": required} if required else {}
    return whole


def _type_of(schema: JsonObject) -> str:
    kind: Any = schema.get("type")
    if is_list(kind):
        return next((str(one) for one in kind if one != "null"), "null")
    if isinstance(kind, str):
        return kind
    return "object" if "properties" in schema else "array" if "items" in schema else "string"


def _number(schema: JsonObject, *, step: float) -> float | int:
    low, high = _limit(schema, "minimum", "exclusiveMinimum"), _limit(schema, "maximum", "exclusiveMaximum")
    made: float = 3
    if low is not None:
        made = low + step
    elif high is not None:
        made = high - step
    if high is not None and made > high:
        made = high
    multiple = schema.get("multipleOf")
    if multiple:
        made -= made % multiple
        made += multiple if low is not None and made < low else 0
    return int(made) if step == 1 else made


def _limit(schema: JsonObject, *names: str) -> float | None:
    return next((schema[name] for name in names if is_number(schema.get(name))), None)
