"""`offramp policy`: what a lawyer, a program manager and an engineer read; exit code 1 where something is denied."""

import json
from datetime import date
from pathlib import Path

import jsonschema
import pytest

from offramp.cli._policy_glossary import FACET_WORDS, USES
from offramp.cli.app import run
from offramp.contracts.uses import FACETS, USE_CODES
from offramp.policy import shipped_floor
from offramp.policy.plain import contract_template, plain_declaration, plain_organisation, plain_terms

FIRST = date(2026, 1, 1)
CONFIG = """\
schema = 1
policy = ["org.toml", "acme.toml", "bolt.toml"]

[endpoints.a]
vendor = "anthropic"
developer = "acme"
model = "m"

[endpoints.b]
vendor = "anthropic"
developer = "bolt"
model = "m"

[missions.triage]
declaration = "triage.toml"
route = ["a", "b"]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration with one plain mission on two endpoints; everything is valid in 2026."""
    files = {
        "offramp.toml": CONFIG,
        "triage.toml": plain_declaration("triage", on=FIRST),
        "org.toml": plain_organisation(
            ["triage"], endpoints=["endpoint:a", "endpoint:b"], on=FIRST, allow_unreviewed=True
        ),
        "acme.toml": plain_terms("acme", on=FIRST),
        "bolt.toml": plain_terms("bolt", on=FIRST),
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def test_check_shows_what_may_go_where_and_until_when(folder: Path, capsys: pytest.CaptureFixture[str]):
    code = run(["policy", "check", "--on", "2026-12-15"])

    out = capsys.readouterr().out
    assert code == 0
    assert out.count("allowed until 2027-01-02, unreviewed") == 2
    assert "warning: acme terms 2026-01-01 may be relied on until 2027-01-01 (17 days left)" in out


def test_check_exits_with_one_where_a_mission_is_dark(folder: Path, capsys: pytest.CaptureFixture[str]):
    code = run(["policy", "check", "--on", "2027-01-02"])

    assert code == 1
    assert "DENIED by declaration" in capsys.readouterr().out


def test_check_reads_files_of_any_kind(folder: Path, capsys: pytest.CaptureFixture[str]):
    code = run(["policy", "check", "triage.toml", "org.toml", "acme.toml"])

    out = capsys.readouterr().out
    assert code == 0
    assert [word in out for word in ("(Declaration)", "(Organisation)", "(PolicyContract)")] == [True] * 3


def test_a_fault_in_a_file_is_one_line(folder: Path, capsys: pytest.CaptureFixture[str]):
    change(folder / "triage.toml", '"gen.draft"', '"gen.daft"')

    code = run(["policy", "check", "triage.toml"])

    error = capsys.readouterr().err
    assert code == 2
    assert error.count("\n") == 1
    assert "triage.toml:8: uses.0: 'gen.daft' is not known here. Write 'gen.draft'." in error


def test_explain_names_clause_document_and_who_could_change_it(folder: Path, capsys: pytest.CaptureFixture[str]):
    change(folder / "triage.toml", '"gen.draft"', '"force.engage"')

    code = run(["policy", "explain", "triage", "b", "--on", "2026-06-01", "--json"])

    read = json.loads(capsys.readouterr().out)
    assert code == 1
    assert [one["endpoint"] for one in read["decisions"]] == ["b"]
    reasons = {(reason["layer"], reason["clause"]): reason for reason in read["decisions"][0]["reasons"]}
    floor = reasons["floor", "E2+.not-a-weapon"]
    assert floor["document"] == "Offramp floor 1"
    assert floor["mend"].startswith("nobody")
    assert ("vendor", None) in reasons


def test_explain_as_a_table_says_denied(folder: Path, capsys: pytest.CaptureFixture[str]):
    change(folder / "triage.toml", '"gen.draft"', '"force.engage"')

    code = run(["policy", "explain", "triage", "--on", "2026-06-01"])

    out = capsys.readouterr().out
    assert code == 1
    assert "triage at a: DENIED" in out
    assert "E2+.only-advice" in out


@pytest.mark.parametrize(
    ("arguments", "words"), [(["other"], "no mission 'other'"), (["triage", "c"], "'c' is not on the route")]
)
def test_explain_of_an_unknown_name_says_which_there_are(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
):
    code = run(["policy", "explain", *arguments])

    error = capsys.readouterr().err
    assert code == 2
    assert words in error
    assert "Use one of" in error


def test_matrix_puts_missions_against_endpoints(folder: Path, capsys: pytest.CaptureFixture[str]):
    change(folder / "bolt.toml", 'uses = ["gen.*"]', 'uses = ["gen.code"]')

    code = run(["policy", "matrix", "--on", "2026-06-01", "--json"])

    read = json.loads(capsys.readouterr().out)
    assert code == 0
    assert [(one["mission"], one["endpoint"], one["allowed"]) for one in read["decisions"]] == [
        ("triage", "a", True),
        ("triage", "b", False),
    ]
    assert read["decisions"][0]["digests"][0] == shipped_floor().sha256


def test_render_shows_every_clause(folder: Path, capsys: pytest.CaptureFixture[str]):
    (folder / "template.toml").write_text(contract_template(), "utf-8")

    code = run(["policy", "render", "template.toml"])

    out = capsys.readouterr().out
    assert code == 0
    assert [word in out for word in ("office-work", "decisions", "defence", "oversight is not approve")] == [True] * 4


def test_render_of_what_has_no_clauses_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert run(["policy", "render", "org.toml"]) == 2
    assert "only a policy contract has clauses" in capsys.readouterr().err


def test_an_unreadable_contract_denies_and_is_named(folder: Path, capsys: pytest.CaptureFixture[str]):
    (folder / "bolt.toml").write_text("schema = ", "utf-8")

    code = run(["policy", "explain", "triage", "a", "--on", "2026-06-01", "--json"])

    reason = json.loads(capsys.readouterr().out)["decisions"][0]["reasons"][0]
    assert code == 1
    assert reason["effect"] == "error"
    assert "bolt.toml" in reason["document"]


@pytest.mark.parametrize("kind", ["contract", "declaration", "organisation", "waivers"])
def test_schema_prints_a_json_schema(folder: Path, capsys: pytest.CaptureFixture[str], kind: str):
    code = run(["policy", "schema", kind])

    read = json.loads(capsys.readouterr().out)
    assert code == 0
    assert read["title"] == f"Offramp policy file: {kind}"
    assert read["additionalProperties"] is False


def test_schema_of_an_unknown_kind_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert run(["policy", "schema", "agreements"]) == 2
    assert "agreements" in capsys.readouterr().err


def test_a_manager_reads_sentences(folder: Path, capsys: pytest.CaptureFixture[str]):
    change(folder / "bolt.toml", 'uses = ["gen.*"]', 'uses = ["gen.code"]')

    code = run(["policy", "explain", "triage", "--for", "manager", "--on", "2026-06-01"])

    out = capsys.readouterr().out
    assert code == 1
    assert "triage at a: it may be used until 2027-01-02, on an unreviewed contract, unsigned." in out
    assert "triage at b: it may NOT be used" in out
    assert "(bolt terms 2026-01-01)." in out
    assert "Who could change it: agree it with the vendor." in out


def test_an_engineer_reads_json_as_its_published_schema_says(folder: Path, capsys: pytest.CaptureFixture[str]):
    run(["policy", "explain", "triage", "--for", "engineer", "--on", "2026-06-01"])
    read = json.loads(capsys.readouterr().out)
    run(["policy", "schema", "decisions"])
    published = json.loads(capsys.readouterr().out)

    jsonschema.Draft202012Validator(published).validate(read)
    assert [each["denied_from"] for each in read["decisions"]] == ["2027-01-02T00:00:00Z"] * 2


BOUNDED = """
[evidence]
role = "duty officer"
authority_to_stop = "order 7"
reaction_time_s = 60

[bounds]
subjects = 40
"""


def bounded(folder: Path, oversight: str = "approve", scale: str = "individual") -> None:
    change(folder / "triage.toml", 'oversight = "advisory"', f'oversight = "{oversight}"')
    change(folder / "triage.toml", 'scale = "none"', f'scale = "{scale}"')
    with (folder / "triage.toml").open("a", encoding="utf-8") as file:
        file.write(BOUNDED)


@pytest.mark.parametrize("command", [["explain", "triage", "a"], ["render", "triage.toml"]])
@pytest.mark.parametrize(
    ("oversight", "words"),
    [
        ("approve", "a person in the role 'duty officer' approves each call"),
        ("supervise", "a person in the role 'duty officer' watches and can stop it within 60 seconds"),
    ],
)
def test_what_is_declared_of_people_and_scale_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str], command: list[str], oversight: str, words: str
):
    bounded(folder, oversight)

    run(["policy", *command])

    out = capsys.readouterr().out
    assert words in out
    assert "at most 40 distinct people, 10 000 calls within any 24 hours; what goes beyond is denied" in out


