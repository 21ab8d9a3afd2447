"""Nulls that stand for what was left out are taken out; every other null is an answer."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.json_schema import first_fault, without_nulls

TEXT = {"type": "string"}
MAYBE = {"type": ["string", "null"]}
PLACE = {"type": "object", "properties": {"name": TEXT, "note": TEXT}, "required": ["name"]}


@pytest.mark.parametrize(
    ("schema", "answered", "meant"),
    [
        (PLACE, {"name": "a", "note": None}, {"name": "a"}),
        (PLACE, {"name": None, "note": "n"}, {"name": None, "note": "n"}),
        ({"properties": {"note": MAYBE}}, {"note": None}, {"note": None}),
        ({"properties": {"note": True}}, {"note": None, "other": None}, {"note": None, "other": None}),
        ({"properties": {"at": PLACE}}, {"at": {"name": "a", "note": None}}, {"at": {"name": "a"}}),
        ({"items": PLACE}, [{"name": "a", "note": None}, 3], [{"name": "a"}, 3]),
        ({"$defs": {"p": PLACE}, "$ref": "#/$defs/p"}, {"name": "a", "note": None}, {"name": "a"}),
        ({"properties": {"at": {"anyOf": [TEXT, PLACE]}}}, {"at": {"name": "a", "note": None}}, {"at": {"name": "a"}}),
        ({"anyOf": [{"type": "null"}, {"type": "integer"}]}, None, None),
        (True, {"a": None}, {"a": None}),
    ],
)
def test_only_what_the_schema_would_refuse_is_taken_out(schema: Any, answered: Any, meant: Any):
    assert without_nulls(schema, answered) == meant


NAMES = ("a", "b", "c")
KINDS = st.sampled_from([TEXT, MAYBE, {"type": "integer"}, PLACE])
CONTENT = {"string": "x", "integer": 3, "object": {"name": "a", "note": "n"}}


@given(st.dictionaries(st.sampled_from(NAMES), KINDS, min_size=1), st.sets(st.sampled_from(NAMES)), st.data())
def test_what_a_strict_vendor_writes_comes_back_as_what_was_meant(properties: Any, required: set[str], data: Any):
    """An object that fits, with null for each property that it leaves out, comes back as it was."""
    must = sorted(required & properties.keys())
    schema = {"type": "object", "properties": properties, "required": must, "additionalProperties": False}
    given_ = [name for name in properties if name in must or data.draw(st.booleans())]
    meant = {name: _content(properties[name]) for name in given_}
    nullable = {name for name, each in properties.items() if each is MAYBE}
    written = {name: meant.get(name) for name in properties if name in meant or name not in nullable}

    assert without_nulls(schema, written) == meant
    assert first_fault(schema, meant) is None


def _content(schema: dict[str, Any]) -> Any:
    kind: Any = schema["type"]
    return CONTENT[kind if isinstance(kind, str) else "string"]
