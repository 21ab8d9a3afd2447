"""What the answer must look like, as chat dialects say it: `response_format`."""

from dataclasses import replace
from typing import Any

from offramp.types import JsonObject, JsonOutput, Output, SchemaOutput, TextOutput
from offramp_providers.dialects.accounting import keep_rest, take_object, under
from offramp_providers.dialects.encoding import Encoding, residue_of
from offramp_providers.dialects.schema_output import encode_schema, take_schema
from offramp_providers.dialects.shapes import is_object


def take_output(dialect: str, left: JsonObject) -> Output | None:
    """Take the response format out of what is left of a request; one that we do not know stays there."""
    found: Any = left.get("response_format")
    if not is_object(found):
        return None
    rest = dict(found)
    output = _decode(dialect, rest, rest.pop("type", None))
    if output is not None:
        del left["response_format"]
    return output


def _decode(dialect: str, rest: JsonObject, kind: Any) -> Output | None:
    if kind == "text":
        return TextOutput(wire=residue_of(dialect, rest))
    if kind == "json_object":
        return JsonOutput(wire=residue_of(dialect, rest))
    form = take_object(rest, "json_schema") if kind == "json_schema" else None
    output = take_schema(form) if form else None
    if form is None or output is None:
        return None
    keep_rest(rest, "json_schema", form)
    return replace(output, wire=residue_of(dialect, rest))


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
