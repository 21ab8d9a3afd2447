"""Instances against schemas: examples of every keyword, and another implementation as the oracle."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from offramp.errors import ConfigurationError
from offramp.json_schema import Fault, first_fault, unchecked

# schema, what fits, what does not
KEYWORDS: dict[str, tuple[Any, list[Any], list[Any]]] = {
    "type": ({"type": "integer"}, [1, 1.0, -3], [1.5, True, "1", None]),
    "types": ({"type": ["string", "null"]}, ["", None], [0, [], False]),
    "number": ({"type": "number"}, [1, 1.5], [True, "1"]),
    "enum": ({"enum": [1, "a", None, {"b": [1]}]}, [1, 1.0, "a", None, {"b": [1.0]}], [True, "b", {"b": [2]}]),
    "const": ({"const": 0}, [0, 0.0], [False, None, ""]),
    "minimum": ({"minimum": 2}, [2, 2.5, "x"], [1.9]),
    "maximum": ({"maximum": 2}, [2, True], [2.1]),
    "exclusiveMinimum": ({"exclusiveMinimum": 2}, [3], [2]),
    "exclusiveMaximum": ({"exclusiveMaximum": 2}, [1], [2]),
    "multipleOf": ({"multipleOf": 0.1}, [0.3, 7], [0.35]),
    "minLength": ({"minLength": 2}, ["ab", 1], ["a"]),
    "maxLength": ({"maxLength": 1}, ["é", 11], ["ab"]),
    "pattern": ({"pattern": "^a"}, ["ab", 1], ["ba"]),
    "minItems": ({"minItems": 1}, [[1], "x"], [[]]),
    "maxItems": ({"maxItems": 1}, [[1]], [[1, 2]]),
    "uniqueItems": ({"uniqueItems": True}, [[1, True, "1"], [[1], [2]]], [[1, 1.0], [{"a": 1}, {"a": 1}]]),
    "required": ({"required": ["a"]}, [{"a": None}, []], [{}]),
    "minProperties": ({"minProperties": 1}, [{"a": 1}], [{}]),
    "maxProperties": ({"maxProperties": 0}, [{}], [{"a": 1}]),
    "dependentRequired": ({"dependentRequired": {"a": ["b"]}}, [{"b": 1}, {"a": 1, "b": 2}, 1], [{"a": 1}]),
    "dependentSchemas": ({"dependentSchemas": {"a": {"required": ["b"]}}}, [{}, {"a": 1, "b": 2}], [{"a": 1}]),
    "properties": ({"properties": {"a": {"type": "null"}}}, [{}, {"a": None}, [1]], [{"a": 1}]),
    "additionalProperties": (
        {"properties": {"a": True}, "patternProperties": {"^x": True}, "additionalProperties": False},
        [{"a": 1, "x1": 2}],
        [{"b": 1}],
    ),
    "additional schema": ({"additionalProperties": {"type": "string"}}, [{"a": "b"}], [{"a": 1}]),
    "patternProperties": ({"patternProperties": {"^x": {"type": "string"}}}, [{"y": 1}], [{"x": 1}]),
    "propertyNames": ({"propertyNames": {"maxLength": 1}}, [{"a": 1}], [{"ab": 1}]),
    "items": ({"items": {"type": "string"}}, [[], ["a"], "x"], [["a", 1]]),
    "prefixItems": (
        {"prefixItems": [{"type": "string"}], "items": {"type": "integer"}},
        [["a", 1], ["a"], []],
        [[1], ["a", "b"]],
    ),
    "contains": (
        {"contains": {"type": "null"}, "minContains": 1, "maxContains": 2},
        [[None], [None, 1, None]],
        [[], [1], [None] * 3],
    ),
    "allOf": ({"allOf": [{"minimum": 1}, {"maximum": 2}]}, [1.5], [0, 3]),
    "anyOf": ({"anyOf": [{"type": "null"}, {"minimum": 1}]}, [None, 1], [0]),
    "oneOf": ({"oneOf": [{"type": "integer"}, {"minimum": 2}]}, [1, 2.5], [2, 1.5]),
    "not": ({"not": {"type": "null"}}, [0], [None]),
    "if": ({"if": {"minimum": 5}, "then": {"maximum": 6}, "else": {"const": 0}}, [5, 0], [7, 1]),
    "$ref": (
        {"$defs": {"a/b": {"type": "null"}}, "properties": {"x": {"$ref": "#/$defs/a~1b"}}},
        [{"x": None}],
        [{"x": 0}],
    ),
    "recursive $ref": (
        {"properties": {"next": {"$ref": "#"}, "n": {"type": "integer"}}, "required": ["n"]},
        [{"n": 1, "next": {"n": 2}}],
        [{"n": 1, "next": {"n": 2, "next": {}}}],
    ),
    "true": (True, [None, 1, {}], []),
    "false": (False, [], [None, 1, {}]),
    "annotations": ({"title": "t", "default": 1, "examples": [2], "$comment": "c", "format": "email"}, ["no mail"], []),
}  # fmt: skip


@pytest.mark.parametrize("keyword", KEYWORDS)
def test_a_keyword_holds_what_the_specification_says(keyword: str):
    schema, fitting, failing = KEYWORDS[keyword]
    oracle = Draft202012Validator(schema)

    found = [first_fault(schema, each) is None for each in (*fitting, *failing)]

    assert found == [True] * len(fitting) + [False] * len(failing)
    if keyword != "multipleOf":  # the oracle divides floats as floats
        assert found == [oracle.is_valid(each) for each in (*fitting, *failing)]


def test_a_fault_names_place_and_keyword_and_quotes_nothing():
    schema = {"properties": {"units": {"items": {"properties": {"name": {"maxLength": 3}}}}}}

    assert first_fault(schema, {"units": [{"name": "ab"}, {"name": "SECRET"}]}) == Fault("units[1].name", "maxLength")
    assert first_fault({"additionalProperties": False}, {"SECRET": 1}) == Fault("", "additionalProperties")


def test_earlier_drafts_words_are_read():
    tuple_ = {"items": [{"type": "string"}], "additionalItems": False}
    named = {"definitions": {"n": {"type": "null"}}, "$ref": "#/definitions/n"}

    assert [first_fault(tuple_, each) is None for each in (["a"], ["a", 1], [1])] == [True, False, False]
    assert [first_fault(named, each) is None for each in (None, 1)] == [True, False]


@pytest.mark.parametrize("reference", ["https://example.org/schema", "#/$defs/none", "#anchor", 7, "#/$defs/0/x"])
def test_a_reference_that_points_at_nothing_here_is_a_fault(reference: Any):
    assert first_fault({"$ref": reference, "$defs": {}}, 1) == Fault("", "$ref")


def test_a_schema_that_comes_back_to_itself_ends():
    assert first_fault({"$ref": "#"}, {"a": 1}) is None
    assert first_fault({"anyOf": [{"$ref": "#"}], "minimum": 3}, 2) is not None


@pytest.mark.parametrize(
    "schema",
    [
        {"minimum": "3"},
        {"multipleOf": 0},
        {"properties": 3},
        {"allOf": 3},
        {"required": 3},
        {"enum": 3},
        {"minLength": None},
        {"contains": True, "minContains": "x"},
    ],
)
def test_a_schema_that_is_none_is_a_mistake_of_the_caller(schema: Any):
    for instance in (5, "x", {"a": 1}, [1]):
        try:
            first_fault(schema, instance)
        except ConfigurationError as error:
            assert "the JSON Schema is not sound" in str(error)  # noqa: PT017  # some instances do not reach the flaw
            return
    raise AssertionError("nothing was refused")


def test_a_pattern_that_is_none_here_holds_nothing():
    assert first_fault({"pattern": r"\cA("}, "x") is None


def test_what_is_not_checked_is_told():
    schema = {"properties": {"a": {"unevaluatedProperties": False}}, "enum": ["unevaluatedItems"]}

    assert unchecked(schema) == ("unevaluatedProperties",)
    assert unchecked(KEYWORDS["if"][0]) == ()


SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.5, 1.0, "", "a", "ab", "é"])
INSTANCES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abx"), inner, max_size=3),
    max_leaves=8,
)
SMALL = st.integers(0, 3)
NAMES = st.lists(st.sampled_from("abx"), max_size=2, unique=True)
TYPES = st.sampled_from(["null", "boolean", "string", "number", "integer", "array", "object"])


def _combined(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    some, named = st.lists(inner, min_size=1, max_size=3), st.dictionaries(st.sampled_from("abx"), inner, max_size=2)
    return st.fixed_dictionaries(
        {},
        optional={
            "type": TYPES | st.lists(TYPES, min_size=1, max_size=2, unique=True),
            "enum": st.lists(SCALARS, min_size=1, max_size=3),
            "const": INSTANCES,
            "minimum": SMALL,
            "exclusiveMaximum": SMALL,
            "multipleOf": st.integers(1, 3),
            "maxLength": SMALL,
            "pattern": st.sampled_from(["a", "^b", "x$"]),
            "minItems": SMALL,
            "uniqueItems": st.booleans(),
            "required": NAMES,
            "maxProperties": SMALL,
            "properties": named,
            "patternProperties": st.dictionaries(st.sampled_from(["a", "^x"]), inner, max_size=1),
            "additionalProperties": inner,
            "dependentRequired": st.dictionaries(st.sampled_from("ab"), NAMES, max_size=1),
            "items": inner,
            "prefixItems": some,
            "contains": inner,
            "allOf": some,
            "anyOf": some,
            "oneOf": some,
            "not": inner,
            "if": inner,
            "then": inner,
            "else": inner,
            "$ref": st.just("#/$defs/d"),
        },
    )


SCHEMAS = st.recursive(st.booleans() | st.fixed_dictionaries({"type": TYPES}), _combined, max_leaves=6)


@settings(max_examples=400, deadline=None)
@given(SCHEMAS, SCHEMAS, INSTANCES)
def test_another_implementation_agrees(schema: Any, definition: Any, instance: Any):
    whole = {"$defs": {"d": _without_references(definition)}, "allOf": [schema]}

    assert (first_fault(whole, instance) is None) is Draft202012Validator(whole).is_valid(instance), json.dumps(whole)


def _without_references(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_without_references(each) for each in schema]
    if isinstance(schema, dict):
        return {name: _without_references(each) for name, each in schema.items() if name != "$ref"}
    return schema
