"""Take out the nulls with which a strict vendor stands in for properties that were left out."""

from collections.abc import Mapping
from typing import Any, cast

from offramp.json_schema.judge import Judge, Schema, pointed
from offramp.types import JsonObject


def without_nulls(schema: Schema, instance: Any) -> Any:
    """The instance without each null that stands in an optional property whose own schema takes no null.

    A null that the schema takes is an answer, and stays.
    """
    return _Cleaning(schema).cleaned(schema, instance)


class _Cleaning:
    """One instance being held against its schema."""

    def __init__(self, root: Schema) -> None:
        self._judge = Judge(root)

    def cleaned(self, schema: Schema, instance: Any) -> Any:
        """The instance as this part of the schema reads it."""
        if not isinstance(schema, dict):
            return instance
        asked = cast("JsonObject", schema)
        if "$ref" in asked:
            instance = self.cleaned(pointed(self._judge.root, asked["$ref"]), instance)
        if isinstance(instance, dict):
            instance = self._object(asked, cast("JsonObject", instance))
        elif isinstance(instance, list) and "items" in asked:
            instance = [self.cleaned(asked["items"], each) for each in cast("list[object]", instance)]
        return self._branch(asked, instance)

    def _object(self, schema: JsonObject, instance: JsonObject) -> JsonObject:
        properties: Mapping[str, Any] = schema.get("properties", {})
        required = schema.get("required", ())
        kept: JsonObject = {}
        for name, content in instance.items():
            each: Any = properties.get(name, True)
            if content is None and name not in required and not self._judge.fits(each, None):
                continue
            kept[name] = self.cleaned(each, content)
        return kept

    def _branch(self, schema: JsonObject, instance: Any) -> Any:
        """As the first alternative reads it that it then fits."""
        for each in schema.get("anyOf", ()):
            cleaned = self.cleaned(each, instance)
            if self._judge.fits(each, cleaned):
                return cleaned
        return instance
