"""Structured output: the word `json`, or the schema itself."""

from typing import Any, Final, assert_never

from offramp.types import GenerateRequest, JsonObject, JsonOutput, Output, SchemaOutput, TextOutput
from offramp_providers.dialects.ollama_native.encoding import Encoding
from offramp_providers.dialects.shapes import is_object

EMPTY_FORMAT: Final = "format=empty"
"""Marks an empty text in place of a format, which asks for nothing."""


def take_output(left: JsonObject, marks: list[str]) -> Output | None:
    """Take `format`; None where it is not given, or in another shape."""
    found: Any = left.get("format")
    if is_object(found):
        return SchemaOutput(left.pop("format"))
    if found == "json":
        del left["format"]
        return JsonOutput()
    if found == "":
        del left["format"]
        marks.append(EMPTY_FORMAT)
    return None


def encode_output(encoding: Encoding, _request: GenerateRequest, output: Output, body: JsonObject) -> None:
    """Write what the answer must be. `strict` is not said: the server always holds the answer to the schema."""
    encoding.log.lose_wire(output, output.wire)
    match output:
        case TextOutput():
            pass
        case JsonOutput():
            body["format"] = "json"
        case SchemaOutput():
            body["format"] = _schema(encoding, output)
        case _:
            assert_never(output)


def _schema(encoding: Encoding, output: SchemaOutput) -> JsonObject:
    if output.name is not None:
        encoding.log.lose("output.name", output, "name")
    if output.description is None:
        return output.schema
    encoding.log.lose("output.description", output, "description")
    return {"description": output.description, **output.schema}
