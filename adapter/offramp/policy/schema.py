"""The shape of policy files: how pydantic checks them, and the JSON Schema that editors and other programs read."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final, Literal, TypeAlias, cast, get_args

from pydantic import TypeAdapter

from offramp.contracts.declaration import Declaration, Organisation, WaiverFile
from offramp.contracts.policy import PolicyContract
from offramp.contracts.uses import FACETS, USE_CODES
from offramp.policy.rules import CLAUSE_ID, ENDPOINT, MOST_HOURS, SELECTORS, SHA256
from offramp.types import JsonObject, SelectorKind

FileKind: TypeAlias = Literal["contract", "declaration", "organisation", "waivers"]

_FAMILIES: Final = sorted({f"{'.'.join(code.split('.')[:depth])}.*" for code in USE_CODES for depth in (1, 2)})


@cache
def contract_shape() -> TypeAdapter[PolicyContract]:
    """Of a policy contract. Built at first use, as all of these: it costs milliseconds."""
    return TypeAdapter(PolicyContract)


@cache
def declaration_shape() -> TypeAdapter[Declaration]:
    """Of a mission's declaration."""
    return TypeAdapter(Declaration)


@cache
def organisation_shape() -> TypeAdapter[Organisation]:
    """Of an organisation's file."""
    return TypeAdapter(Organisation)


@cache
def waiver_shape() -> TypeAdapter[WaiverFile]:
    """Of a file of waivers."""
    return TypeAdapter(WaiverFile)


def schema(kind: FileKind) -> JsonObject:
    """The JSON Schema (2020-12) of one kind of policy file.

    It says all that a schema can. The order of dates, ids that repeat, and whether a letter passes for another are the
    loader's alone.
    """
    shapes: dict[FileKind, TypeAdapter[Any]] = {
        "contract": contract_shape(),
        "declaration": declaration_shape(),
        "organisation": organisation_shape(),
        "waivers": waiver_shape(),
    }
    made = shapes[kind].json_schema()
    made["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    made["title"] = f"Offramp policy file: {kind}"
    for name, part in (("", made), *made.get("$defs", {}).items()):
        _close(part.get("properties", {}))
        _tighten(part.get("properties", {}), name or kind)
        part.update(_CONDITIONAL.get(name or kind, {}))
    _refine(made)
    return made


def _close(properties: JsonObject) -> None:
    """Say in the schema what the types leave to the loader: patterns of uses, and the values of each facet."""
    uses = properties.get("uses")
    if uses is not None and "enum" not in uses.get("items", {}):
        uses["items"] = {"enum": [*USE_CODES, *_real_families(), "*"]}
    if "when" in properties:
        properties["when"] = {
            "type": "object",
            "additionalProperties": False,
            "properties": {facet: _condition(names) for facet, names in FACETS.items()},
        }


def _tighten(properties: JsonObject, part: str) -> None:
    """Say which texts, numbers and lists are taken, part by part."""
    for key, more in _LIMITS.get(part, {}).items():
        properties[key] |= more
    for key in ("applies_to", "endpoints"):
        if key in properties:
            properties[key]["items"] = {"type": "string", "pattern": _SELECTOR}


def _refine(tree: object) -> None:
    """No list repeats itself, and a day is written as a day."""
    if isinstance(tree, dict):
        part = cast("JsonObject", tree)
        if part.get("type") == "array":
            part["uniqueItems"] = True
        if part.get("format") == "date":
            part["pattern"] = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
        for inner in part.values():
            _refine(inner)
    elif isinstance(tree, list):
        for inner in cast("list[object]", tree):
            _refine(inner)


def _real_families() -> list[str]:
    return [family for family in _FAMILIES if any(code.startswith(family[:-1]) for code in USE_CODES)]


def _condition(names: tuple[str, ...]) -> JsonObject:
    listed: JsonObject = {"type": "array", "minItems": 1, "items": {"enum": list(names)}}
    excluded: JsonObject = {
        "type": "object",
        "additionalProperties": False,
        "required": ["not_in"],
        "properties": {"not_in": listed},
    }
    return {"anyOf": [listed, excluded]}


def _where(key: str, *words: str) -> JsonObject:
    return {"required": [key], "properties": {key: {"enum": list(words)}}}


def _layer_rules() -> list[JsonObject]:
    """Whom each layer binds, and what it must say."""
    rules: list[JsonObject] = [
        {
            "if": _where("layer", *_EVERYONE),
            "then": {"properties": {"applies_to": {"maxItems": 0}}},
            "else": {
                "required": ["applies_to", "valid_until"],
                "properties": {
                    "applies_to": {"minItems": 1},
                    "valid_until": {"not": {"type": "null"}},
                    "sources": {"minItems": 1},
                },
            },
        },
        {"if": {"not": _where("layer", "agreement")}, "then": {"properties": {"supersedes": {"maxItems": 0}}}},
        {"if": {"not": _where("layer", "carry-over")}, "then": {"properties": {"carried_from": {"maxItems": 0}}}},
        {
            "if": {"not": _where("status", "illustrative-unreviewed")},
            "then": {"properties": {"sources": {"items": {"properties": {"sha256": {"pattern": f"^{SHA256}$"}}}}}},
        },
        {
            "if": {"anyOf": [_where("layer", *_EVERYONE), _where("kind", "public-statement")]},
            "then": {"properties": {"clauses": {"items": {"properties": {"effect": {"const": "forbid"}}}}}},
        },
    ]
    for layer, kinds in SELECTORS.items():
        if kinds:
            bound = {"items": {"pattern": f"^({'|'.join(kinds)}):"}}
            rules.append({"if": _where("layer", layer), "then": {"properties": {"applies_to": bound}}})
    return rules


_EVERYONE: Final = tuple(layer for layer, kinds in SELECTORS.items() if not kinds)
_SELECTOR: Final = f"^({'|'.join(get_args(SelectorKind))}):\\S(.*\\S)?$"
_LIMITS: Final[Mapping[str, Mapping[str, JsonObject]]] = {
    "declaration": {"uses": {"minItems": 1}},
    "MissionEvidence": {
        "reaction_time_s": {"anyOf": [{"type": "number", "exclusiveMinimum": 0}, {"type": "null"}]},
    },
    "contract": {"carried_from": {"items": {"type": "string", "pattern": f"^{ENDPOINT}$"}}},
    "Bounds": {
        "window_hours": {"minimum": 1, "maximum": MOST_HOURS},
        **{
            key: {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "null"}]}
            for key in ("subjects", "calls", "labels")
        },
    },
    "Clause": {"id": {"pattern": f"^{CLAUSE_ID}$"}, "uses": {"minItems": 1}},
    "Source": {"sha256": {"pattern": f"^({SHA256}|unrecorded)$"}},
    "Waiver": {"authority": {"pattern": "\\S"}, "reason": {"pattern": "\\S"}},
}
_CONDITIONAL: Final[Mapping[str, JsonObject]] = {
    "contract": {"allOf": _layer_rules()},
    "declaration": {
        "if": {"required": ["facets"], "properties": {"facets": _where("scale", "none")}},
        "then": {"properties": {"bounds": {"properties": {"subjects": {"enum": [0, None]}}}}},
    },
    "Clause": {
        "allOf": [
            {
                "if": _where("effect", "forbid"),
                "then": {"properties": {"needs": {"maxItems": 0}}},
                "else": {"properties": {"confidence": {"enum": ["clear", "weak"]}}},
            }
        ]
    },
}
"""By part: what holds of several keys together."""
