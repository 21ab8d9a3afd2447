"""`offramp match`: who could carry a mission, before the call and before the move."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.deployment import write_deployment

Call = Callable[..., Any]

OFFERS = """
[[endpoints.a.offers]]
evidence = { level = "declared", checked = 2026-11-26, source = "agreement ACME-17, annex 2" }
residency = ["us"]
retention_days = 0
trains_on_data = false
authorisations = ["fedramp-high"]
price = { input_usd = "3.00", output_usd = "15.00" }
first_output_s = 1.5
"""
NEEDS = """
[missions.triage.needs]
context_tokens = 200000
output_tokens = 8000
residency = ["us"]
retention_days = 0
no_training = true
authorisations = ["fedramp-high"]
max_cost_usd = 0.70
first_output_s = 2
"""


def deploy(folder: Path, *, a: str = "", b: str = "", mission: str = "") -> Path:
    return write_deployment(folder, a=a, b=b, mission=mission, b_model="gpt-5.6-sol")


def test_every_endpoint_of_the_route_is_held_against_every_demand(offramp: Call, tmp_path: Path):
    deploy(tmp_path, a=OFFERS, mission='requires = ["tools.parallel", "seed"]\n' + NEEDS)

    ran = offramp("match", "triage", "--json")

    a, b = ran.json["endpoints"]
    fits = {each["requirement"]: each["fit"] for each in a["findings"]}
    assert (ran.code, ran.json["fitting"], a["fits"], b["fits"]) == (1, [], False, False)
    assert fits.pop("seed") == "unsatisfiable"
    assert set(fits.values()) == {"satisfied"}
    assert {each["requirement"] for each in b["findings"] if each["fit"] == "unknown"} >= {"residency", "max_cost_usd"}


def test_an_endpoint_that_fits_ends_in_success(offramp: Call, tmp_path: Path):
    deploy(tmp_path, a=OFFERS, mission='requires = ["tools.parallel"]\n' + NEEDS)

    ran = offramp("match", "triage")

    assert ran.code == 0
    assert "a (anthropic:claude-sonnet-5-5) fits." in ran.out
    assert "b (openai:gpt-5.6-sol) is not known to fit: context_tokens unknown" in ran.out


def test_every_finding_shows_its_evidence(offramp: Call, tmp_path: Path):
    deploy(tmp_path, a=OFFERS, mission='requires = ["tools"]\n' + NEEDS)

    found = {
        each["requirement"]: each for each in offramp("match", "triage", "--json").json["endpoints"][0]["findings"]
    }

    assert found["tools"]["level"] == "documented"
    assert found["tools"]["source"].startswith("anthropic-sdk-python")
    assert (found["residency"]["level"], found["residency"]["checked"]) == ("declared", "2026-11-26")
    assert found["residency"]["source"] == "agreement ACME-17, annex 2"
    assert all(each["hard"] for each in found.values())


def test_a_dearer_call_than_the_ceiling_does_not_fit(offramp: Call, tmp_path: Path):
    # 192,000 in at 3 USD and 8,000 out at 15 USD a million are 0.696 USD.
    deploy(tmp_path, a=OFFERS, mission=NEEDS.replace("0.70", "0.695"))

    ran = offramp("match", "triage")

    assert ran.code == 1
    assert "the dearest call costs 0.696 USD" in ran.out.replace("\n", " ")
    assert "a (anthropic:claude-sonnet-5-5) does not fit: max_cost_usd unsatisfiable" in ran.out


def test_another_endpoint_can_be_asked_before_the_move(offramp: Call, tmp_path: Path):
    deploy(tmp_path, mission='requires = ["seed"]')

    assert offramp("match", "triage", "--endpoint", "a").code == 1
    assert offramp("match", "triage", "--endpoint", "b").code == 0


def test_a_form_of_answer_that_is_emulated_fits_unless_the_mission_forbids_it(offramp: Call, tmp_path: Path):
    deploy(tmp_path, mission='requires = ["json_output"]')
    emulated = offramp("match", "triage", "--endpoint", "a", "--json")
    deploy(tmp_path, mission='requires = ["json_output"]\nemulations = []')
    forbidden = offramp("match", "triage", "--endpoint", "a", "--json")

    (first,), (second,) = (each.json["endpoints"][0]["findings"] for each in (emulated, forbidden))
    assert (emulated.code, first["fit"], first["emulations"]) == (0, "emulated", ["forced_tool", "prompt"])
    assert (forbidden.code, second["fit"], second["emulations"]) == (1, "unsatisfiable", [])


def test_a_claim_of_the_configuration_settles_what_nobody_knew(offramp: Call, tmp_path: Path):
    evidence = '{ level = "declared", checked = 2026-11-26 }'
    claim = f'[endpoints.b.claims]\ndeterminism = {{ support = "native", evidence = {evidence} }}'
    deploy(tmp_path, b=claim, mission='requires = ["determinism"]')

    ran = offramp("match", "triage", "--json")

    assert ran.json["fitting"] == ["b"]
    assert [each["findings"][0]["fit"] for each in ran.json["endpoints"]] == ["unknown", "satisfied"]


def test_a_schema_of_answers_is_read_from_its_file(offramp: Call, tmp_path: Path):
    deploy(tmp_path, mission='needs.output_schema = "triage.schema.json"\nemulations = []')
    (tmp_path / "triage.schema.json").write_text(json.dumps({"type": "object", "properties": {}}))

    ran = offramp("match", "triage", "--json")

    assert {each["requirement"] for each in ran.json["endpoints"][0]["findings"]} == {
        "structured_output",
        "output_schema",
    }


def test_a_mission_that_demands_nothing_says_so(offramp: Call, tmp_path: Path):
    deploy(tmp_path)

    ran = offramp("match", "triage")

    assert ran.code == 0
    assert "triage demands nothing" in ran.out


@pytest.mark.parametrize(
    ("mission", "arguments", "words"),
    [
        ("", ["nobody"], "there is no mission 'nobody'. Use one of triage"),
        ("", ["triage", "--endpoint", "c"], "there is no endpoint 'c'. Use one of a, b"),
        ("", [], "Missing argument"),
        ('requires = ["telepathy"]', ["triage"], "offramp.toml:"),
        ("needs.contxt_tokens = 5", ["triage"], "needs.contxt_tokens: unknown key"),
        ("needs.context_tokens = -5", ["triage"], "context_tokens must be above 0"),
        ('needs.context_tokens = "many"', ["triage"], "needs.context_tokens: "),
        ('needs.authorisations = ["fedramp"]', ["triage"], "needs.authorisations"),
        ('needs.residency = ["US"]', ["triage"], "a place is written in small letters"),
        ("needs.images = { number = 3 }", ["triage"], "needs.images.number: unknown key"),
        ('emulations = ["magic"]', ["triage"], "missions.triage.emulations"),
        ('needs.output_schema = "no.json"', ["triage"], "no.json: there is no such file"),
        ('needs.output_schema = "triage.toml"', ["triage"], "this is not JSON"),
        ('needs.output_schema = "list.json"', ["triage"], "this is no JSON object"),
    ],
)
def test_a_mistake_ends_in_one_line_that_names_it(
    offramp: Call, tmp_path: Path, mission: str, arguments: list[str], words: str
):
    deploy(tmp_path, mission=mission)
    (tmp_path / "list.json").write_text("[1]")

    ran = offramp("match", *arguments)

    assert (ran.code, ran.err.count("\n"), ran.out) == (2, 1, "")
    assert words in ran.err
