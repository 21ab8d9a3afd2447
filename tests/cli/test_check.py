"""`offramp check`: who can carry each mission now, and who goes dark without a vendor."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from offramp.cli._reach import reach
from offramp.contracts.state import OrderDraft
from offramp.errors import MissingExtraError
from offramp.sessions import open_ledger
from offramp.state import open_store
from offramp.types import Selector
from offramp_providers.emulator import EmulatorConfig, serve
from support.deployment import write_deployment

Call = Callable[..., Any]
LEFT_OUT = ("check", "--no-network")


@pytest.fixture
def deployment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two endpoints with their keys."""
    monkeypatch.setenv("A_KEY", "k-a")
    monkeypatch.setenv("B_KEY", "k-b")
    keys = {"a": 'key.env = "A_KEY"', "b": 'key.env = "B_KEY"'}
    return write_deployment(tmp_path, **keys, b_vendor="anthropic", b_model="claude-sonnet-5-5")


def prohibit(folder: Path, selector: str) -> None:
    store = open_store("sqlite:state.db", base=folder)
    store.commit(OrderDraft(selector=Selector.parse(selector), state="prohibited", reason="ORDER-17", by="ann"))
    store.close()


def test_a_sound_deployment_is_carried_by_its_route_in_turn(offramp: Call, deployment: Path):
    ran = offramp(*LEFT_OUT)

    assert ran.code == 0
    assert "triage is carried by a, then b." in ran.out


def test_without_a_developer_the_mission_is_carried_by_the_other(offramp: Call, deployment: Path):
    ran = offramp(*LEFT_OUT, "--without", "developer:acme")

    assert ran.code == 0
    assert "triage is carried by b without developer:acme." in ran.out


def test_a_mission_that_nobody_can_carry_goes_dark(offramp: Call, deployment: Path):
    ran = offramp(*LEFT_OUT, "--without", "developer:acme", "--without", "endpoint:b")

    assert ran.code == 1
    assert "triage GOES DARK without developer:acme, endpoint:b." in ran.out


def test_json_says_the_same(offramp: Call, deployment: Path):
    ran = offramp(*LEFT_OUT, "--without", "developer:acme", "--json")

    (mission,) = ran.json["missions"]
    assert (ran.json["dark"], mission["carried_by"]) == ([], ["b"])
    assert [step["obstacle"] for step in mission["route"]] == ["without", None]
    assert [each["reached"] for each in ran.json["endpoints"]] == [None, None]


def test_an_order_in_force_passes_the_mission_on(offramp: Call, deployment: Path, tmp_path: Path):
    prohibit(tmp_path, "developer:acme")

    ran = offramp(*LEFT_OUT, "--json")

    assert ran.json["missions"][0]["carried_by"] == ["b"]
    assert ran.json["endpoints"][0]["stopped_by"] == "developer:acme is prohibited: ORDER-17"


