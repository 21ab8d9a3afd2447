"""Structured output: a schema that the vendor holds the answer to."""

from typing import Any, assert_never

from offramp.types import JsonObject, JsonOutput, Output, SchemaOutput, TextOutput
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.anthropic_messages.encoding import Encoding, form_of, residual
from offramp_providers.dialects.anthropic_messages.schema import encode_schema, is_recursive
from offramp_providers.dialects.shapes import is_object


def decode_output(left: JsonObject, config: JsonObject | None) -> SchemaOutput | None:
    """Take the schema from `output_config.format`, or from `output_format` as older clients write it."""
    holder, key, form = (
        (config, "format", ()) if config and "format" in config else (left, "output_format", ("output_format",))
    )
    found: Any = holder.get(key)
    if not is_object(found):
        return None
    inner = dict(found)
    schema: Any = inner.pop("schema", None)
    if inner.pop("type", None) != "json_schema" or not is_object(schema):
        return None
    del holder[key]
    # The vendor always holds the answer to the schema (see `_encode_schema_output`): elsewhere that must be asked for.
    return SchemaOutput(schema, strict=True, wire=residual(inner, *form))


def encode_output(ctx: Encoding, output: Output, body: JsonObject) -> None:
    """Write what the answer must be. Plain text is what the vendor gives anyway."""
    match output:
        case TextOutput():
            ctx.log.lose_wire(output, output.wire)
        case JsonOutput():
            ctx.log.lose("setting.unsupported", output)
            ctx.log.lose_wire(output, output.wire)
        case SchemaOutput():
            _encode_schema_output(ctx, output, body)
        case _:
            assert_never(output)


def _encode_schema_output(ctx: Encoding, output: SchemaOutput, body: JsonObject) -> None:
    # `strict` is not said: the vendor always holds the answer to the schema.
    if output.name is not None:
        ctx.log.lose("output.name", output, "name")
    if not ctx.allows("schema_keywords") and is_recursive(output.schema):
        ctx.log.lose("output.schema", output)
        ctx.log.lose_wire(output, output.wire)
        return
    schema = encode_schema(ctx, output, output.schema)
    if output.description is not None:
        ctx.log.lose("output.description", output, "description")
        schema = {"description": output.description, **schema}
    sent = under(ctx.residue(output, output.wire), {"type": "json_schema", "schema": schema})
    if "output_format" in form_of(output.wire):
        body["output_format"] = sent
    else:
        body["output_config"] = {**body.get("output_config", {}), "format": sent}
