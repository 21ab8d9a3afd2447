"""Rules on the headers, the settings and the schemas of a request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from offramp.types._value import JsonObject
from offramp_providers.emulator.json_values import is_list, is_number, is_object, object_of, objects_of
from offramp_providers.emulator.rules import Ask, Rule
from offramp_providers.emulator.shapes import Fault, record, text

from .shapes_of_parts import SETTINGS
from .sources import SDK, UNREAD, model_and_method

_NAME: Final = text(pattern=r"[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}")
# `default` is not in the documented subset; recordings show it accepted.
_JSON_SCHEMA: Final = frozenset(
    {
        "$id",
        "$defs",
        "$ref",
        "$anchor",
        "type",
        "format",
        "title",
        "description",
        "enum",
        "items",
        "prefixItems",
        "minItems",
        "maxItems",
        "minimum",
        "maximum",
        "anyOf",
        "oneOf",
        "default",
        "properties",
        "additionalProperties",
        "required",
        "propertyOrdering",
    }
)
_OPENAPI: Final = frozenset(
    {
        "type",
        "format",
        "description",
        "enum",
        "items",
        "minItems",
        "maxItems",
        "minLength",
        "maxLength",
        "minProperties",
        "maxProperties",
        "minimum",
        "maximum",
        "pattern",
        "properties",
        "propertyOrdering",
        "required",
        "nullable",
        "anyOf",
        "default",
        "example",
        "defs",
        "ref",
        "$defs",
        "$ref",
        "additionalProperties",
        "title",
    }
)


def _key(ask: Ask) -> Iterator[Fault]:
    given = ask.headers.get("x-goog-api-key")
    if given is None:
        yield Fault("", "no API key was given; send it as x-goog-api-key")
    elif ask.state.key is not None and given != ask.state.key:
        yield Fault("", "this API key is not valid")


def _known(ask: Ask) -> Iterator[Fault]:
    for key in ask.body:
        if key not in SETTINGS:
            yield Fault(key, "is not a known field")


def _contents(ask: Ask) -> Iterator[Fault]:
    if not ask.body.get("contents"):
        yield Fault("contents", "is required")


def _shape(ask: Ask) -> Iterator[Fault]:
    yield from record(SETTINGS)(ask.body, "")


def _model(ask: Ask) -> Iterator[Fault]:
    asked = model_and_method(ask.headers.get(":path", ""))
    if asked is not None and ask.state.models and asked[0] not in ask.state.models:
        yield Fault("", f"models/{asked[0]} is not found")


def _functions(ask: Ask) -> Iterator[tuple[str, JsonObject]]:
    for index, tool in enumerate(objects_of(ask.body.get("tools"))):
        for place, function in enumerate(objects_of(tool.get("functionDeclarations"))):
            yield f"tools[{index}].function_declarations[{place}]", function


def _names(ask: Ask) -> Iterator[Fault]:
    for path, function in _functions(ask):
        yield from _NAME(function.get("name"), f"{path}.name")


def _one_schema(ask: Ask) -> Iterator[Fault]:
    for path, function in _functions(ask):
        if "parameters" in function and "parametersJsonSchema" in function:
            yield Fault(path, "parameters and parametersJsonSchema exclude each other")
    generation = object_of(ask.body.get("generationConfig"))
    if "responseSchema" in generation and "responseJsonSchema" in generation:
        yield Fault("generation_config", "responseSchema and responseJsonSchema exclude each other")


def _mime_type(ask: Ask) -> Iterator[Fault]:
    generation = object_of(ask.body.get("generationConfig"))
    held = "responseSchema" in generation or "responseJsonSchema" in generation
    if held and generation.get("responseMimeType") not in ("application/json", "text/x.enum"):
        yield Fault("generation_config.response_mime_type", "a schema needs application/json")


def _schemas(ask: Ask, *, in_json: bool) -> Iterator[tuple[str, Any]]:
    generation = object_of(ask.body.get("generationConfig"))
    key = "responseJsonSchema" if in_json else "responseSchema"
    if key in generation:
        yield f"generation_config.{key}", generation[key]
    if not in_json:
        for path, function in _functions(ask):
            yield f"{path}.parameters", function.get("parameters")


def _nodes(schema: Any) -> Iterator[JsonObject]:
    if not is_object(schema):
        return
    yield schema
    for key in ("properties", "$defs", "defs"):
        for child in object_of(schema.get(key)).values():
            yield from _nodes(child)
    for key in ("items", "additionalProperties"):
        yield from _nodes(schema.get(key))
    for key in ("anyOf", "oneOf", "default", "prefixItems"):
        for child in objects_of(schema.get(key)):
            yield from _nodes(child)


def _json_keywords(ask: Ask) -> Iterator[Fault]:
    yield from _unknown_keywords(ask, _JSON_SCHEMA, in_json=True)


def _openapi_keywords(ask: Ask) -> Iterator[Fault]:
    yield from _unknown_keywords(ask, _OPENAPI, in_json=False)


def _unknown_keywords(ask: Ask, known: frozenset[str], *, in_json: bool) -> Iterator[Fault]:
    for path, schema in _schemas(ask, in_json=in_json):
        for node in _nodes(schema):
            for keyword in node:
                if keyword not in known:
                    yield Fault(path, f"unknown name {keyword}")


def _ref_siblings(ask: Ask) -> Iterator[Fault]:
    for path, schema in _schemas(ask, in_json=True):
        for node in _nodes(schema):
            if "$ref" in node and any(not key.startswith("$") for key in node):
                yield Fault(path, "nothing but keys with $ may stand beside $ref")


def _bounded(key: str, low: float, high: float) -> Callable[[Ask], Iterator[Fault]]:
    def check(ask: Ask) -> Iterator[Fault]:
        found: Any = object_of(ask.body.get("generationConfig")).get(key)
        if is_number(found) and not low <= found <= high:
            yield Fault(f"generation_config.{key}", f"must be between {low:g} and {high:g}")

    return check


def _stops(ask: Ask) -> Iterator[Fault]:
    stops: Any = object_of(ask.body.get("generationConfig")).get("stopSequences")
    if is_list(stops) and len(stops) > 5:
        yield Fault("generation_config.stop_sequences", "at most 5")


def _allowed_names(ask: Ask) -> Iterator[Fault]:
    calling = object_of(object_of(ask.body.get("toolConfig")).get("functionCallingConfig"))
    if calling.get("allowedFunctionNames") and str(calling.get("mode")).upper() not in ("ANY", "VALIDATED"):
        yield Fault("tool_config.function_calling_config", "allowed names need the mode ANY")
    names = [function.get("name") for _, function in _functions(ask)]
    for name in calling.get("allowedFunctionNames") or ():
        if name not in names:
            yield Fault("tool_config.function_calling_config", f"{name} is not declared")


_DENIED: Final = "PERMISSION_DENIED"
HEADER_RULES: Final = (Rule("key", "The key travels as x-goog-api-key.", "S", SDK, _key, 403, _DENIED),)

_INVALID: Final = "INVALID_ARGUMENT"
SETTING_RULES: Final = (
    Rule("known_fields", "A request has the published fields.", "S", SDK, _known, type=_INVALID),
    Rule("contents_required", "A request has contents.", "S", SDK, _contents, type=_INVALID),
    Rule("shapes", "Each field has its published shape.", "S", SDK, _shape, type=_INVALID),
    Rule("function_names", "A name begins with a letter or _, of 128.", "S", SDK, _names, type=_INVALID),
    Rule("one_schema", "A schema is given in one of two forms.", "S", SDK, _one_schema, type=_INVALID),
    Rule("schema_mime_type", "A schema needs application/json.", "S", SDK, _mime_type, type=_INVALID),
    Rule("json_keywords", "JSON Schema is taken in a subset.", "S", SDK, _json_keywords, type=_INVALID),
    Rule("openapi_keywords", "OpenAPI schemas are taken in a subset.", "S", SDK, _openapi_keywords, type=_INVALID),
    Rule("ref_siblings", "Siblings of $ref begin with $.", "S", SDK, _ref_siblings, type=_INVALID),
    Rule("model_exists", "An unknown model is 404.", "R", UNREAD, _model, 404, "NOT_FOUND"),
    Rule("temperature_range", "0 to 2.", "R", UNREAD, _bounded("temperature", 0, 2), type=_INVALID),
    Rule("stop_count", "At most 5 stop sequences.", "R", UNREAD, _stops, type=_INVALID),
    Rule("candidate_range", "1 to 8 candidates.", "R", UNREAD, _bounded("candidateCount", 1, 8), type=_INVALID),
    Rule("allowed_names", "Allowed names need ANY, and are declared.", "R", UNREAD, _allowed_names, type=_INVALID),
)
