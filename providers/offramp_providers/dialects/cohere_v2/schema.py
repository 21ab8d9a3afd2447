"""The subset of JSON Schema that the vendor holds an answer to (docs.cohere.com structured outputs, read 2026-11-26).

What it refuses is taken out of the sent copy, by name; Offramp checks the answer against the original.
"""

from typing import Any, Final

from offramp.types import JsonObject
from offramp_providers.dialects.shapes import is_list, is_object

_REFUSED: Final = frozenset(
    {
        # Named by the vendor, as some of what it does not support.
        *("allOf", "not", "maximum", "minimum", "minItems", "maxItems", "minLength", "maxLength", "uniqueItems"),
        # Of the same kinds.
        *("exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minProperties", "maxProperties", "propertyNames"),
        *("contains", "minContains", "maxContains", "patternProperties", "if", "then", "else"),
        *("dependentRequired", "dependentSchemas", "unevaluatedItems", "unevaluatedProperties"),
    }
)
_FORMATS: Final = frozenset({"date-time", "uuid", "date", "time"})
_REFUSED_IN_PATTERNS: Final = ("^", "$", "?=", "?!")
_NAMED: Final = frozenset({"properties", "$defs", "definitions"})
"""Keywords whose value maps names to schemas."""
_LISTED: Final = frozenset({"anyOf", "oneOf", "prefixItems"})
"""Keywords whose value lists schemas."""


class OutsideError(Exception):
    """The vendor can hold no answer to such a schema, nor to a narrower one."""


class Subset:
    """One schema, cut down to the subset."""

    def __init__(self, schema: JsonObject) -> None:
        self.cut: list[str] = []
        """Path of each keyword that was taken out."""
        self.required: list[str] = []
        """Path of each list of required properties that had to be given."""
        if schema.get("type") != "object":
            raise OutsideError
        self.schema: JsonObject = self._of(schema, "schema")

    @property
    def is_whole(self) -> bool:
        """Whether the schema could be sent as it was."""
        return not self.cut and not self.required

    def _of(self, schema: JsonObject, path: str) -> JsonObject:
        sent: JsonObject = {}
        for keyword, content in schema.items():
            self._keep(sent, keyword, content, f"{path}.{keyword}")
        if schema.get("type") == "object" and not sent.get("required"):
            properties: Any = sent.get("properties")
            if not is_object(properties) or not properties:
                raise OutsideError
            # Every object needs one, and what fits the narrower schema fits the original too.
            sent["required"] = [next(iter(properties))]
            self.required.append(f"{path}.required")
        return sent

    def _keep(self, sent: JsonObject, keyword: str, content: Any, path: str) -> None:
        if keyword in _NAMED and is_object(content):
            sent[keyword] = {name: self._inner(inner, f"{path}.{name}") for name, inner in content.items()}
        elif keyword in _LISTED and is_list(content):
            listed = [self._inner(each, f"{path}[{place}]") for place, each in enumerate(content)]
            if keyword == "oneOf":
                self.cut.append(path)
            sent["anyOf" if keyword == "oneOf" and "anyOf" not in sent else keyword] = listed
        elif _is_refused(keyword, content):
            self.cut.append(path)
        else:
            sent[keyword] = self._inner(content, path) if keyword in ("items", "additionalProperties") else content

    def _inner(self, schema: Any, path: str) -> Any:
        return self._of(schema, path) if is_object(schema) else schema


def _is_refused(keyword: str, content: Any) -> bool:
    match keyword:
        case "format":
            return content not in _FORMATS
        case "pattern":
            return type(content) is str and any(sign in content for sign in _REFUSED_IN_PATTERNS)
        case _:
            return keyword in _REFUSED
