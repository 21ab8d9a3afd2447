"""Which keywords a schema uses."""

from offramp.json_schema import keywords_of, unenforced


def test_keywords_are_found_at_every_depth():
    schema = {
        "$defs": {"place": {"type": "string", "pattern": "^x"}},
        "type": "object",
        "properties": {"maximum": {"anyOf": [{"$ref": "#/$defs/place"}, {"type": "array", "items": {"minimum": 1}}]}},
    }

    assert keywords_of(schema) == {"$defs", "type", "pattern", "properties", "anyOf", "$ref", "items", "minimum"}


def test_a_propertys_name_and_a_values_keys_are_no_keywords():
    schema = {"properties": {"oneOf": {"const": {"not": 1}, "enum": [{"if": 2}], "default": {"then": 3}}}}

    assert keywords_of(schema) == {"properties", "const", "enum"}


def test_what_only_describes_needs_nobody_to_enforce_it():
    assert unenforced({"title": "T", "description": "d", "default": 1, "type": "string"}, ["type"]) == []


def test_what_is_not_enforced_is_told_in_order():
    assert unenforced({"type": "string", "pattern": "x", "maxLength": 3}, ["type"]) == ["maxLength", "pattern"]
