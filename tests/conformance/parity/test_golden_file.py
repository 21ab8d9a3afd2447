"""Golden sets are read strictly: what is wrong is told with file, line and mend."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from offramp.errors import ConfigurationError
from offramp.types import user
from offramp_conformance.parity import GoldenSet, golden_set_schema, load_golden_set
from offramp_conformance.parity.golden_tables import derived_schema
from offramp_conformance.parity.graders.specs import Exact, Judge, ToolCalls

TOML = """\
schema = "offramp-golden-set/1"
name = "triage"

[[cases]]
id = "flood"
cluster = "case-17"
slices = ["lang:en"]
weight = 2
ask = "Flood at the depot"
[[cases.graders]]
kind = "exact"
expected = "urgent"
normalise = ["trim", "casefold"]

[[cases]]
id = "near"
cluster = "case-17"
messages = [{ role = "system", text = "Be brief." }, { role = "user", text = "Who is near?" }]
[[cases.graders]]
kind = "tool_calls"
calls = [{ name = "units_near", arguments = { place = "depot" } }]
[[cases.graders]]
kind = "judge"
rubric = "names every unit"

[[cases]]
id = "whole"
graders = [{ kind = "regex", pattern = "^a" }]
[cases.request]
messages = [{ role = "user", parts = [{ type = "text", text = "hi" }] }]
max_output_tokens = 5
"""


def read(tmp_path: Path, text: str, name: str = "golden.toml") -> GoldenSet:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return load_golden_set(path)


def as_lines(text: str) -> str:
    import tomllib

    content: Any = tomllib.loads(text)
    cases = content.pop("cases")
    return "\n".join(json.dumps(each) for each in (content, *cases))


def test_a_set_of_three_cases_is_read(tmp_path: Path):
    golden = read(tmp_path, TOML)
    flood, near, whole = golden.cases

    assert (golden.name, golden.clusters, golden.slices) == ("triage", ("case-17", "whole"), ("lang:en",))
    assert flood.request.messages == (user("Flood at the depot"),)
    assert flood.graders == (Exact("urgent", normalise=("trim", "casefold")),)
    assert [message.role for message in near.request.messages] == ["system", "user"]
    assert isinstance(near.single[0], ToolCalls)
    assert near.judge == Judge("names every unit")
    assert (whole.request.max_output_tokens, whole.cluster, whole.weight) == (5, "whole", 1.0)


def test_json_lines_say_the_same(tmp_path: Path):
    assert read(tmp_path, as_lines(TOML), "golden.jsonl") == read(tmp_path, TOML)


def test_the_hash_is_of_the_content_and_not_of_its_spelling_or_order(tmp_path: Path):
    golden = read(tmp_path, TOML)
    lines = read(tmp_path, as_lines(TOML), "golden.jsonl")
    turned = GoldenSet("another name", tuple(reversed(golden.cases)))

    assert golden.sha256 == lines.sha256 == turned.sha256


def test_the_order_of_keys_in_a_grader_is_no_content(tmp_path: Path):
    one, other = (TOML.replace('place = "depot"', keys) for keys in ("a = 1, b = 2", "b = 2, a = 1"))

    assert read(tmp_path, one).sha256 == read(tmp_path, other).sha256 != read(tmp_path, TOML).sha256


@pytest.mark.parametrize(
    "change",
    [
        {"id": "x"},
        {"cluster": "x"},
        {"slices": ()},
        {"weight": 3.0},
        {"graders": (Exact("calm"),)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_whatever_decides_changes_the_hash(tmp_path: Path, change: dict[str, Any]):
    golden = read(tmp_path, TOML)
    first, *rest = golden.cases

    assert GoldenSet("triage", (replace(first, **change), *rest)).sha256 != golden.sha256


def test_the_published_schema_is_the_one_of_the_tables_and_takes_the_set():
    import tomllib

    assert golden_set_schema() == derived_schema()
    judge = Draft202012Validator(golden_set_schema())
    judge.validate(tomllib.loads(TOML))
    assert not judge.is_valid(tomllib.loads(TOML.replace("expected =", "expectd =")))


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ("expected =", "expectd =", 12, "cases.0.graders.0.expectd: unknown key (and 1 more)"),
        ('cluster = "case-17"\nmess', 'clutser = "case-17"\nmess', 17, "cases.1.clutser: unknown key"),
        ('kind = "exact"', 'kind = "exactly"', 10, "cases.0.graders.0: there is no such kind of grader"),
        ('kind = "judge"\n', "", 22, "cases.1.graders.1: a grader of no kind"),
        ("weight = 2", 'weight = "much"', 8, "cases.0.weight: input should be a valid number"),
        ("weight = 2", "weight = 0", 8, "case 'flood': the weight is no number above 0"),
        ('ask = "Flood', 'messages = []\nask = "Flood', 9, "case 'flood': one of ask, messages and request is needed"),
        ('id = "near"', 'id = "flood"', 16, "the id 'flood' repeats"),
        ('"^a"', '"(a"', 28, "case 'whole': this is no regular expression"),
        ("max_output_tokens = 5", "max_tokens = 5", 29, "case 'whole': request.max_tokens is not a key of it"),
        ('name = "triage"', 'nmae = "triage"', 2, "nmae: unknown key"),
        ("golden-set/1", "golden-set/2", 1, "schema: input should be 'offramp-golden-set/1'"),
        (
            'rubric = "names every unit"',
            'rubric = "a"\n[[cases.graders]]\nkind = "judge"\nrubric = "b"',
            19,
            "more than one judge",
        ),
    ],
)
def test_a_mistake_is_told_with_file_line_and_mend(tmp_path: Path, old: str, new: str, line: int, what: str):
    assert TOML.count(old) == 1

    with pytest.raises(ConfigurationError) as told:
        read(tmp_path, TOML.replace(old, new))

    assert what in told.value.what
    assert told.value.where == f"{tmp_path}/golden.toml:{line}"
    assert told.value.mend


def test_a_mistake_in_json_lines_is_told_with_its_line(tmp_path: Path):
    with pytest.raises(ConfigurationError, match=r"golden\.jsonl:2: graders\.0\.expectd: unknown key") as told:
        read(tmp_path, as_lines(TOML).replace('"expected"', '"expectd"'), "golden.jsonl")

    assert "urgent" not in str(told.value)


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("a.jsonl", "", "the file is empty"),
        ("a.jsonl", '{"schema": "offramp-golden-set/1", "name": "x"}', "there is no case"),
        ("a.jsonl", '{"schema": "offramp-golden-set/1", "name": "x"}\n[]', "no JSON object"),
        ("a.jsonl", '{"schema": "offramp-golden-set/1", "name": "x"}\n{', "no JSON object"),
        ("a.toml", "name = ", "this is not TOML"),
        ("a.toml", 'schema = "offramp-golden-set/1"\nname = "x"\ncases = []', "there is no case"),
    ],
)
def test_a_file_that_holds_no_set_says_so(tmp_path: Path, name: str, text: str, what: str):
    with pytest.raises(ConfigurationError, match=what):
        read(tmp_path, text, name)


@pytest.mark.parametrize("name", ["none.toml", "none.jsonl"])
def test_a_file_that_is_not_there_says_so(tmp_path: Path, name: str):
    with pytest.raises(ConfigurationError, match="there is no such file"):
        load_golden_set(tmp_path / name)


def test_a_date_is_no_json(tmp_path: Path):
    text = TOML.replace('kind = "regex", pattern = "^a"', 'kind = "schema", contains = { day = 2026-11-26 }')

    with pytest.raises(ConfigurationError, match="a value that JSON does not have"):
        read(tmp_path, text)
