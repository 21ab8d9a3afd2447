"""`offramp check` on policy: when each mission goes dark and why, what is due, and a move that no file tells of."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from offramp import Client
from support.deployment import WRITTEN_ON, write_deployment

Call = Callable[..., Any]
CHECK = ("check", "--no-network")


def today() -> date:
    return datetime.now(UTC).date()


@pytest.fixture
def deployment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The terms of a forbid defence; those of b do not."""
    monkeypatch.setenv("A_KEY", "k")
    keys = 'key.env = "A_KEY"'
    file = write_deployment(tmp_path, a=keys, b=keys, b_vendor="anthropic", b_model="claude-sonnet-5-5")
    change(tmp_path / "bolt.toml", 'customer = ["defence", "intelligence"]', 'customer = ["law-enforcement"]')
    return file


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def ends(file: Path, key: str, day: date) -> None:
    """Set a date of a policy file."""
    lines = [f"{key} = {day}" if line.startswith(f"{key} =") else line for line in file.read_text().splitlines()]
    file.write_text("\n".join(lines) + "\n")


def mission(offramp: Call) -> Any:
    (found,) = offramp(*CHECK, "--json").json["missions"]
    return found


def test_the_day_on_which_a_mission_goes_dark_is_told_with_its_ground_and_who_could_change_it(
    offramp: Call, deployment: Path, tmp_path: Path
):
    last = today() + timedelta(days=40)
    ends(tmp_path / "triage.toml", "valid_until", last)

    ran, dark = offramp(*CHECK), mission(offramp)["goes_dark"]

    day = last + timedelta(days=1)
    assert f"triage goes dark on {day}, 00:00 UTC: declaration (expired) The declaration is valid from" in ran.out
    assert "Who could change it: have its owner renew it." in ran.out
    assert (dark["at"], dark["endpoint"]) == (f"{day}T00:00:00+00:00", "a")
    assert ran.code == 0


def test_a_document_of_the_first_endpoint_takes_the_mission_with_it(offramp: Call, deployment: Path, tmp_path: Path):
    last = today() + timedelta(days=5)
    ends(tmp_path / "acme.toml", "valid_until", last)

    dark = mission(offramp)["goes_dark"]

    assert dark["at"].startswith(str(last + timedelta(days=1)))
    assert "acme terms" in dark["why"]


def test_a_document_of_the_second_endpoint_does_not(offramp: Call, deployment: Path, tmp_path: Path):
    ends(tmp_path / "bolt.toml", "valid_until", today() + timedelta(days=5))

    found = mission(offramp)

    assert found["route"][1]["denied_from"].startswith(str(today() + timedelta(days=6)))
    assert not found["goes_dark"]["at"].startswith(str(today() + timedelta(days=6)))


def test_where_the_first_endpoint_is_stopped_the_second_ones_document_counts(
    offramp: Call, deployment: Path, tmp_path: Path
):
    ends(tmp_path / "bolt.toml", "valid_until", today() + timedelta(days=5))

    (found,) = offramp(*CHECK, "--without", "endpoint:a", "--json").json["missions"]

    assert (found["goes_dark"]["at"][:10], found["goes_dark"]["endpoint"]) == (str(today() + timedelta(days=6)), "b")


def test_a_mission_that_is_dark_says_so_and_no_later_day(offramp: Call, deployment: Path, tmp_path: Path):
    ends(tmp_path / "triage.toml", "valid_from", today() - timedelta(days=10))
    ends(tmp_path / "triage.toml", "valid_until", today() - timedelta(days=1))

    ran, found = offramp(*CHECK), mission(offramp)

    assert (ran.code, found["dark"], found["goes_dark"]) == (1, True, None)
    assert "triage GOES DARK." in ran.out


@pytest.mark.parametrize(
    ("days", "told"), [(31, False), (30, True), (8, True), (7, True), (1, True), (0, True), (-1, True)]
)
def test_a_review_that_is_due_is_told_thirty_days_ahead(
    offramp: Call, deployment: Path, tmp_path: Path, days: int, told: bool
):
    ends(tmp_path / "acme.toml", "review_by", today() + timedelta(days=days))

    found = [one for one in mission(offramp)["warnings"] if "acme terms" in one and "reviewed" in one]

    when = f"({days} days left)" if days >= 0 else f"({-days} days ago)"
    assert found == [one for one in found if when in one]
    assert bool(found) is told


def leave_a(deployment: Path) -> None:
    """Take a off the route without a word."""
    change(deployment, 'route = ["a", "b"]', 'route = ["b"]')


def run_once(deployment: Path) -> None:
    """Open a client, which remembers the route."""
    Client.from_file(deployment).close()


