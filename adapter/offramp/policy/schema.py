"""The shape of policy files: how pydantic checks them, and the JSON Schema that editors and other programs read."""

from functools import cache
from typing import Any, Final, Literal, TypeAlias

from pydantic import TypeAdapter

from offramp.contracts.declaration import Declaration, Organisation, WaiverFile
from offramp.contracts.policy import PolicyContract
from offramp.contracts.uses import FACETS, USE_CODES
from offramp.types import JsonObject

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
    """The JSON Schema (2020-12) of one kind of policy file."""
    shapes: dict[FileKind, TypeAdapter[Any]] = {
        "contract": contract_shape(),
        "declaration": declaration_shape(),
        "organisation": organisation_shape(),
        "waivers": waiver_shape(),
    }
    made = shapes[kind].json_schema()
    made["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    made["title"] = f"Offramp policy file: {kind}"
    for part in (made, *made.get("$defs", {}).values()):
        _close(part.get("properties", {}))
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
