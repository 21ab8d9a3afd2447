"""What the answer must look like: `response_format`."""

from typing import Any, Final

from offramp.types import JsonObject, JsonOutput, Output, SchemaOutput, Severity, TextOutput
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.cohere_v2.encoding import Encoding, residue_wire
from offramp_providers.dialects.cohere_v2.schema import OutsideError, Subset
from offramp_providers.dialects.shapes import is_object

_OLD_NAME: Final = "schema=schema"
"""Marks a schema under its older name."""


def take_output(left: JsonObject) -> Output | None:
    """Take the response format out of what is left of a request; one that we do not know stays there."""
    found: Any = left.get("response_format")
    if not is_object(found):
        return None
    rest = dict(found)
    output = _decode(rest, rest.pop("type", None))
    if output is not None:
        del left["response_format"]
    return output


def _decode(rest: JsonObject, kind: Any) -> Output | None:
    if kind == "text":
        return TextOutput(wire=residue_wire(rest))
    if kind != "json_object":
        return None
    for key, form in (("json_schema", ()), ("schema", (_OLD_NAME,))):
        schema: Any = rest.get(key)
        if is_object(schema):
            del rest[key]
            return SchemaOutput(schema, wire=residue_wire(rest, form))
    return JsonOutput(wire=residue_wire(rest))


def encode_output(encoding: Encoding, output: Output) -> JsonObject | None:
    """The response format; None where the vendor cannot hold an answer to it, which is named."""
    residue, form = encoding.own(output, output.wire, None)
    match output:
        case TextOutput():
            written: JsonObject = {"type": "text"}
        case JsonOutput():
            written = {"type": "json_object"}
        case SchemaOutput():
            schema = _encode_schema(encoding, output)
            if schema is None:
                return None
            written = {"type": "json_object", "schema" if _OLD_NAME in form else "json_schema": schema}
    return under(residue, written)


def _encode_schema(encoding: Encoding, output: SchemaOutput) -> JsonObject | None:
    # `strict` is not said: the vendor always holds the answer to the schema.
    schema = _subset(encoding, output)
    if schema is None:
        encoding.log.lose("output.schema", output)
        return None
    if output.name is not None:
        encoding.log.lose("output.name", output, "name")
    if output.description is None:
        return schema
    encoding.log.lose("output.description", output, "description")
    return {"description": output.description, **schema}


def _subset(encoding: Encoding, output: SchemaOutput) -> JsonObject | None:
    if encoding.native or not encoding.option("schema_subset"):
        return output.schema
    try:
        subset = Subset(output.schema)
    except OutsideError:
        return None
    for path in subset.cut:
        encoding.log.lose("schema.keyword", output, path)
    for path in subset.required:
        encoding.log.lose("schema.injected", output, path, severity=Severity.BEHAVIOURAL)
    return subset.schema
