"""What the answer must look like: `text.format`."""

import re
from typing import Any, Final

from offramp.types import JsonObject, JsonOutput, Output, SchemaOutput, TextOutput
from offramp_providers.dialects.accounting import keep_rest, take_object, under
from offramp_providers.dialects.openai_responses.encoding import Encoding, residue_wire
from offramp_providers.dialects.openai_responses.shapes import is_object, take_text
from offramp_providers.dialects.openai_responses.strict import strict_schema

_REFUSED_IN_NAMES: Final = re.compile(r"[^a-zA-Z0-9_-]")
_LONGEST_NAME: Final = 64  # openai-openapi 2.3.0, read 2026-11-23


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
    schema = rest.pop("schema", None)
    if kind != "json_schema" or not is_object(schema):
        return None
    name, description, strict = take_text(rest, "name"), take_text(rest, "description"), rest.get("strict")
    if type(strict) is bool:
        del rest["strict"]
    return SchemaOutput(
        schema,
        name=name,
        description=description,
        strict=strict if type(strict) is bool else None,
        wire=residue_wire(rest),
    )


def encode_output(encoding: Encoding, output: Output) -> JsonObject:
    """The format."""
    match output:
        case TextOutput():
            written: JsonObject = {"type": "text"}
        case JsonOutput():
            written = {"type": "json_object"}
        case SchemaOutput():
            written = {"type": "json_schema", **_encode_schema(encoding, output)}
    residue, _ = encoding.own(output, output.wire, None)
    return under(residue, written)


def _encode_schema(encoding: Encoding, output: SchemaOutput) -> JsonObject:
    schema, strict = output.schema, output.strict
    if strict:
        schema, strict = strict_schema(encoding, output, schema)
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
