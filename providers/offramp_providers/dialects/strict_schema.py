"""The subset of JSON Schema that `strict` can enforce, and what to do with a schema outside of it.

Nothing is rewritten that would change what the answer means: an open object is closed, since the vendor refuses it
otherwise; of an answer, an optional property is required and may be null, which Offramp takes out again; and anything
else outside of the subset is sent without `strict`. Offramp validates the answer in any case.
"""

from typing import Any, Final

from offramp.types import JsonObject
from offramp_providers.dialects.encoding import Encoding
from offramp_providers.dialects.shapes import is_list, is_object

_REFUSED: Final = frozenset(
    {
        # Recalled and third-party reports on strict mode, 2026-11-23; to be probed.
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
    }
)
_NAMED: Final = ("properties", "$defs", "definitions")
_LISTS: Final = ("anyOf", "prefixItems")


class _Outside(Exception):  # not an error: the schema is sent without strict
    """The schema says what the subset cannot."""


def strict_schema(
    encoding: Encoding, node: object, schema: JsonObject, *, nullable: bool = False
) -> tuple[JsonObject, bool]:
    """The schema that may be sent with `strict`, or the same one and False.

    Args:
        encoding: the encoding on its way. A request written in its dialect passes as it is.
        node: the tool or output that holds the schema.
        schema: the schema.
        nullable: an optional property may be sent as required and nullable; the answer's reader takes its null out.
    """
    if encoding.native or not encoding.option("strict_subset"):
        return schema, True
    closing = _Closing(nullable=nullable)
    try:
        closed = closing.root(schema)
    except _Outside:
        encoding.log.lose("schema.strict", node, "strict")
        return schema, False
    if closing.relaxed:
        encoding.log.lose("schema.nullable", node, "schema")
    elif closed != schema:
        encoding.log.lose("schema.injected", node, "schema")
    return closed, True


class _Closing:
    """One schema on its way into the subset."""

    def __init__(self, *, nullable: bool) -> None:
        self._nullable = nullable
        self.relaxed = False
        """Whether an optional property was made required and nullable, or a default left out."""

    def root(self, schema: JsonObject) -> JsonObject:
        """The schema with every object closed. Raises _Outside."""
        if schema.get("type") != "object" or "anyOf" in schema:
            raise _Outside
        closed: JsonObject = self._closed(schema)
        return closed

    def _closed(self, schema: Any) -> Any:
        if not is_object(schema):
            return schema
        if self._nullable and "default" in schema:
            schema = {key: held for key, held in schema.items() if key != "default"}
            self.relaxed = True
        if not _REFUSED.isdisjoint(schema):
            raise _Outside
        closed = {key: self._nested(key, held) for key, held in schema.items()}
        if schema.get("type") == "object" or "properties" in schema:
            self._require_all(schema, closed)
            closed["additionalProperties"] = False
        return closed

    def _require_all(self, schema: JsonObject, closed: JsonObject) -> None:
        properties, required = schema.get("properties", {}), schema.get("required", [])
        if schema.get("additionalProperties", False) is not False or not is_object(properties) or not is_list(required):
            raise _Outside
        optional = set(properties) - {name for name in required if type(name) is str}
        if not optional:
            return
        if not self._nullable:
            raise _Outside
        self.relaxed = True
        held: JsonObject = closed["properties"]
        closed["properties"] = {name: _or_null(each) if name in optional else each for name, each in held.items()}
        closed["required"] = list(properties)

    def _nested(self, key: str, held: Any) -> Any:
        if key in _NAMED and is_object(held):
            return {name: self._closed(each) for name, each in held.items()}
        if key in _LISTS and is_list(held):
            return [self._closed(each) for each in held]
        return self._closed(held) if key == "items" else held


def _or_null(schema: Any) -> Any:
    """The schema, or null. One that may be null already is left as it is; its null stays an answer."""
    if not is_object(schema):  # `true` takes null too
        return schema
    kind: Any = schema.get("type")
    if kind == "null" or (is_list(kind) and "null" in kind):
        return schema
    if type(kind) is str and "enum" not in schema and "const" not in schema:
        return {**schema, "type": [kind, "null"]}
    return {"anyOf": [schema, {"type": "null"}]}
