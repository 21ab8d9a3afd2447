"""Lies about what JSON holds, and about single keywords of a schema: taken, and not held to."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from offramp.types import AnyResponse, GenerateRequest, SchemaOutput

from .cases import Case, hears, says, spoken

_KEYWORDS = ("minimum", "maximum", "multipleOf", "minLength", "maxLength", "minItems", "maxItems")


def _without(schema: Any, keyword: str) -> Any:
    if isinstance(schema, Mapping):
        return {key: _without(held, keyword) for key, held in schema.items() if key != keyword}
    return [_without(each, keyword) for each in schema] if isinstance(schema, list) else schema


def _ignoring(keyword: str) -> Case:
    def hear(request: GenerateRequest) -> GenerateRequest:
        output = request.output
        if not isinstance(output, SchemaOutput):
            return request
        return replace(request, output=replace(output, schema=_without(output.schema, keyword)))

    return hears(hear)


def _made_up(response: AnyResponse, asked: GenerateRequest) -> AnyResponse:
    is_report = isinstance(asked.output, SchemaOutput)
    return spoken(response, '{"name": "Somebody", "urgent": false}') if is_report else response


LIES: Mapping[str, Case] = {
    "structured.content": says(_made_up),
    **{f"structured.keyword.{each}": _ignoring(each) for each in _KEYWORDS},
}
