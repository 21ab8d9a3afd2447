"""`offramp policy diff`: two endpoints or two texts, exit code 1 where something changes; and its carry-over."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from offramp import load_config
from offramp.cli._enlist import enlist
from offramp.ed25519 import make_key_pair
from offramp.policy import load_contract
from offramp.policy.plain import plain_terms
from offramp.policy.reports import report_schema
from support.deployment import write_deployment

Call = Callable[..., Any]
LONG_AGO = date(2020, 1, 1)
"""What two texts say does not depend on whether they are in force."""
DIFF = ("policy", "diff", "a", "b")


@pytest.fixture
def deployment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The terms of a forbid decisions without a person and defence; those of b permit both."""
    monkeypatch.setenv("COLUMNS", "400")
    keys = 'key.env = "A_KEY"'
    file = write_deployment(tmp_path, a=keys, b=keys, b_vendor="anthropic", b_model="claude-sonnet-5-5")
    change(tmp_path / "bolt.toml", 'uses = ["gen.*"]', 'uses = ["*"]')
    change(tmp_path / "bolt.toml", 'effect = "forbid"', 'effect = "permit"')
    change(tmp_path / "bolt.toml", "exceptions = ", "# exceptions = ")
    change(tmp_path / "acme.toml", 'uses = ["gen.*"]', 'uses = ["gen.*", "decide.*"]')
    return file


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def changes(told: Any, kind: str) -> dict[tuple[str, str | None], set[str]]:
    """The uses by document and clause."""
    return {
        (each["reason"]["document"], each["reason"]["clause"]): {use for part in each["parts"] for use in part["uses"]}
        for each in told["changes"]
        if each["kind"] == kind
    }


def test_what_was_forbidden_and_is_not_is_told_by_clause_and_source(offramp: Call, deployment: Path):
    ran = offramp(*DIFF)
    told = offramp(*DIFF, "--json")

    day = load_contract(deployment.parent / "acme.toml").content.version
    freed = changes(told.json, "newly_allowed")
    assert (ran.code, told.code) == (1, 1)
    assert f"acme terms {day}" in ran.out
    assert "No decision about" in ran.out
    assert all(use.startswith("decide.") for use in freed[f"acme terms {day}", "decisions"])
    assert freed[f"acme terms {day}", "defence"] >= {"gen.draft", "decide.credit"}
    assert told.json["totals"]["newly_denied"] == 0 < told.json["totals"]["newly_allowed"]


def test_the_way_back_is_the_mirror_image(offramp: Call, deployment: Path):
    there, back = offramp(*DIFF, "--json").json, offramp("policy", "diff", "b", "a", "--json").json

    assert there["totals"]["newly_allowed"] == back["totals"]["newly_denied"]
    assert changes(there, "newly_allowed") == changes(back, "newly_denied")


def test_where_nothing_changes_the_exit_code_is_zero(offramp: Call, deployment: Path):
    ran = offramp("policy", "diff", "a", "a", "--json")

    assert ran.code == 0
    assert {each["kind"] for each in ran.json["changes"]} == {"still_denied", "still_allowed"}


def test_the_json_is_as_its_published_schema_says(offramp: Call, deployment: Path):
    validator = jsonschema.Draft202012Validator(report_schema("diff"))

    validator.validate(offramp(*DIFF, "--json").json)

    assert offramp("policy", "schema", "diff").json == report_schema("diff")


def test_two_texts_are_compared_by_what_they_say_alone(offramp: Call, tmp_path: Path):
    (tmp_path / "old.toml").write_text(plain_terms("acme", on=LONG_AGO))
    new = plain_terms("acme", on=LONG_AGO).replace('uses = ["decide.*"]', 'uses = ["decide.*", "gen.code"]')
    (tmp_path / "new.toml").write_text(new)

    ran = offramp("policy", "diff", "old.toml", "new.toml", "--json")

    assert ran.code == 1
    assert list(changes(ran.json, "newly_denied").values()) == [{"gen.code"}]
    assert all(each["reason"]["layer"] == "vendor" for each in ran.json["changes"])
    assert (ran.json["unreviewed"], ran.json["unsigned"]) == (True, True)


def test_new_may_stand_in_another_configuration(offramp: Call, deployment: Path, tmp_path: Path):
    other = tmp_path / "next"
    other.mkdir()
    write_deployment(other)

    ran = offramp("policy", "diff", "b", "b", "--new-config", "next/offramp.toml", "--json")

    assert ran.code == 1
    assert ran.json["totals"]["newly_denied"] > 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("a", "c"), "there is no endpoint 'c'"),
        (("a", "bolt.toml"), "do not compare"),
        (("a.toml", "bolt.toml"), "cannot be read"),
        (("acme.toml", "bolt.toml", "--carry-over", "keep"), "only an endpoint is left"),
        (("a", "b", "--on", "soon"), "--on"),
    ],
)
def test_a_mistake_ends_in_one_line(offramp: Call, deployment: Path, arguments: tuple[str, ...], words: str):
    ran = offramp("policy", "diff", *arguments)

    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert words in ran.err
    assert not (deployment.parent / "keep").exists()