def test_a_manager_and_an_engineer_are_told_of_people_and_scale_too(folder: Path, capsys: pytest.CaptureFixture[str]):
    bounded(folder)

    run(["policy", "explain", "triage", "--for", "manager"])
    sentences = capsys.readouterr().out
    run(["policy", "explain", "triage", "a", "--for", "engineer"])
    (found,) = json.loads(capsys.readouterr().out)["decisions"]

    assert "at most 40 distinct people" in sentences
    assert found["limits"] == {"window_s": 86_400, "subjects": 40, "calls": 10_000, "labels": None}
    assert [(need["level"], need["role"]) for need in found["oversight"]] == [("approve", "duty officer")]


@pytest.mark.parametrize(
    ("scale", "words"),
    [
        ("none", "a call that names a subject is denied"),
        ("mass", "Scale `mass`: without [bounds] nothing is counted"),
        ("enumerated", "(the usual figures, since [bounds] names none)"),
        ("unstated", "Scale is not stated: without [bounds] nothing is counted"),
    ],
)
def test_what_no_bounds_mean_is_told_by_scale(folder: Path, capsys: pytest.CaptureFixture[str], scale: str, words: str):
    change(folder / "triage.toml", 'scale = "none"', f'scale = "{scale}"')

    run(["policy", "explain", "triage", "a"])

    assert words in capsys.readouterr().out


def test_a_new_declaration_shows_how_bounds_and_oversight_are_written(folder: Path, capsys: pytest.CaptureFixture[str]):
    text = (folder / "triage.toml").read_text("utf-8")
    commented = text[text.index("# [evidence]") :]
    lines = [
        line.removeprefix("# ") if "=" in line or line.startswith("# [") else line for line in commented.splitlines()
    ]
    (folder / "triage.toml").write_text(text[: text.index("# [evidence]")] + "\n".join(lines), "utf-8")
    change(folder / "triage.toml", 'scale = "none"', 'scale = "individual"')

    code = run(["policy", "render", "triage.toml"])

    assert code == 0
    assert "at most 40 distinct people, 400 calls within any 24 hours" in capsys.readouterr().out


def test_every_code_and_every_facet_has_plain_words():
    assert (set(USES), set(FACET_WORDS)) == (set(USE_CODES), set(FACETS))
    for facet, words in FACET_WORDS.items():
        assert [name for name in FACETS[facet] if name not in words and name != "unstated"] == []
