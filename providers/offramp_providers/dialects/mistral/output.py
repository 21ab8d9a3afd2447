"""What the answer must look like: `response_format`."""

from dataclasses import replace
from typing import Any

from offramp.types import JsonObject, JsonOutput, Output, SchemaOutput, TextOutput
from offramp_providers.dialects.accounting import keep_rest, take_object, under
from offramp_providers.dialects.mistral.encoding import Encoding, residue_wire
from offramp_providers.dialects.schema_output import encode_schema, take_schema
from offramp_providers.dialects.shapes import is_object


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
    if kind == "json_object":
        return JsonOutput(wire=residue_wire(rest))
    form = take_object(rest, "json_schema") if kind == "json_schema" else None
    output = take_schema(form) if form else None
    if form is None or output is None:
        return None
    keep_rest(rest, "json_schema", form)
    return replace(output, wire=residue_wire(rest))


def encode_output(encoding: Encoding, output: Output) -> JsonObject:
    """The response format."""
    match output:
        case TextOutput():
            written: JsonObject = {"type": "text"}
        case JsonOutput():
            written = {"type": "json_object"}
        case SchemaOutput():
            written = {"type": "json_schema", "json_schema": encode_schema(encoding, output)}
    residue, _ = encoding.own(output, output.wire, None)
    return under(residue, written)
