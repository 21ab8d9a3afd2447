"""What the server keeps of a tool's schema: it reads it into a type of its own, and drops every other keyword."""

from typing import Any

from offramp.types import FunctionTool, JsonObject
from offramp_providers.dialects.ollama_native.encoding import Encoding
from offramp_providers.dialects.shapes import is_list, is_object


def encode_schema(encoding: Encoding, tool: FunctionTool, schema: JsonObject) -> JsonObject:
    """The schema less what the model would never see, by name. An author who knows this dialect is not corrected."""
    if encoding.native:
        return schema
    return _Kept(encoding, tool).read(schema, "schema")


class _Kept:
    """Reads a schema as the server does. `items` and `$defs` are taken whole there."""

    def __init__(self, encoding: Encoding, tool: FunctionTool) -> None:
        self._log = encoding.log
        self._tool = tool
        self._keywords: tuple[str, ...] = encoding.option("tool_keywords")

    def read(self, schema: JsonObject, path: str) -> JsonObject:
        """One schema."""
        kept: JsonObject = {}
        for key, held in schema.items():
            where = f"{path}.{key}"
            if key not in self._keywords:
                self._lose(where)
            elif key == "properties" and is_object(held):
                inner = {name: self._inner(each, f"{where}.{name}") for name, each in held.items()}
                kept[key] = {name: each for name, each in inner.items() if each is not None}
            elif key == "anyOf" and is_list(held):
                branches = [self._inner(each, f"{where}[{n}]") for n, each in enumerate(held)]
                kept[key] = [each for each in branches if each is not None]
            else:
                kept[key] = held
        return kept

    def _inner(self, schema: Any, path: str) -> JsonObject | None:
        if is_object(schema):
            return self.read(schema, path)
        # `true` and `false` are schemas too, which the server refuses; anything else is none.
        self._lose(path)
        return {} if type(schema) is bool else None

    def _lose(self, path: str) -> None:
        self._log.lose("schema.keyword", self._tool, path)
