"""Graders: what passes, what does not, and why, in words that hold nothing of the answer."""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.errors import ConfigurationError
from offramp.types import AnyResponse, Outcome, OutcomeKind, Response, ToolCall, assistant
from offramp_conformance.parity import grader
from offramp_conformance.parity.graders import grade, grade_all
from offramp_conformance.parity.graders.function import resolve
from offramp_conformance.parity.graders.grade import Ungraded
from offramp_conformance.parity.graders.json_values import equal, holds
from offramp_conformance.parity.graders.specs import (
    Exact,
    ExpectedCall,
    Function,
    Numeric,
    Regex,
    Structured,
    ToolCalls,
)
from offramp_conformance.parity.graders.text import numbers_in
from support.parity import MANY, answer


def calls(*made: tuple[str, str | None]) -> AnyResponse:
    parts = [ToolCall(f"id{at}", name, arguments) for at, (name, arguments) in enumerate(made)]
    return Response(assistant(*parts), Outcome(OutcomeKind.TOOL_CALLS))


@pytest.mark.parametrize(
    ("spec", "text", "passes"),
    [
        (Exact("yes"), "yes", True),
        (Exact("yes"), "Yes ", False),
        (Exact("yes", normalise=("trim", "casefold")), " YES\n", True),
        (Exact("a b", normalise=("collapse_whitespace",)), "a \n b", True),
        (Exact("1", normalise=("nfkc",)), "１", True),  # noqa: RUF001  # a full-width digit, on purpose
        (Exact("yes", normalise=("strip_punctuation",)), "yes!", True),
        (Exact("strasse", normalise=("casefold",)), "Straße", True),
        (Regex("urgent"), "most urgent", True),
        (Regex("urgent", match="full"), "most urgent", False),
        (Regex("URGENT", ignore_case=True), "urgent", True),
        (Numeric(3.0), "It is 3.", True),
        (Numeric(3.0), "3 of 4", False),
        (Numeric(4.0, which="last"), "3 of 4", True),
        (Numeric(3.0, which="first"), "3 of 4", True),
        (Numeric(100.0, relative=0.01), "101", True),
        (Numeric(100.0, relative=0.01), "101.1", False),
        (Numeric(100.0, absolute=2.0, relative=0.01), "102", True),
        (Numeric(1234.5), "1,234.5", True),
        (Numeric(-2e3), "about -2e3 m", True),
        (Numeric(0.5), "none", False),
        (Structured(contains={"urgent": True}), '{"urgent": true, "more": 1}', True),
        (Structured(contains={"urgent": True}), '{"urgent": 1}', False),
        (Structured(contains={"a": {"b": [1, 2]}}), '{"a": {"b": [1, 2.0], "c": 0}}', True),
        (Structured(contains={"a": [1, 2]}), '{"a": [1, 2, 3]}', False),
        (Structured(schema={"type": "object", "required": ["a"]}), '{"b": 1}', False),
        (Structured(schema={"type": "object", "required": ["a"]}), '{"a": 1}', True),
        (Structured(contains={}), "```json\n{}\n```", False),
        (Structured(contains={}, fenced=True), "```json\n{}\n```", True),
        (Structured(contains={}), "{", False),
    ],
)
def test_a_text_passes_or_not(spec: Any, text: str, passes: bool):
    found = grade(spec, answer(text))

    assert found.passed is passes
    assert (found.why is None) is passes


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("v1.2.3 at 10:30", [10.0, 30.0]),
        ("12,5 kg", []),  # a comma in place of the point is no number here, rather than twelve
        ("1,000,000", [1e6]),
        (".5 and \u22122", [0.5, -2.0]),
        ("1e999", []),
        ("x3 3x", []),
        ("2026-11-26", [2026.0, 11.0, 26.0]),
    ],
)
def test_numbers_stand_by_themselves(text: str, numbers: list[float]):
    assert numbers_in(text) == numbers


def test_what_was_missed_is_told_without_a_word_of_the_answer():
    secret = "the patient is Jane"
    specs = [Exact("x"), Regex("^x"), Numeric(1.0), Structured(contains={"a": 1})]

    assert all("Jane" not in (grade(spec, answer(secret)).why or "") for spec in specs)


NEAR, ALERT = ("near", '{"place": "depot", "km": 3}'), ("alert", '{"level": 2}')


