"""The subset of JSON Schema that `strict` can enforce, and what to do with a schema outside of it.

Nothing is rewritten that would change what the schema means: an open object is closed, since the vendor refuses it
otherwise, and anything else outside of the subset is sent without `strict`. Offramp validates the answer in any case.
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


def strict_schema(encoding: Encoding, node: object, schema: JsonObject) -> tuple[JsonObject, bool]:
    """The schema that may be sent with `strict`, or the same one and False.

    Args:
        encoding: the encoding on its way. A request written in its dialect passes as it is.
        node: the tool or output that holds the schema.
        schema: the schema.
    """
    if encoding.native or not encoding.option("strict_subset"):
        return schema, True
    try:
        closed = _closed_root(schema)
    except _Outside:
        encoding.log.lose("schema.strict", node, "strict")
        return schema, False
    if closed != schema:
        encoding.log.lose("schema.injected", node, "schema")
    return closed, True


def _closed_root(schema: JsonObject) -> JsonObject:
    if schema.get("type") != "object" or "anyOf" in schema:
        raise _Outside
    closed: JsonObject = _closed(schema)
    return closed


def _closed(schema: Any) -> Any:
    """The schema with every object closed."""
    if not is_object(schema):
        return schema
    if not _REFUSED.isdisjoint(schema):
        raise _Outside
    closed = {key: _nested(key, held) for key, held in schema.items()}
    if schema.get("type") == "object" or "properties" in schema:
        _require_all(schema)
        closed["additionalProperties"] = False
    return closed


def _require_all(schema: JsonObject) -> None:
    properties, required = schema.get("properties", {}), schema.get("required", [])
    if schema.get("additionalProperties", False) is not False or not is_object(properties) or not is_list(required):
        raise _Outside
    if set(properties) - {name for name in required if type(name) is str}:
        raise _Outside


def _nested(key: str, held: Any) -> Any:
    if key in _NAMED and is_object(held):
        return {name: _closed(each) for name, each in held.items()}
    if key in _LISTS and is_list(held):
        return [_closed(each) for each in held]
    return _closed(held) if key == "items" else held
