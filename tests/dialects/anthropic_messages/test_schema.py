"""The subset of JSON Schema that the vendor takes."""

from offramp.contracts.dialect import Target
from offramp.types import (
    GenerateRequest,
    Origin,
    SchemaOutput,
    user,
)
from offramp_providers.dialects.anthropic_messages import DIALECT

SCHEMA = {
    "type": "object",
    "properties": {
        "age": {"type": "integer", "minimum": 0},
        "tags": {"type": "array", "items": {"type": "string", "maxLength": 3}, "minItems": 1},
        "mail": {"oneOf": [{"type": "string", "format": "email"}, {"type": "string", "format": "iri"}]},
    },
}


def test_a_schema_is_sent_without_the_keywords_that_the_vendor_refuses(issuer: Origin) -> None:
    output = SchemaOutput(SCHEMA, name="n", description="d", strict=True)

    encoded = DIALECT.encode_request(
        GenerateRequest((user("hi"),), max_output_tokens=9, output=output), Target(origin=issuer)
    )

    sent = encoded.body["output_config"]["format"]["schema"]
    assert sent["properties"]["age"] == {"type": "integer"}
    assert sent["properties"]["mail"] == {"anyOf": [{"type": "string", "format": "email"}, {"type": "string"}]}
    assert (sent["additionalProperties"], sent["description"]) == (False, "d")
    assert [(loss.code, loss.path) for loss in encoded.losses] == [
        ("output.name", "output.name"),
        ("schema.keyword", "output.schema.properties.age.minimum"),
        ("schema.keyword", "output.schema.properties.tags.items.maxLength"),
        ("schema.keyword", "output.schema.properties.mail.oneOf[1].format"),
        ("schema.keyword", "output.schema.properties.mail.oneOf"),
        ("schema.injected", "output.schema.additionalProperties"),
        ("output.description", "output.description"),
    ]
    assert "minimum" in SCHEMA["properties"]["age"]  # type: ignore[index]  # the original is untouched


def test_a_recursive_schema_is_refused_as_a_material_loss(issuer: Origin) -> None:
    output = SchemaOutput({"$ref": "#/$defs/a", "$defs": {"a": {"type": "array", "items": {"$ref": "#/$defs/a"}}}})

    encoded = DIALECT.encode_request(
        GenerateRequest((user("hi"),), max_output_tokens=9, output=output), Target(origin=issuer)
    )

    assert "output_config" not in encoded.body
    assert [(loss.code, loss.severity.word) for loss in encoded.losses] == [("output.schema", "material")]