def test_the_carry_over_is_written_named_and_enforced(offramp: Call, deployment: Path, tmp_path: Path):
    change(tmp_path / "triage.toml", 'customer = "private"', 'customer = "defence"')
    change(deployment, 'route = ["a", "b"]', 'route = ["b"]')
    assert offramp("policy", "explain", "triage", "b", "--json").code == 0

    ran = offramp(*DIFF, "--carry-over", "keep")

    written = tmp_path / "keep" / "carry-over-a-acme-terms.toml"
    explained = offramp("policy", "explain", "triage", "b", "--json")
    (reason,) = explained.json["decisions"][0]["reasons"]
    assert f"wrote keep/{written.name}" in ran.out
    assert load_contract(written).content.layer == "carry-over"
    assert load_config(deployment).policy[-1] == Path(f"keep/{written.name}")
    assert (explained.code, reason["layer"], reason["clause"]) == (1, "carry-over", "defence")
    assert "a waiver of the organisation" in reason["mend"]


def test_with_the_carry_over_in_force_nothing_that_was_forbidden_is_allowed(offramp: Call, deployment: Path):
    offramp(*DIFF, "--carry-over", "keep")

    freed = changes(offramp(*DIFF, "--json").json, "newly_allowed")

    assert {clause for _, clause in freed} == {None}  # where a was silent, the permit is b's own to give


def test_each_clause_that_is_carried_says_what_it_is_needed_for(offramp: Call, deployment: Path, tmp_path: Path):
    offramp(*DIFF, "--carry-over", "keep")

    (written,) = (tmp_path / "keep").iterdir()
    text = written.read_text()
    assert text.startswith("# What endpoint a forbade when it was left for b, on ")
    assert text.count("# Without this, b would allow ") == 2


def test_a_carry_over_is_not_overwritten(offramp: Call, deployment: Path, tmp_path: Path):
    offramp(*DIFF, "--carry-over", "keep")
    (written,) = (tmp_path / "keep").iterdir()
    written.write_text(written.read_text() + "# mine\n")

    ran = offramp(*DIFF, "--carry-over", "keep")

    assert (ran.code, written.read_text()[-7:]) == (2, "# mine\n")
    assert "is there already" in ran.err


def test_terms_that_nobody_knows_are_not_carried_over_as_if_they_forbade_nothing(
    offramp: Call, deployment: Path, tmp_path: Path
):
    change(deployment, '"acme.toml", ', "")

    ran = offramp(*DIFF, "--carry-over", "keep")

    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "what a forbids is not known" in ran.err
    assert not (tmp_path / "keep").exists()


def test_in_json_nothing_else_is_printed_to_standard_output(offramp: Call, deployment: Path):
    ran = offramp(*DIFF, "--json", "--carry-over", "keep")

    assert ran.json["schema"] == "offramp-policy-diff/1"
    assert "wrote keep/" in ran.err


LISTS = [
    ('a = 1\npolicy = ["x"] # why\n[t]\nb = 2\n', (), 'policy = ["x", "y"] # why'),
    ("a = 1\npolicy = []\n", (), 'policy = ["y"]'),
    ('policy = ["x",]\n', (), 'policy = ["x", "y"]'),
    ("a = 1\n[t]\nb = 2\n", (), 'a = 1\npolicy = ["y"]\n[t]'),
    ("a = 1\n[t.u]\nb = 2\n", ("t", "u"), '[t.u]\npolicy = ["y"]\nb = 2'),
    ('[t.u]\npolicy = ["x"]\n[t.v]\npolicy = []\n', ("t", "v"), '[t.v]\npolicy = ["y"]'),
    ('policy = ["x", "y"]\n', (), 'policy = ["x", "y"]'),
]


@pytest.mark.parametrize(("text", "table", "wanted"), LISTS)
def test_a_name_is_added_to_a_list_and_nothing_else_changes(
    tmp_path: Path, text: str, table: tuple[str, ...], wanted: str
):
    file = tmp_path / "offramp.toml"
    file.write_text(text)

    assert enlist(file, table, "policy", "y")
    assert wanted in file.read_text()
    assert [path.name for path in tmp_path.iterdir()] == ["offramp.toml"]


@pytest.mark.parametrize(
    ("text", "table"),
    [('policy = [\n  "x",\n]\n', ()), ('t = { policy = ["x"] }\n', ("t",)), ('policy = ["x", "#"]\n', ())],
)
def test_a_list_that_is_written_otherwise_is_left_alone(tmp_path: Path, text: str, table: tuple[str, ...]):
    file = tmp_path / "offramp.toml"
    file.write_text(text)

    assert not enlist(file, table, "policy", "y")
    assert file.read_text() == text


def test_a_carry_over_may_be_signed_and_what_is_changed_in_it_afterwards_is_refused(
    offramp: Call, deployment: Path, tmp_path: Path
):
    signer = f'public_key = "{make_key_pair(tmp_path / "ann.key")}"\nvalid_until = 2099-01-01\nroles = ["carry-over"]\n'
    (tmp_path / "signers.toml").write_text(f"[signers.ann]\n{signer}")
    change(deployment, "schema = 1", 'schema = 1\nsigners = "signers.toml"')
    offramp(*DIFF, "--carry-over", "keep")
    kept = "keep/carry-over-a-acme-terms.toml"

    signed = offramp("policy", "sign", kept, "--key", "ann.key")
    checked = offramp("policy", "check", kept)
    change(tmp_path / kept, 'uses = ["decide.*"]', 'uses = ["decide.credit"]')
    altered = offramp("policy", "check", kept)

    assert "revision 1 is signed by ann" in signed.out
    assert "signed by ann" in checked.out
    assert (altered.code, "it was changed after it was signed" in altered.err) == (2, True)
    assert offramp("policy", "explain", "triage", "b").code == 1
