"""What the answer must look like: `text.format`."""

from dataclasses import replace
from typing import Any

from offramp.types import JsonObject, JsonOutput, Output, SchemaOutput, TextOutput
from offramp_providers.dialects.accounting import keep_rest, take_object, under
from offramp_providers.dialects.openai_responses.encoding import Encoding, residue_wire
from offramp_providers.dialects.schema_output import encode_schema, take_schema
from offramp_providers.dialects.shapes import is_object


def take_output(left: JsonObject) -> Output | None:
    """Take the format out of what is left of a request; one that we do not know stays there."""
    text = take_object(left, "text")
    if text is None:
        return None
    found: Any = text.get("format")
    output = _decode(dict(found)) if is_object(found) else None
    if output is None:
        left["text"] = text
        return None
    del text["format"]
    keep_rest(left, "text", text)
    return output


def _decode(rest: JsonObject) -> Output | None:
    kind = rest.pop("type", None)
    if kind == "text":
        return TextOutput(wire=residue_wire(rest))
    if kind == "json_object":
        return JsonOutput(wire=residue_wire(rest))
    output = take_schema(rest) if kind == "json_schema" else None
    return None if output is None else replace(output, wire=residue_wire(rest))


def encode_output(encoding: Encoding, output: Output) -> JsonObject:
    """The format."""
    match output:
        case TextOutput():
            written: JsonObject = {"type": "text"}
        case JsonOutput():
            written = {"type": "json_object"}
        case SchemaOutput():
            written = {"type": "json_schema", **encode_schema(encoding, output)}
    residue, _ = encoding.own(output, output.wire, None)
    return under(residue, written)
