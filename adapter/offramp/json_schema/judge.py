"""One schema with its own references, and the keywords that apply further schemas to an instance or to parts of it."""

import math
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any, Final, TypeAlias, cast

from offramp.json_schema.assertions import ASSERTIONS, matches
from offramp.types import JsonObject, value

Schema: TypeAlias = Any
"""An object, or true or false."""


@value
class Fault:
    """Where an instance does not fit, and by which keyword. It quotes no content."""

    path: str
    keyword: str


class Judge:
    """One schema with its own references."""

    def __init__(self, root: Schema) -> None:
        self.root = root
        self._open: set[tuple[int, int]] = set()

    def faults(self, schema: Schema, instance: Any, path: str) -> Generator[Fault]:
        """All faults of an instance, as they are found."""
        if schema is False:
            yield Fault(path, "false")
        if not isinstance(schema, dict):
            return
        place = (id(cast("object", schema)), id(instance))
        if place in self._open:  # the schema has come back to itself without going deeper: it asks nothing new
            return
        self._open.add(place)
        try:
            yield from self._of_keywords(cast("JsonObject", schema), instance, path)
        finally:
            self._open.discard(place)

    def _of_keywords(self, schema: JsonObject, instance: Any, path: str) -> Iterator[Fault]:
        for keyword, held in schema.items():
            if keyword in ASSERTIONS:
                if not ASSERTIONS[keyword](held, instance):
                    yield Fault(path, keyword)
            elif keyword in _APPLICATORS:
                yield from _APPLICATORS[keyword](self, schema, instance, path)

    def fits(self, schema: Schema, instance: Any) -> bool:
        """Whether the instance has no fault."""
        with closing(self.faults(schema, instance, "")) as found:
            return next(found, None) is None


def _ref(judge: Judge, schema: JsonObject, instance: Any, path: str) -> Iterator[Fault]:
    target = pointed(judge.root, schema["$ref"])
    if target is None:
        yield Fault(path, "$ref")
    else:
        yield from judge.faults(target, instance, path)


def _all_of(judge: Judge, schema: JsonObject, instance: Any, path: str) -> Iterator[Fault]:
    for each in schema["allOf"]:
        yield from judge.faults(each, instance, path)


def _any_of(judge: Judge, schema: JsonObject, instance: Any, path: str) -> Iterator[Fault]:
    if not any(judge.fits(each, instance) for each in schema["anyOf"]):
        yield Fault(path, "anyOf")


def _one_of(judge: Judge, schema: JsonObject, instance: Any, path: str) -> Iterator[Fault]:
    if sum(judge.fits(each, instance) for each in schema["oneOf"]) != 1:
        yield Fault(path, "oneOf")


def _not(judge: Judge, schema: JsonObject, instance: Any, path: str) -> Iterator[Fault]:
    if judge.fits(schema["not"], instance):
        yield Fault(path, "not")


def _if(judge: Judge, schema: JsonObject, instance: Any, path: str) -> Iterator[Fault]:
    branch = "then" if judge.fits(schema["if"], instance) else "else"
    yield from judge.faults(schema.get(branch, True), instance, path)


def _properties(judge: Judge, schema: JsonObject, instance: Any, path: str) -> Iterator[Fault]:
    if isinstance(instance, dict):
        held = cast("JsonObject", instance)
        for name, each in schema["properties"].items():
            if name in held:
                yield from judge.faults(each, held[name], _below(path, name))


def _pattern_properties(judge: Judge, schema: JsonObject, instance: Any, path: str) -> Iterator[Fault]:
    if isinstance(instance, dict):
        for pattern, each in schema["patternProperties"].items():
            for name, content in cast("JsonObject", instance).items():
                if matches(pattern, name):
                    yield from judge.faults(each, content, _below(path, name))


def _additional_properties(judge: Judge, schema: JsonObject, instance: Any, path: str) -> Iterator[Fault]:
    if isinstance(instance, dict):
        patterns: Sequence[str] = list(schema.get("patternProperties", ()))
        for name, content in cast("JsonObject", instance).items():
            if name not in schema.get("properties", ()) and not any(matches(each, name) for each in patterns):
                # The name is the model's word, and may be content: the path ends at the object.
                if schema["additionalProperties"] is False:
                    yield Fault(path, "additionalProperties")
                else:
                    yield from judge.faults(schema["additionalProperties"], content, path)


def _property_names(judge: Judge, schema: JsonObject, instance: Any, path: str) -> Iterator[Fault]:
    if isinstance(instance, dict):
        for name in cast("JsonObject", instance):
            yield from judge.faults(schema["propertyNames"], name, path)


def _dependent_schemas(judge: Judge, schema: JsonObject, instance: Any, path: str) -> Iterator[Fault]:
    if isinstance(instance, dict):
        for name, each in schema["dependentSchemas"].items():
            if name in instance:
                yield from judge.faults(each, instance, path)


def _prefix_items(judge: Judge, schema: JsonObject, instance: Any, path: str) -> Iterator[Fault]:
    if isinstance(instance, list):
        for place, (each, content) in enumerate(zip(schema["prefixItems"], cast("list[object]", instance))):  # noqa: B905  # either may be longer
            yield from judge.faults(each, content, f"{path}[{place}]")


def _items(judge: Judge, schema: JsonObject, instance: Any, path: str) -> Iterator[Fault]:
    if not isinstance(instance, list):
        return
    rest: Any = schema["items"]
    begin = len(schema.get("prefixItems", ()))
    if isinstance(rest, list):  # an earlier draft's prefixItems
        listed = cast("list[object]", rest)
        yield from _prefix_items(judge, {"prefixItems": listed}, instance, path)
        begin, rest = len(listed), schema.get("additionalItems", True)
    for place, content in enumerate(cast("list[object]", instance)[begin:], begin):
        yield from judge.faults(rest, content, f"{path}[{place}]")


def _contains(judge: Judge, schema: JsonObject, instance: Any, path: str) -> Iterator[Fault]:
    if isinstance(instance, list):
        found = sum(judge.fits(schema["contains"], each) for each in cast("list[object]", instance))
        if not schema.get("minContains", 1) <= found <= schema.get("maxContains", math.inf):
            yield Fault(path, "contains")


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def pointed(root: Schema, reference: Any) -> Schema:
    """What a reference within the document points at. None: it points at nothing that is here."""
    if not isinstance(reference, str) or not (reference == "#" or reference.startswith("#/")):
        return None
    found: Any = root
    for word in reference.split("/")[1:]:
        step = word.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict) and step in found:
            found = cast("JsonObject", found)[step]
        elif isinstance(found, list) and step.isdecimal() and int(step) < len(cast("list[object]", found)):
            found = cast("list[object]", found)[int(step)]
        else:
            return None
    return found


_APPLICATORS: Final[Mapping[str, Callable[[Judge, JsonObject, Any, str], Iterator[Fault]]]] = {
    "$ref": _ref,
    "allOf": _all_of,
    "anyOf": _any_of,
    "oneOf": _one_of,
    "not": _not,
    "if": _if,
    "properties": _properties,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "propertyNames": _property_names,
    "dependentSchemas": _dependent_schemas,
    "prefixItems": _prefix_items,
    "items": _items,
    "contains": _contains,
}
