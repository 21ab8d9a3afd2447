"""The subset of JSON Schema that the vendor holds an answer to.

What it refuses is taken out of the sent copy, by name; Offramp checks the answer against the original.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from offramp.types import JsonObject
from offramp_providers.dialects.anthropic_messages.encoding import Encoding
from offramp_providers.dialects.shapes import is_list, is_object

_REFUSED: Final = frozenset(
    [
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "minLength",
        "maxLength",
        "maxItems",
        "uniqueItems",
        "contains",
        "minContains",
        "maxContains",
        "minProperties",
        "maxProperties",
        "patternProperties",
        "propertyNames",
        "not",
        "if",
        "then",
        "else",
        "dependentRequired",
        "dependentSchemas",
        "unevaluatedItems",
        "unevaluatedProperties",
    ]
)
_FORMATS: Final = frozenset(
    ["date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"]
)
"""Sources: anthropic-sdk-python 0.121.0, read 2026-11-23 (its schema transformation)."""

_NAMED: Final = frozenset({"properties", "$defs", "definitions"})
"""Keywords whose value maps names to schemas."""
_LISTED: Final = frozenset({"anyOf", "allOf", "oneOf", "prefixItems"})
"""Keywords whose value lists schemas."""


def encode_schema(ctx: Encoding, node: object, schema: JsonObject) -> JsonObject:
    """The schema as the vendor takes it. Each keyword taken out is a loss of the node, under `schema`."""
    if ctx.allows("schema_keywords"):
        return schema
    return _Subset(ctx, node).of(schema, "schema")


class _Subset:
    """One rewriting of a schema."""

    def __init__(self, ctx: Encoding, node: object) -> None:
        self._ctx = ctx
        self._node = node

    def of(self, schema: JsonObject, path: str) -> JsonObject:
        """The copy to be sent."""
        sent: JsonObject = {}
        for keyword, content in schema.items():
            self._keep(sent, keyword, content, f"{path}.{keyword}")
        if _is_object(schema) and "additionalProperties" not in schema:
            sent["additionalProperties"] = False
            self._ctx.log.lose("schema.injected", self._node, f"{path}.additionalProperties")
        return sent

    def _keep(self, sent: JsonObject, keyword: str, content: Any, path: str) -> None:
        if keyword in _NAMED and is_object(content):
            sent[keyword] = {name: self._inner(inner, f"{path}.{name}") for name, inner in content.items()}
        elif keyword in _LISTED and is_list(content):
            listed = [self._inner(each, f"{path}[{i}]") for i, each in enumerate(content)]
            if keyword == "oneOf":
                self._lose(path)
            sent["anyOf" if keyword == "oneOf" and "anyOf" not in sent else keyword] = listed
        elif keyword == "additionalProperties" and content is not False:
            self._lose(path)
            sent[keyword] = False
        elif _is_refused(keyword, content):
            self._lose(path)
        else:
            sent[keyword] = self._inner(content, path) if keyword == "items" else content

    def _inner(self, schema: Any, path: str) -> Any:
        return self.of(schema, path) if is_object(schema) else schema

    def _lose(self, path: str) -> None:
        self._ctx.log.lose("schema.keyword", self._node, path)


def _is_object(schema: JsonObject) -> bool:
    kind: Any = schema.get("type")
    return kind == "object" or (is_list(kind) and "object" in kind)


def _is_refused(keyword: str, content: Any) -> bool:
    match keyword:
        case "format":
            return content not in _FORMATS
        case "minItems":
            return content not in (0, 1)
        case _:
            return keyword in _REFUSED


def is_recursive(schema: JsonObject) -> bool:
    """Whether a definition within the schema leads back to itself, which the vendor refuses."""
    uses = {name: set(_references(inner)) for name, inner in _definitions(schema).items()}
    if "#" in set(_references(schema)):
        return True
    return any(name in _reached(name, uses) for name in uses)


def _definitions(schema: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for keyword in ("$defs", "definitions"):
        named: Any = schema.get(keyword)
        if is_object(named):
            found |= {f"#/{keyword}/{name}": inner for name, inner in named.items()}
    return found


def _references(node: Any) -> Iterator[str]:
    waiting = [node]
    while waiting:
        each: Any = waiting.pop()
        if is_object(each):
            reference: Any = each.get("$ref")
            if isinstance(reference, str):
                yield reference
            waiting.extend(each.values())
        elif is_list(each):
            waiting.extend(each)


def _reached(start: str, uses: Mapping[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = list(uses[start])
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting.extend(uses.get(name, ()))
    return reached