def test_checking_makes_no_state(offramp: Call, deployment: Path, tmp_path: Path):
    before = sorted(path.name for path in tmp_path.iterdir())

    offramp(*LEFT_OUT)

    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_a_missing_key_ends_the_call_and_darkens_the_mission(
    offramp: Call, deployment: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("A_KEY")

    ran, without = offramp(*LEFT_OUT, "--json"), offramp(*LEFT_OUT, "--without", "endpoint:a")

    (mission,) = ran.json["missions"]
    assert (ran.code, mission["carried_by"]) == (1, [])
    assert mission["route"][0]["why"] == "the environment variable A_KEY is not set"
    assert without.code == 0


def test_a_policy_denial_ends_the_call(offramp: Call, deployment: Path, tmp_path: Path):
    declaration = tmp_path / "triage.toml"
    declaration.write_text(declaration.read_text().replace('"gen.draft", ', '"surv.profile.bulk", '))

    ran = offramp(*LEFT_OUT, "--json")

    (mission,) = ran.json["missions"]
    assert (ran.code, mission["dark"], mission["route"][0]["obstacle"]) == (1, True, "policy")


def test_a_requirement_that_one_endpoint_lacks_passes_the_mission_on(offramp: Call, deployment: Path):
    deployment.write_text(deployment.read_text() + 'requires = ["seed"]\n')

    ran = offramp(*LEFT_OUT, "--json")

    (mission,) = ran.json["missions"]
    assert [step["obstacle"] for step in mission["route"]] == ["capability", "capability"]
    assert mission["dark"]


def test_an_unreadable_state_darkens_everything(offramp: Call, deployment: Path, tmp_path: Path):
    (tmp_path / "state.db").write_bytes(b"nonsense" * 1000)

    ran = offramp(*LEFT_OUT, "--json")

    assert (ran.code, ran.json["dark"]) == (1, ["triage"])
    assert "state.db" in ran.json["missions"][0]["route"][0]["why"]


def test_a_decision_log_that_cannot_be_written_darkens_everything(offramp: Call, deployment: Path, tmp_path: Path):
    (tmp_path / "audit").write_text("a file where the folder should be")

    ran = offramp(*LEFT_OUT, "--json")

    assert (ran.code, ran.json["dark"]) == (1, ["triage"])
    assert ran.json["missions"][0]["route"][0]["obstacle"] == "log"


def test_a_state_that_vanished_darkens_everything(offramp: Call, deployment: Path, tmp_path: Path):
    prohibit(tmp_path, "developer:acme")
    for path in tmp_path.glob("state.db*"):
        if path.is_file():
            path.unlink()

    ran = offramp(*LEFT_OUT, "--json")

    assert (ran.code, ran.json["dark"]) == (1, ["triage"])


def test_what_runs_out_soon_is_said(offramp: Call, deployment: Path, tmp_path: Path):
    declaration = tmp_path / "triage.toml"
    line = next(line for line in declaration.read_text().splitlines() if line.startswith("valid_until"))
    first = next(line for line in declaration.read_text().splitlines() if line.startswith("valid_from"))
    declaration.write_text(declaration.read_text().replace(line, f"valid_until = {first.split()[-1]}"))

    ran = offramp(*LEFT_OUT)

    assert "warning: declaration of mission triage" in ran.out


async def test_hosts_are_connected_to_and_asked_nothing(tmp_path: Path, deployment: Path):
    async with serve(EmulatorConfig("anthropic_messages")) as emulator:
        found = await asked_from_another_process(deployment, emulator.url)

        counted = emulator.counters.summary()

    assert found["endpoints"][0]["reached"] is True
    assert found["endpoints"][1]["reached"] is False
    assert found["missions"][0]["carried_by"] == ["a"]
    assert counted["bytes_received"] == 0


async def test_a_host_that_an_order_stops_is_not_even_connected_to(tmp_path: Path, deployment: Path):
    prohibit(tmp_path, "developer:acme")

    async with serve(EmulatorConfig("anthropic_messages")) as emulator:
        found = await asked_from_another_process(deployment, emulator.url)

        counted = emulator.counters.summary()

    assert found["endpoints"][0]["reached"] is None
    assert counted["connections"] == 0


async def asked_from_another_process(config: Path, url: str) -> Any:
    """Endpoint a is the emulator, b a port where nobody listens."""
    import asyncio
    import json
    import sys

    text = config.read_text()
    text = text.replace('key.env = "A_KEY"', f'key.env = "A_KEY"\nbase_url = "{url}"')
    text = text.replace('key.env = "B_KEY"', 'key.env = "B_KEY"\nbase_url = "http://127.0.0.1:1"')
    config.write_text(text)
    script = "import sys; from offramp.cli import main; sys.exit(main())"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, "check", "--json", "--config", str(config), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    return json.loads(out)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--without", "acme"], "'acme' is not a selector"),
        (["--config", "no.toml"], "no.toml"),
    ],
)
def test_a_mistake_ends_in_one_line(offramp: Call, deployment: Path, arguments: list[str], told: str):
    ran = offramp("check", *arguments)

    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert told in ran.err


@pytest.mark.parametrize(
    ("address", "told"),
    [("nonsense", "not an address"), ("http://127.0.0.1:99999", "not an address"), ("https://127.0.0.1:1", "no conn")],
)
def test_what_keeps_a_host_from_being_reached_is_said(address: str, told: str):
    found = reach({"a": address})["a"]

    assert found is not None
    assert told in found


