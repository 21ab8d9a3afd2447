"""Structured output: a schema that the model holds the answer to, and that travels as a text."""

from typing import Any, Final, assert_never

from offramp.types import JsonObject, JsonOutput, Output, SchemaOutput, TextOutput
from offramp_providers.dialects.accounting import keep_rest, take_object, under
from offramp_providers.dialects.arguments import dump_compact, load_json
from offramp_providers.dialects.bedrock_converse.encoding import Encoding, residual
from offramp_providers.dialects.encoding import marked
from offramp_providers.dialects.shapes import is_object, take_text

_SPELLED: Final = "schema="
"""Form mark with the schema's own text, where it is not as we would write it."""


def decode_output(config: JsonObject) -> SchemaOutput | None:
    """Take the schema out of `outputConfig`; None where it has another shape."""
    left = dict(config)
    inner = take_object(left, "textFormat")
    nested = None if inner is None else take_object(inner, "structure")
    described = None if nested is None else take_object(nested, "jsonSchema")
    text = None if described is None else take_text(described, "schema")
    schema = _load(text)
    if inner is None or nested is None or described is None or schema is None or inner.pop("type", "") != "json_schema":
        return None
    name, description = take_text(described, "name"), take_text(described, "description")
    keep_rest(nested, "jsonSchema", described)
    keep_rest(inner, "structure", nested)
    del config["textFormat"]
    form = () if dump_compact(schema) == text else (f"{_SPELLED}{text}",)
    # The vendor always holds the answer to the schema: elsewhere that must be asked for.
    return SchemaOutput(schema, name=name, description=description, strict=True, wire=residual(inner, *form))


def _load(text: str | None) -> JsonObject | None:
    try:
        schema: Any = load_json(text or "")
    except ValueError:
        return None
    return schema if is_object(schema) else None


def encode_output(ctx: Encoding, output: Output) -> JsonObject:
    """What `outputConfig` holds of it. Plain text is what the vendor gives anyway."""
    match output:
        case TextOutput():
            ctx.log.lose_wire(output, output.wire)
        case JsonOutput():
            ctx.log.lose("setting.unsupported", output)
            ctx.log.lose_wire(output, output.wire)
        case SchemaOutput():
            residue, form = ctx.own(output, output.wire, None)
            return {"textFormat": under(residue, _format(output, marked(form, _SPELLED)))}
        case _:
            assert_never(output)
    return {}


def _format(output: SchemaOutput, spelled: str | None) -> JsonObject:
    # `strict` is not said: the vendor always holds the answer to the schema.
    text = spelled if spelled is not None and _load(spelled) == output.schema else dump_compact(output.schema)
    described: JsonObject = {"schema": text}
    if output.name is not None:
        described["name"] = output.name
    if output.description is not None:
        described["description"] = output.description
    return {"type": "json_schema", "structure": {"jsonSchema": described}}
