"""Lies about what JSON holds, and about single keywords of a schema: taken, and not held to."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from offramp.types import GenerateRequest, SchemaOutput

from .cases import Case, hears, writes

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


LIES: Mapping[str, Case] = {
    "structured.content": writes(lambda _: '{"name": "Somebody", "urgent": false}'),
    **{f"structured.keyword.{each}": _ignoring(each) for each in _KEYWORDS},
}
