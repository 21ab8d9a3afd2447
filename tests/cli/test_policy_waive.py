"""`offramp policy waive`: it lifts what a move carried over, by an authority, for a reason and a time; nothing else."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from offramp import load_config
from offramp.ed25519 import make_key_pair
from offramp.policy import load_waivers
from support.deployment import write_deployment

Call = Callable[..., Any]
SOON = str((datetime.now(UTC) + timedelta(days=30)).date())
WHO = ("--authority", "General counsel", "--reason", "Decided on 2026-11-20", "--until", SOON)


@pytest.fixture
def deployment(tmp_path: Path) -> Path:
    """The terms of a forbid what the mission does; those of b do not."""
    keys = 'key.env = "A_KEY"'
    file = write_deployment(tmp_path, a=keys, b=keys, b_vendor="anthropic", b_model="claude-sonnet-5-5")
    change(tmp_path / "acme.toml", 'uses = ["decide.*"]', 'uses = ["decide.*", "gen.draft"]')
    return file


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def denied_at_b(offramp: Call) -> set[tuple[str, str | None]]:
    told = offramp("policy", "explain", "triage", "b", "--json").json["decisions"][0]
    return set() if told["allowed"] else {(reason["layer"], reason["clause"]) for reason in told["reasons"]}


def test_what_was_carried_over_is_lifted_where_it_came_to_and_stays_where_it_came_from(
    offramp: Call, deployment: Path, tmp_path: Path
):
    assert denied_at_b(offramp) == {("carry-over", "decisions")}

    ran = offramp("policy", "waive", "triage", "acme terms", "decisions", *WHO)

    assert (ran.code, ran.err) == (0, "")
    assert denied_at_b(offramp) == set()
    assert offramp("policy", "explain", "triage", "a").code == 1
    assert load_config(deployment).missions["triage"].waivers == (Path("waivers-triage.toml"),)
    (waiver,) = load_waivers(tmp_path / "waivers-triage.toml").content.waivers
    assert (waiver.authority, waiver.reason, str(waiver.valid_until)) == (
        "General counsel",
        "Decided on 2026-11-20",
        SOON,
    )


def test_a_waiver_ends(offramp: Call, deployment: Path):
    offramp("policy", "waive", "triage", "acme terms", "decisions", *WHO)
    after = str((datetime.now(UTC) + timedelta(days=31)).date())

    assert offramp("policy", "explain", "triage", "b", "--on", SOON).code == 0
    assert offramp("policy", "explain", "triage", "b", "--on", after).code == 1


def test_a_carry_over_file_is_lifted_by_the_name_of_what_was_left(offramp: Call, deployment: Path):
    change(deployment, 'route = ["a", "b"]', 'route = ["b"]')
    offramp("policy", "diff", "a", "b", "--carry-over", "keep")
    assert denied_at_b(offramp) == {("carry-over", "decisions")}

    offramp("policy", "waive", "triage", "endpoint:a", "*", *WHO)

    assert denied_at_b(offramp) == set()


def test_a_second_waiver_joins_the_first(offramp: Call, deployment: Path, tmp_path: Path):
    offramp("policy", "waive", "triage", "acme terms", "decisions", *WHO)
    offramp("policy", "waive", "triage", "acme terms", "defence", *WHO)

    found = load_waivers(tmp_path / "waivers-triage.toml").content.waivers
    assert [one.clauses for one in found] == [("decisions",), ("defence",)]
    assert deployment.read_text().count("waivers-triage.toml") == 1


BEYOND = [
    (("Offramp floor", "*"), "'Offramp floor' is the floor, and no waiver lifts it", "nobody"),
    (
        ("bolt terms", "decisions"),
        "'bolt terms' is the vendor's own terms, and no waiver lifts it",
        "bolt, by an agreement",
    ),
    (("nothing", "*"), "nothing of 'nothing' came over to mission 'triage'", "acme terms"),
    (("acme terms", "weapons"), "no clause 'weapons' of 'acme terms' came over", "decisions, defence"),
]


@pytest.mark.parametrize(("arguments", "words", "mend"), BEYOND)
def test_what_no_waiver_lifts_is_refused_with_who_could_change_it(
    offramp: Call, deployment: Path, tmp_path: Path, arguments: tuple[str, ...], words: str, mend: str
):
    change(deployment, 'route = ["a", "b"]', 'route = ["b"]')
    offramp("policy", "diff", "a", "b", "--carry-over", "keep")
    before = deployment.read_text()

    ran = offramp("policy", "waive", "triage", *arguments, *WHO)

    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert words in ran.err
    assert mend in ran.err
    assert not (tmp_path / "waivers-triage.toml").exists()
    assert deployment.read_text() == before


@pytest.mark.parametrize("missing", ["--authority", "--reason", "--until"])
def test_authority_reason_and_end_must_be_named(offramp: Call, deployment: Path, missing: str):
    place = WHO.index(missing)

    ran = offramp("policy", "waive", "triage", "acme terms", "decisions", *WHO[:place], *WHO[place + 2 :])

    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert missing in ran.err


@pytest.mark.parametrize(
    ("key", "word", "told"),
    [
        ("--authority", " ", "names an authority"),
        ("--reason", "", "names an authority and a reason"),
        ("--until", "2020-01-01", "before it begins"),
        ("--second-authority", "general COUNSEL", "one name stands for both"),
    ],
)
def test_a_waiver_that_the_loader_would_refuse_is_not_written(
    offramp: Call, deployment: Path, tmp_path: Path, key: str, word: str, told: str
):
    ran = offramp("policy", "waive", "triage", "acme terms", "decisions", *WHO, key, word)

    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert told in ran.err
    assert not (tmp_path / "waivers-triage.toml").exists()


@pytest.fixture
def sensitive(deployment: Path, tmp_path: Path) -> Path:
    """The mission plans for armed force: a's terms forbid it, b's permit it."""
    change(tmp_path / "triage.toml", '"gen.draft", ', '"force.plan", ')
    change(tmp_path / "org.toml", 'uses = ["gen.*"]', 'uses = ["*"]')
    change(tmp_path / "acme.toml", '"gen.draft"', '"force.plan"')
    change(tmp_path / "bolt.toml", 'uses = ["gen.*"]', 'uses = ["gen.*", "force.plan"]')
    return deployment


def test_over_sensitive_uses_one_authority_is_not_enough(offramp: Call, sensitive: Path, tmp_path: Path):
    one = offramp("policy", "waive", "triage", "acme terms", "decisions", *WHO)
    assert (one.code, one.err.count("\n")) == (2, 1)
    assert "two authorities" in one.err
    assert not (tmp_path / "waivers-triage.toml").exists()

    offramp("policy", "waive", "triage", "acme terms", "decisions", *WHO, "--second-authority", "Inspector")

    assert denied_at_b(offramp) == set()


def test_over_sensitive_uses_a_signed_waiver_needs_two_signatures(offramp: Call, sensitive: Path, tmp_path: Path):
    keys = {name: make_key_pair(tmp_path / f"{name}.key") for name in ("ann", "ben")}
    entry = '[signers.{}]\npublic_key = "{}"\nvalid_until = 2099-01-01\nroles = ["waivers"]\n'
    (tmp_path / "signers.toml").write_text("".join(entry.format(*pair) for pair in keys.items()))
    change(sensitive, "schema = 1", 'schema = 1\nsigners = "signers.toml"')

    ran = offramp("policy", "waive", "triage", "acme terms", "decisions", *WHO, "--second-authority", "Inspector")

    assert "have it signed by both: offramp policy sign waivers-triage.toml --key KEY" in ran.out
    assert offramp("policy", "sign", "waivers-triage.toml", "--key", "ann.key").code == 0
    assert denied_at_b(offramp) == {("carry-over", "decisions")}
    assert offramp("policy", "sign", "waivers-triage.toml", "--key", "ben.key").code == 0
    assert denied_at_b(offramp) == set()


def test_a_waiver_stands_in_the_decision_log(offramp: Call, deployment: Path, tmp_path: Path):
    offramp("policy", "waive", "triage", "acme terms", "decisions", *WHO)

    (log,) = (tmp_path / "audit").glob("*.jsonl")
    (entry,) = [line for line in map(json.loads, log.read_text().splitlines()) if line["kind"] == "waiver"]
    assert entry["mission"] == "triage"
    assert entry["detail"]["document"] == "acme_terms"
    assert entry["detail"]["authority"] == "General_counsel"
    assert offramp("audit", "verify", "audit").code in (0, 3)
