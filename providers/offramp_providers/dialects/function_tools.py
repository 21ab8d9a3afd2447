"""A function that the model may call, as chat dialects describe it: `{name, description, parameters, strict}`."""

from typing import Any

from offramp.types import FunctionTool, JsonObject
from offramp_providers.dialects.shapes import is_object, take_flag, take_text


def take_function(left: JsonObject) -> FunctionTool | None:
    """Take the description of a function, and leave what else the object says; None, and all left, without a name."""
    name = take_text(left, "name")
    if name is None:
        return None
    description = take_text(left, "description")
    schema: Any = left.get("parameters")
    if is_object(schema):
        del left["parameters"]
    return FunctionTool(
        name,
        description=description,
        schema=schema if is_object(schema) else None,
        strict=take_flag(left, "strict"),
    )


def write_function(tool: FunctionTool, schema: JsonObject | None, *, strict: bool | None) -> JsonObject:
    """The description, with the schema and the strictness that may be sent."""
    written: JsonObject = {"name": tool.name}
    if tool.description is not None:
        written["description"] = tool.description
    if schema is not None:
        written["parameters"] = schema
    if strict is not None:
        written["strict"] = strict
    return written