def test_a_denial_says_who_could_change_it(offramp: Call, deployment: Path, tmp_path: Path):
    config = tmp_path / "offramp.toml"
    config.write_text(config.read_text().replace(', "acme.toml"', ""))

    told = offramp(*LEFT_OUT, "--json")
    shown = offramp(*LEFT_OUT)

    (mission,) = told.json["missions"]
    assert mission["route"][0]["mend"].startswith("add its terms as a contract to `policy`")
    assert "; mend: add its terms as a contract to `policy`" in " ".join(shown.out.split())
    assert ".;" not in shown.out


def test_a_part_that_is_not_installed_is_named(offramp: Call, deployment: Path, monkeypatch: pytest.MonkeyPatch):
    def missing(*_: object, **__: object) -> None:
        raise MissingExtraError("litellm", needed_for="the endpoint a")

    monkeypatch.setattr("offramp._assembly.provider_for", missing)

    ran = offramp(*LEFT_OUT)

    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "pip install 'offramp[litellm]'" in ran.err


# The ledger.


@pytest.fixture
def ledger(tmp_path: Path, deployment: Path) -> Path:
    """A ledger that somebody has used, as `offramp.toml` names it."""
    kept = open_ledger("sqlite:ledger.db", base=tmp_path)

    async def use() -> None:
        await kept.summaries()
        await kept.aclose()

    asyncio.run(use())
    return tmp_path / "ledger.db"


def version_2(ledger: Path) -> None:
    with closing(sqlite3.connect(ledger, isolation_level=None)) as connection:
        connection.execute("UPDATE ledger SET version = 2")


def another_database(ledger: Path) -> None:
    ledger.unlink()
    with closing(sqlite3.connect(ledger)) as connection:
        connection.execute("CREATE TABLE orders (id)")
    ledger.chmod(0o600)


def scribble(ledger: Path) -> None:
    ledger.write_bytes(b"not a database at all, but long enough" * 40)


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (version_2, "a ledger of version [2]. this release reads version 1 only"),
        (another_database, "is no ledger but another database. name a file of its own"),
        (scribble, "restore the file from a backup"),
        (lambda ledger: ledger.chmod(0o644), "its mode 644 lets others in. run chmod 600"),
        (lambda ledger: (ledger.unlink(), ledger.mkdir(0o700)), "ledger.db"),
    ],
)
def test_a_ledger_that_cannot_be_used_is_told_in_one_line_with_the_mend(
    harm: Callable[[Path], None], said: str, offramp: Call, ledger: Path
):
    harm(ledger)

    ran, told = offramp(*LEFT_OUT, "--json"), offramp(*LEFT_OUT)

    assert (ran.code, ran.json["dark"]) == (1, [])
    assert str(ledger) in ran.json["ledger_problem"]
    assert "\n" not in ran.json["ledger_problem"]
    assert said.lower() in ran.json["ledger_problem"].lower()
    assert "LEDGER: no session can be kept" in told.out


def test_a_folder_in_which_no_ledger_can_be_made_is_told(offramp: Call, deployment: Path, tmp_path: Path):
    text = deployment.read_text("utf-8")
    deployment.write_text(f'{text}\n[ledger]\nurl = "sqlite:nowhere/ledger.db"\n', "utf-8")

    ran = offramp(*LEFT_OUT, "--json")

    assert ran.code == 1
    assert "cannot be made" in ran.json["ledger_problem"]


@pytest.mark.parametrize("open_elsewhere", [True, False])
def test_a_sound_ledger_is_left_as_it_is(open_elsewhere: bool, offramp: Call, ledger: Path, tmp_path: Path):
    with closing(sqlite3.connect(ledger)) as other:
        if open_elsewhere:
            other.execute("SELECT * FROM ledger").fetchall()
        before = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}

        ran = offramp(*LEFT_OUT, "--json")

        after = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert (ran.code, ran.json["ledger_problem"], after.keys()) == (0, None, before.keys())
    assert after["ledger.db"] == before["ledger.db"]


def test_a_ledger_that_begins_with_no_known_word_ends_the_check_in_one_line(offramp: Call, deployment: Path):
    text = deployment.read_text("utf-8")
    deployment.write_text(f'{text}\n[ledger]\nurl = "postgres:there"\n', "utf-8")

    ran = offramp(*LEFT_OUT)

    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "sqlite:ledger.db" in ran.err