def test_a_move_without_a_word_is_visible(offramp: Call, deployment: Path):
    run_once(deployment)
    leave_a(deployment)

    ran, found = offramp(*CHECK), mission(offramp)

    (move,) = found["moved"]
    assert f"MOVED: triage: a (acme at acme) was on its route until {today()}." in ran.out
    assert 'formerly = ["a"]' in ran.out
    assert "offramp policy carry-over a" in ran.out
    assert (move["endpoint"], move["documents"]) == ("a", [f"acme terms {WRITTEN_ON}"])
    assert ran.code == 0
    assert f"MOVED: triage: a (acme at acme) was on its route until {today()}." in offramp("policy", "check").out


def test_what_the_endpoint_that_was_left_forbids_still_holds(offramp: Call, deployment: Path, tmp_path: Path):
    change(tmp_path / "triage.toml", 'customer = "private"', 'customer = "defence"')
    run_once(deployment)
    leave_a(deployment)
    told = offramp("policy", "explain", "triage", "b", "--json").json["decisions"][0]

    assert (told["allowed"], [one["clause"] for one in told["reasons"]]) == (False, ["defence"])
    assert told["reasons"][0]["layer"] == "carry-over"


def test_it_holds_although_endpoint_and_contract_are_gone_from_the_configuration(
    offramp: Call, deployment: Path, tmp_path: Path
):
    change(tmp_path / "triage.toml", 'customer = "private"', 'customer = "defence"')
    run_once(deployment)
    text = deployment.read_text().replace('"acme.toml", ', "").replace('route = ["a", "b"]', 'route = ["b"]')
    start, end = text.index("[endpoints.a]"), text.index("[endpoints.b]")
    deployment.write_text(text[:start] + text[end:])
    (tmp_path / "acme.toml").unlink()
    run_once(deployment)
    run_once(deployment)

    assert offramp("policy", "explain", "triage", "b").code == 1
    assert mission(offramp)["moved"][0]["endpoint"] == "a"


def test_it_holds_although_another_now_bears_the_name(offramp: Call, deployment: Path, tmp_path: Path):
    change(tmp_path / "triage.toml", 'customer = "private"', 'customer = "defence"')
    run_once(deployment)
    leave_a(deployment)
    change(deployment, 'developer = "acme"\nhost = "acme"', 'developer = "bolt"\nhost = "bolt"')
    change(deployment, 'route = ["b"]', 'route = ["a", "b"]')
    run_once(deployment)

    assert mission(offramp)["moved"][0]["developer"] == "acme"
    assert offramp("policy", "explain", "triage", "a").code == 1


@pytest.mark.parametrize("way", ["formerly", "carry-over", "waiver"])
def test_a_move_that_the_files_tell_of_is_quiet(offramp: Call, deployment: Path, way: str):
    run_once(deployment)
    leave_a(deployment)

    match way:
        case "formerly":
            change(deployment, 'route = ["b"]', 'route = ["b"]\nformerly = ["a"]')
        case "carry-over":
            assert offramp("policy", "diff", "a", "b", "--carry-over", "keep").code == 1
        case _:
            who = ("--authority", "board", "--reason", "weighed", "--until", "2099-01-01")
            assert offramp("policy", "waive", "triage", "endpoint:a", "*", *who).code == 0

    assert bool(mission(offramp)["moved"]) is (way == "waiver")  # lifted for a time, and still not told of


def forget_a(deployment: Path) -> None:
    """Take the endpoint and its contract out of the configuration, without a word."""
    text = deployment.read_text().replace('"acme.toml", ', "").replace('route = ["a", "b"]', 'route = ["b"]')
    start, end = text.index("[endpoints.a]"), text.index("[endpoints.b]")
    deployment.write_text(text[:start] + text[end:])


@pytest.mark.parametrize("left", ["a", "endpoint:a", "developer:acme", "host:acme"])
def test_what_an_endpoint_forbade_that_is_gone_already_is_written_from_memory(
    offramp: Call, deployment: Path, tmp_path: Path, left: str
):
    change(tmp_path / "triage.toml", 'customer = "private"', 'customer = "defence"')
    run_once(deployment)
    forget_a(deployment)
    (tmp_path / "acme.toml").unlink()

    ran = offramp("policy", "carry-over", left)

    assert (ran.code, "wrote carry-over-a-acme-terms.toml" in ran.out) == (0, True)
    assert mission(offramp)["moved"] == []
    told = offramp("policy", "explain", "triage", "b", "--json").json["decisions"][0]
    assert (told["allowed"], [one["clause"] for one in told["reasons"]]) == (False, ["defence"])
    assert offramp("policy", "check", "carry-over-a-acme-terms.toml").code == 0


