"""The JSON form is versioned, strict and exact."""

import dataclasses
import json
import math
import re
from datetime import UTC, datetime
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings

from offramp import json_form, types
from offramp.errors import ConfigurationError, ProviderError, ProviderErrorKind, StateError
from offramp.types import (
    FunctionTool,
    GenerateRequest,
    Loss,
    Message,
    Response,
    ResponseFailed,
    Severity,
    Text,
    ToolResult,
    Unknown,
    Wire,
    assistant,
    user,
)
from support.strategies import value_classes, values

CLASSES = value_classes(types)


def exact(one: object, other: object) -> bool:
    """Equal in value and in type, all the way down: 1 is not 1.0, a tuple is no list, -0.0 is not 0.0."""
    if type(one) is not type(other):
        return False
    if dataclasses.is_dataclass(one):
        return all(exact(getattr(one, field.name), getattr(other, field.name)) for field in dataclasses.fields(one))
    if isinstance(one, ProviderError):
        return exact(vars(one), vars(other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(exact(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(exact, one, other))
    if isinstance(one, float):
        return one == other and math.copysign(1, one) == math.copysign(1, other)
    return one == other


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_value_comes_back_exactly(cls: Any):
    @settings(max_examples=15, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(values(cls))
    def check(value: Any):
        assert exact(json_form.load(cls, json_form.dump(value)), value)

    check()


@settings(max_examples=100, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(values(GenerateRequest))
def test_requests_come_back_exactly(request_: GenerateRequest):
    assert exact(json_form.load(GenerateRequest, json_form.dump(request_)), request_)


@pytest.mark.parametrize(
    "raw",
    [
        1,
        1.0,
        -0.0,
        2**200,
        1e300,
        5e-324,
        0.1,
        None,
        True,
        "\ud800",
        "a\udfffb",
        "\u2028\x00",
        [[1], {}],
        {"": {"\udc00": []}},
    ],
    ids=repr,
)
def test_raw_json_is_kept_to_the_letter(raw: Any):
    kept = Message(
        "user", (Unknown(dialect="d", vendor_type=None, raw=raw),), wire=Wire(dialect="d", fields={"k": raw})
    )

    assert exact(json_form.load(Message, json_form.dump(kept)), kept)


def test_a_lone_surrogate_in_a_later_key_is_kept():
    wire = Wire(dialect="d", fields={"\ud800": None}, form=("\ufffd",))
    request = GenerateRequest((), tools=(FunctionTool("a"), FunctionTool("b", wire=wire)))

    assert exact(json_form.load(GenerateRequest, json_form.dump(request)), request)


def test_deep_nesting_survives():
    raw: object = 0
    for _ in range(300):
        raw = [raw]
    kept = Unknown(dialect="d", vendor_type=None, raw=raw)

    back = json_form.load(Unknown, json_form.dump(kept))

    assert json.dumps(back.raw) == json.dumps(raw)


def test_the_envelope_names_version_and_type():
    written = json.loads(json_form.dump(user("hello")))

    assert written["schema"] == "offramp/1"
    assert written["type"] == "Message"
    assert written["value"]["parts"][0]["text"] == "hello"


def test_written_json_is_valid_utf8_even_with_lone_surrogates():
    assert json_form.dump(user("\ud800")).decode("utf-8")


def test_an_error_event_keeps_its_facts():
    error = ProviderError(
        "cut",
        kind=ProviderErrorKind.STREAM_INTERRUPTED,
        phase="mid_stream",
        endpoint="a",
        body={"x": 1},
        mend="try again",
    )

    back = json_form.load(ResponseFailed, json_form.dump(ResponseFailed(error)))

    assert str(back.error) == str(error)
    assert exact(back.error, error)


def test_output_is_kept_as_json():
    response = Response(assistant("a"), types.Outcome(types.OutcomeKind.COMPLETED), output={"urgent": True})

    assert json_form.load(Response, json_form.dump(response)).output == {"urgent": True}


def broken(change: Any) -> str:
    form = json.loads(json_form.dump(Message("tool", (ToolResult("c", (Text("secret words"),)), Text("t")))))
    change(form)
    return json.dumps(form)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda form: form.update(schema="offramp/2"), "another version"),
        (lambda form: form.update(type="Response"), "another type than Message"),
        (lambda form: form.update(more=1), "not an object of"),
        (lambda form: form.pop("value"), "not an object of"),
        (lambda form: form["value"].update(colour="red"), "value.colour is not a key of it"),
        (lambda form: form["value"].pop("role"), "value.role is missing"),
        (lambda form: form["value"].update(role="judge"), "value.role is none of the words"),
        (lambda form: form["value"].update(parts="text"), "value.parts is of the wrong type"),
        (lambda form: form["value"]["parts"][1].update(text=7), "value.parts[1].text is of the wrong type"),
        (lambda form: form["value"]["parts"][1].update(type="tune"), "value.parts[1] has a type that this release"),
        (lambda form: form["value"]["parts"][1].pop("type"), "value.parts[1] has no type"),
        (lambda form: form["value"]["parts"][0]["parts"][0].update(x=1), "value.parts[0].parts[0].x is not a key"),
        (
            lambda form: form["value"]["parts"][0]["parts"][0].update(cache={"ttl_s": "5"}),
            "cache.ttl_s is of the wrong",
        ),
        (
            lambda form: form["value"]["parts"][0]["parts"][0].update(cache={"ttl_s": True}),
            "cache.ttl_s is of the wrong",
        ),
    ],
)
def test_what_does_not_fit_is_one_error_that_says_where_and_quotes_nothing(change: Any, complaint: str):
    with pytest.raises(StateError, match=re.escape(complaint)) as caught:
        json_form.load(Message, broken(change), where="store.db")

    assert str(caught.value).startswith("store.db: ")
    assert "secret words" not in repr(caught.value.__cause__) + str(caught.value)


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[1]", b"null", b"[" * 100_000])
def test_what_is_not_json_of_ours_is_one_error(data: bytes):
    with pytest.raises(StateError):
        json_form.load(Message, data)


def test_a_value_that_is_not_json_is_refused_without_quoting_it():
    class Prompt:
        def __repr__(self) -> str:
            return "secret words"

    with pytest.raises(ConfigurationError) as caught:
        json_form.dump(Unknown(dialect="d", vendor_type=None, raw=Prompt()))

    assert "secret" not in str(caught.value)


def test_a_field_of_the_wrong_type_is_refused_and_not_written():
    with pytest.raises(ConfigurationError):
        json_form.dump(Text(7))  # type: ignore[arg-type]


def test_what_is_no_value_of_ours_is_refused():
    with pytest.raises(ConfigurationError, match="datetime is not a value"):
        json_form.dump(datetime.now(UTC))


def test_the_published_schema_accepts_what_is_written_and_refuses_what_is_not():
    schema = json_form.json_schema()
    message = {**schema, "anyOf": [{"$ref": "#/$defs/Message"}]}
    written = json_form.to_python(Message("tool", (ToolResult("c", (Text("t"),)),)))

    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(written, message)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**written, "colour": "red"}, message)


def test_the_published_schema_names_every_value():
    published = json_form.json_schema()["$defs"]

    assert {cls.__name__ for cls in CLASSES} <= published.keys()


def test_severity_is_written_as_its_rank():
    loss = Loss(code="c", path="p", action="dropped", severity=Severity.MATERIAL, why="w")

    assert json_form.to_python(loss)["severity"] == 3
    assert json_form.load(Loss, json_form.dump(loss)).severity is Severity.MATERIAL
