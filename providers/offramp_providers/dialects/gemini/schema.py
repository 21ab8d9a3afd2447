"""Schemas: the vendor's older subset of OpenAPI, read as JSON Schema, and JSON Schema as it takes it."""

from collections.abc import Mapping
from typing import Any, Final

from offramp.types import JsonObject
from offramp_providers.dialects.arguments import dump_compact, load_json
from offramp_providers.dialects.gemini.encoding import Encoding
from offramp_providers.dialects.gemini.spellings import both_spellings
from offramp_providers.dialects.shapes import is_list, is_object

_TYPES: Final = frozenset({"STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL"})
_COUNTS: Final = frozenset(
    {"minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"},
)
"""Whole numbers, which the wire may write as texts."""
_SPELLINGS: Final = {
    **both_spellings("anyOf", "additionalProperties", "propertyOrdering", *_COUNTS),
    "defs": "$defs",
    "ref": "$ref",
}
_NAMED: Final = frozenset({"properties", "$defs"})
"""Keywords whose value maps names to schemas."""


def from_openapi(schema: JsonObject) -> JsonObject:
    """The same schema in JSON Schema's words. The caller keeps the original spelling."""
    read: JsonObject = {}
    for key, content in schema.items():
        name = _SPELLINGS.get(key, key)
        read[name] = _read(name, content)
    nullable = read.pop("nullable", None)
    if nullable is True and type(read.get("type")) is str:
        read["type"] = [read["type"], "null"]
    elif nullable not in (None, False):
        read["nullable"] = nullable
    return read


def _read(name: str, content: Any) -> Any:
    if name == "type":
        return content.lower() if type(content) is str and content in _TYPES else content
    if name in _NAMED and is_object(content):
        return {key: _inner(each) for key, each in content.items()}
    if name == "anyOf" and is_list(content):
        return [_inner(each) for each in content]
    if name in ("items", "additionalProperties"):
        return _inner(content)
    if name in _COUNTS and type(content) is str and content.isdecimal():
        return int(content)
    return content


def _inner(schema: Any) -> Any:
    return from_openapi(schema) if is_object(schema) else schema


def spelling_of(key: str, raw: JsonObject, schema: JsonObject) -> str:
    """The form mark of a schema in the older way; with its own spelling, where that is another."""
    return f"schema={key}" if raw == schema else f"schema={key}:{dump_compact(raw)}"


def respelled(mark: str, schema: JsonObject) -> tuple[str, JsonObject]:
    """Key and schema as they were written, unless the schema has changed since."""
    key, colon, text = mark.partition(":")
    if colon:
        raw: Any = load_json(text)
        if is_object(raw) and from_openapi(raw) == schema:
            return key, raw
    return key, schema


def encode_schema(ctx: Encoding, node: object, schema: JsonObject) -> JsonObject:
    """JSON Schema as the vendor takes it: what stands beside a reference is taken out, by name."""
    if ctx.authored or "$ref" not in dump_compact(schema):
        return schema
    return _without_siblings(ctx, node, schema, "schema")


def _without_siblings(ctx: Encoding, node: object, schema: Mapping[str, Any], path: str) -> JsonObject:
    # Only keywords that begin with `$` may stand beside a reference (googleapis/python-genai of 2026-08-21, read
    # 2026-11-23).
    is_reference = type(schema.get("$ref")) is str
    sent: JsonObject = {}
    for key, content in schema.items():
        where = f"{path}.{key}"
        if is_reference and not key.startswith("$"):
            ctx.log.lose("schema.keyword", node, where)
        elif key in _NAMED and is_object(content):
            sent[key] = {name: _below(ctx, node, each, f"{where}.{name}") for name, each in content.items()}
        elif is_list(content):
            sent[key] = [_below(ctx, node, each, f"{where}[{n}]") for n, each in enumerate(content)]
        else:
            sent[key] = _below(ctx, node, content, where)
    return sent


def _below(ctx: Encoding, node: object, found: Any, path: str) -> Any:
    return _without_siblings(ctx, node, found, path) if is_object(found) else found
