"""Every document for programs has a published schema. That they keep to it is checked wherever a test reads one."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import ValidationError

import offramp
from offramp.cli.schema import schema_names, schema_of

Call = Callable[..., Any]
PACKAGE = Path(offramp.__file__).parent
PRINTED = re.compile(r'"schema": "offramp-([a-z-]+)/1"')


def test_whatever_is_printed_has_a_schema():
    found = {kind for file in (PACKAGE / "cli").rglob("*.py") for kind in PRINTED.findall(file.read_text("utf-8"))}

    assert found
    assert found | {"proof", "policy-diff", "policy-decisions"} == set(schema_names())


@pytest.mark.parametrize("name", schema_names())
def test_a_schema_is_sound_closed_and_printed(offramp: Call, name: str):
    schema = schema_of(name)

    ran = offramp("schema", name)

    assert (ran.code, ran.json) == (0, schema)
    if not name.startswith("policy-"):
        assert (schema["additionalProperties"], schema["required"][0]) == (False, "schema")


def test_the_kinds_are_listed(offramp: Call):
    assert offramp("schema").out.split() == list(schema_names())


def test_an_unknown_kind_names_those_there_are(offramp: Call):
    ran = offramp("schema", "chek")

    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "Use one of approval-request, approvals, check" in ran.err


@pytest.mark.parametrize("harm", [{"more": 1}, {"epoch": -1}, {"warnings": [1]}, {"at": "yesterday"}])
def test_a_document_that_is_another_is_refused(offramp: Call, config: Path, harm: dict[str, Any]):
    offramp("prohibit", "developer:acme", "--reason", "ORDER-17")
    ran = offramp("status", "--json")

    with pytest.raises(ValidationError):
        type(ran)(0, json.dumps({**ran.json, **harm}), "").json  # noqa: B018  # to read it is to check it