@pytest.mark.parametrize(
    ("spec", "made", "passes"),
    [
        ([("near", {"km": 3.0, "place": "depot"})], [NEAR], True),
        ([("alert", {"level": 2}), ("near", None)], [NEAR, ALERT], True),
        ([("near", {"km": 3})], [NEAR], False),
        ([("near", None)], [NEAR, ALERT], False),
        ([("near", None), ("near", None)], [NEAR, ALERT], False),
        ([("near", {})], [("near", None)], True),
        ([("near", None)], [("near", '{"place": ')], False),
        ([], [], True),
    ],
)
def test_tool_calls_match_in_any_order_by_value(spec: list[Any], made: list[Any], passes: bool):
    expected = tuple(ExpectedCall(name, arguments=arguments) for name, arguments in spec)

    assert grade(ToolCalls(expected), calls(*made)).passed is passes


def test_tool_calls_may_be_asked_for_in_order():
    expected = (ExpectedCall("alert"), ExpectedCall("near"))

    assert not grade(ToolCalls(expected, ordered=True), calls(NEAR, ALERT)).passed
    assert grade(ToolCalls(expected, ordered=True), calls(ALERT, NEAR)).passed


def test_each_expected_call_needs_one_of_its_own_also_where_subsets_overlap():
    """A greedy choice would give the wide one to the first and leave none for the second."""
    expected = (ExpectedCall("f", arguments={}), ExpectedCall("f", arguments={"a": 1}))
    subset = ToolCalls(expected, arguments="subset")

    assert grade(subset, calls(("f", '{"a": 1}'), ("f", '{"b": 2}'))).passed
    assert not grade(subset, calls(("f", '{"c": 1}'), ("f", '{"b": 2}'))).passed


def test_calls_that_the_vendor_runs_itself_do_not_count():
    own = ToolCall("1", "search", "{}", executor="vendor")

    assert grade(ToolCalls(()), Response(assistant(own), Outcome(OutcomeKind.COMPLETED))).passed


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # jsonschema would warn, and fetch all the same
def test_a_schema_that_refers_elsewhere_is_not_fetched(tmp_path: Path):
    (tmp_path / "any.json").write_text("true", "utf-8")

    for elsewhere in ("http://192.0.2.1/schema.json", (tmp_path / "any.json").as_uri()):
        with pytest.raises(Ungraded, match="another document"):
            grade(Structured(schema={"$ref": elsewhere}), answer("{}"))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-5, 5) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
)


@MANY
@given(json_values)
def test_a_value_equals_and_holds_itself(given_value: Any):
    assert equal(given_value, given_value)
    assert holds(given_value, given_value)


@MANY
@given(st.dictionaries(st.text(max_size=2), json_values, max_size=4), st.data())
def test_an_object_holds_each_part_of_it_and_equals_none(whole: dict[str, Any], data: st.DataObject):
    if whole:
        gone = data.draw(st.sampled_from(sorted(whole)))
        part = {key: each for key, each in whole.items() if key != gone}

        assert holds(whole, part)
        assert not equal(whole, part)
        assert not holds(part, whole)


@pytest.fixture
def own_graders(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = ModuleType("own_graders")
    monkeypatch.setitem(sys.modules, "own_graders", module)
    return module


def test_a_function_of_ones_own_gives_a_score(own_graders: Any):
    own_graders.length = grader(lambda response: min(len(response.text) / 10, 1.0))

    assert grade(Function("own_graders:length"), answer("12345")).score == 0.5
    assert grade_all([Exact("12345"), Function("own_graders:length")], answer("12345")).score == 0.5


@pytest.mark.parametrize("entry", ["os:system", "builtins:eval", "subprocess:run"])
def test_no_function_that_is_not_marked_can_be_named(entry: str):
    with pytest.raises(ConfigurationError, match="not marked as a grader"):
        resolve(Function(entry))


@pytest.mark.parametrize("entry", ["no_such_module_x:f", "os:nothing", "os", ":f", ""])
def test_a_function_that_is_not_there_is_a_setup_mistake(entry: str):
    with pytest.raises(ConfigurationError, match="there is no such"):
        resolve(Function(entry))


@pytest.mark.parametrize("given_score", [2, -0.1, float("nan"), "many", None])
def test_a_function_that_fails_leaves_the_answer_ungraded(own_graders: Any, given_score: Any):
    own_graders.odd = grader(lambda _: given_score)

    with pytest.raises(Ungraded):
        grade(Function("own_graders:odd"), answer("x"))


def test_what_a_function_raises_is_not_quoted(own_graders: Any):
    def fails(response: AnyResponse) -> bool:
        raise KeyError(response.text)

    own_graders.fails = grader(fails)

    with pytest.raises(Ungraded, match=r"^own_graders:fails raised KeyError$"):
        grade(Function("own_graders:fails"), answer("Jane"))
