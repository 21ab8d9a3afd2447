"""Values made up for a schema fit it."""

from random import Random
from typing import Any

import jsonschema
import pytest

from offramp_providers.emulator.directives import Directive, Script, directives_in, without_directives
from offramp_providers.emulator.instances import instance_of
from offramp_providers.emulator.schema_walk import is_recursive

TREE: dict[str, Any] = {
    "$ref": "#/$defs/node",
    "$defs": {
        "node": {
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]},
                "children": {"type": "array", "items": {"$ref": "#/$defs/node"}},
            },
            "required": ["name", "next", "children"],
        }
    },
}


def chance(seed: int) -> Random:
    return Random(seed)  # noqa: S311  # made-up values, no secret


SCHEMAS: dict[str, dict[str, Any]] = {
    "enum": {"enum": ["a", 1, None]},
    "const": {"const": {"a": 1}},
    "integer in a range": {"type": "integer", "minimum": 5, "maximum": 6},
    "integer below": {"type": "integer", "maximum": -4},
    "integer of one value": {"type": "integer", "minimum": 5, "maximum": 5},
    "exclusive numbers": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
    "a multiple": {"type": "integer", "multipleOf": 7, "minimum": 10},
    "string of a length": {"type": "string", "minLength": 30, "maxLength": 31},
    "short string": {"type": "string", "maxLength": 2},
    "date": {"type": "string", "format": "date"},
    "list of three": {"type": "array", "items": {"type": "boolean"}, "minItems": 3},
    "tuple": {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}], "minItems": 2},
    "empty list": {"type": "array", "maxItems": 0},
    "nullable": {"type": ["string", "null"]},
    "joined": {"allOf": [{"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}]},
    "nothing said": {},
    "undescribed requirement": {"type": "object", "required": ["a"]},
    "tree": TREE,
}


@pytest.mark.parametrize("name", SCHEMAS)
@pytest.mark.parametrize("seed", range(3))
def test_a_made_up_value_fits_its_schema(name: str, seed: int):
    jsonschema.validate(instance_of(SCHEMAS[name], chance(seed)), SCHEMAS[name])


def test_a_schema_without_a_finite_value_does_not_hang():
    assert instance_of({"$ref": "#"}, chance(0)) is None


def test_recursion_is_seen_through_references():
    assert is_recursive(TREE)
    assert not is_recursive({"properties": {"a": {"$ref": "#/$defs/x"}}, "$defs": {"x": {"type": "string"}}})


def test_a_script_is_read_from_a_text():
    text = "Look [[tools:a,b]] at [[rate:1.5*2]] it [[hang]]"

    assert directives_in(text) == [Directive("tools", "a,b"), Directive("rate", "1.5", 2), Directive("hang")]
    assert without_directives(text) == "Look at it"


def test_a_counted_directive_is_used_up_for_its_text_alone():
    script = Script()
    found = script.read("[[cut*1]]")

    taken = [script.takes(found, "cut", text) is not None for text in ("a", "a", "b")]

    assert taken == [True, False, True]
