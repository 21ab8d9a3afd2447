"""Structured output: a media type, and a schema that the vendor holds the answer to."""

from typing import Any, Final, assert_never

from offramp.types import GenerateRequest, JsonObject, JsonOutput, Output, SchemaOutput, TextOutput
from offramp_providers.dialects.encoding import marked
from offramp_providers.dialects.gemini.encoding import Encoding, residual
from offramp_providers.dialects.gemini.schema import encode_schema, from_openapi, respelled, spelling_of
from offramp_providers.dialects.shapes import is_object

_JSON: Final = "application/json"
_TEXT: Final = "text/plain"


def decode_output(config: JsonObject) -> Output | None:
    """Take media type and schema out of `generationConfig`; None where they are given in another shape."""
    media_type: Any = config.get("responseMimeType")
    if "responseMimeType" in config and media_type not in (_JSON, _TEXT):
        return None
    form = [] if "responseMimeType" in config else ["type=absent"]
    schema = _take_schema(config, form) if media_type != _TEXT else None
    if schema is None and media_type is None:
        return None
    config.pop("responseMimeType", None)
    wire = residual({}, form)
    if schema is not None:
        return SchemaOutput(schema, wire=wire)
    return JsonOutput(wire=wire) if media_type == _JSON else TextOutput(wire=wire)


def _take_schema(config: JsonObject, form: list[str]) -> JsonObject | None:
    for key in ("responseJsonSchema", "responseSchema"):
        raw: Any = config.get(key)
        if is_object(raw):
            del config[key]
            if key == "responseJsonSchema":
                return raw
            schema = from_openapi(raw)
            form.append(spelling_of(key, raw, schema))
            return schema
    return None


def encode_output(ctx: Encoding, _request: GenerateRequest, output: Output, config: JsonObject) -> None:
    """Write what the answer must be."""
    residue = ctx.residue(output, output.wire)
    match output:
        case TextOutput():
            config["responseMimeType"] = _TEXT
        case JsonOutput():
            config["responseMimeType"] = _JSON
        case SchemaOutput():
            _encode_schema_output(ctx, output, config)
        case _:
            assert_never(output)
    for key in residue.keys() - config.keys():
        config[key] = residue[key]


def _encode_schema_output(ctx: Encoding, output: SchemaOutput, config: JsonObject) -> None:
    # `strict` is not said: the vendor always holds the answer to the schema.
    if output.name is not None:
        ctx.log.lose("output.name", output, "name")
    schema = encode_schema(ctx, output, output.schema)
    if output.description is not None:
        ctx.log.lose("output.description", output, "description")
        schema = {"description": output.description, **schema}
    form = ctx.own_form(output.wire, None)
    mark = marked(form, "schema=")
    key, schema = respelled(mark, schema) if mark else ("responseJsonSchema", schema)
    if "type=absent" not in form:
        config["responseMimeType"] = _JSON
    config[key] = schema