@pytest.mark.parametrize(("terms", "clause"), [("acme.toml", "defence"), ("anthropic", "weapons")])
def test_where_nothing_is_remembered_its_terms_are_carried_over(
    offramp: Call, deployment: Path, tmp_path: Path, terms: str, clause: str
):
    forget_a(deployment)

    ran = offramp("policy", "carry-over", "a", "--terms", terms, "--into", "kept")

    (file,) = (tmp_path / "kept").glob("carry-over-a-*.toml")
    assert ran.code == 0
    assert f'id = "{clause}"' in file.read_text()
    assert 'carried_from = ["endpoint:a"]' in file.read_text()
    assert f"kept/{file.name}" in deployment.read_text()
    assert offramp("policy", "check").code in (0, 1)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nobody",), "no client ever ran with 'nobody'"),
        (("developer:nobody",), "--terms VENDOR"),
        (("developer:acme", "--terms", "acme.toml"), "is no single endpoint"),
        (("a", "--terms", "cohere"), "nobody has read the terms of 'cohere'"),
        (("a", "--terms", "org.toml"), "only a policy contract has clauses"),
        (("colour:acme",), "colour"),
    ],
)
def test_what_is_not_known_cannot_be_carried_over(
    offramp: Call, deployment: Path, arguments: tuple[str, ...], words: str
):
    run_once(deployment)

    ran = offramp("policy", "carry-over", *arguments)

    assert (ran.code, ran.err.count("\n"), words in ran.err) == (2, 1, True)


def test_what_is_carried_over_already_is_not_overwritten(offramp: Call, deployment: Path):
    run_once(deployment)
    assert offramp("policy", "carry-over", "a").code == 0

    assert "is not overwritten" in offramp("policy", "carry-over", "a").err


def test_a_memory_that_cannot_be_read_is_told_and_nothing_is_written(offramp: Call, deployment: Path, tmp_path: Path):
    run_once(deployment)
    (tmp_path / "state.db.routes.json").write_text("{")

    ran = offramp("policy", "carry-over", "a")

    assert (ran.code, "the memory of routes is damaged" in ran.err) == (2, True)
    assert not list(tmp_path.glob("carry-over-*"))


def test_a_waiver_lifts_what_is_held_from_memory(offramp: Call, deployment: Path, tmp_path: Path):
    change(tmp_path / "triage.toml", 'customer = "private"', 'customer = "defence"')
    run_once(deployment)
    leave_a(deployment)
    assert offramp("policy", "explain", "triage", "b").code == 1

    offramp(
        *("policy", "waive", "triage", "endpoint:a", "defence", "--authority", "board"),
        *("--reason", "weighed", "--until", "2099-01-01"),
    )

    assert offramp("policy", "explain", "triage", "b").code == 0


def test_another_model_at_the_same_endpoint_is_no_move(offramp: Call, deployment: Path):
    run_once(deployment)
    change(
        deployment, 'model = "claude-sonnet-5-5"\ndeveloper = "acme"', 'model = "claude-opus-5-5"\ndeveloper = "acme"'
    )

    assert mission(offramp)["moved"] == []


def test_terms_that_the_vendor_has_changed_are_no_move(offramp: Call, deployment: Path, tmp_path: Path):
    run_once(deployment)
    change(tmp_path / "acme.toml", f'version = "{WRITTEN_ON}"', 'version = "2"')
    run_once(deployment)

    assert mission(offramp)["moved"] == []


def test_terms_that_cannot_be_read_for_a_while_do_not_wipe_out_what_is_remembered(
    offramp: Call, deployment: Path, tmp_path: Path
):
    run_once(deployment)
    before = (tmp_path / "acme.toml").read_text()
    (tmp_path / "acme.toml").write_text("broken = ")
    run_once(deployment)
    (tmp_path / "acme.toml").write_text(before)
    leave_a(deployment)

    assert mission(offramp)["moved"][0]["endpoint"] == "a"


@pytest.mark.parametrize("what", ["damaged", "vanished"])
def test_a_memory_of_routes_that_is_lost_denies(offramp: Call, deployment: Path, tmp_path: Path, what: str):
    run_once(deployment)
    memory = tmp_path / "state.db.routes.json"
    memory.write_text("nonsense") if what == "damaged" else memory.unlink()

    ran = offramp(*CHECK, "--json")

    why = ran.json["missions"][0]["route"][0]["why"]
    assert ran.code == 1
    assert f"the memory of routes {'is damaged' if what == 'damaged' else 'has vanished'}" in why


def test_checking_remembers_nothing(offramp: Call, deployment: Path, tmp_path: Path):
    offramp(*CHECK)
    leave_a(deployment)

    assert mission(offramp)["moved"] == []
    assert not (tmp_path / "state.db.routes.json").exists()
