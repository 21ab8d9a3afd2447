"""A schema that the answer must follow, as OpenAI's dialects and those like them say it: `{name, schema, strict}`."""

import re
from typing import Any, Final

from offramp.types import JsonObject, SchemaOutput
from offramp_providers.dialects.encoding import Encoding
from offramp_providers.dialects.shapes import is_object, take_flag, take_text
from offramp_providers.dialects.strict_schema import strict_schema

_REFUSED_IN_NAMES: Final = re.compile(r"[^a-zA-Z0-9_-]")
_LONGEST_NAME: Final = 64  # openai-openapi 2.3.0, read 2026-11-23


def take_schema(left: JsonObject) -> SchemaOutput | None:
    """Take what the object says of a schema, and leave what else it says; None, and all left alone, without one."""
    schema: Any = left.get("schema")
    if not is_object(schema):
        return None
    del left["schema"]
    return SchemaOutput(
        schema,
        name=take_text(left, "name"),
        description=take_text(left, "description"),
        strict=take_flag(left, "strict"),
    )


def encode_schema(encoding: Encoding, output: SchemaOutput) -> JsonObject:
    """The object with the schema, and with the name that it must have."""
    schema, strict = output.schema, output.strict
    if strict:
        schema, strict = strict_schema(encoding, output, schema, nullable=True)
    written: JsonObject = {"schema": schema}
    name = output.name if encoding.native else _name(encoding, output)
    if name is not None:
        written["name"] = name
    if output.description is not None:
        written["description"] = output.description
    if strict is not None:
        written["strict"] = strict
    return written


def _name(encoding: Encoding, output: SchemaOutput) -> str:
    if not output.name:
        encoding.log.lose("output.name.injected", output, "name")
        return "response"
    name = _REFUSED_IN_NAMES.sub("_", output.name)[:_LONGEST_NAME]
    if name != output.name:
        encoding.log.lose("output.name.rewritten", output, "name")
    return name
