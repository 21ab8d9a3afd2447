"""`prohibit`, `allow`, `status`, `keys`: the order's whole way, from the command line."""

import json
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from offramp.audit import verify
from offramp.contracts.state import ReplicaReport
from offramp.state import StateGate, open_store

Call = Callable[..., Any]


def test_prohibit_prints_the_commit_and_the_epoch(offramp: Call, config: Path):
    ran = offramp("prohibit", "developer:acme", "--reason", "ORDER-17", "--by", "ann")

    assert ran.code == 0
    assert "developer:acme is prohibited" in ran.out
    assert "epoch 1, committed 20" in ran.out
    assert "by ann" in ran.out
    assert "No replica is registered" in ran.out


def test_prohibit_waits_for_the_replicas_and_names_them(offramp: Call, config: Path, tmp_path: Path):
    store = open_store("sqlite:state.db", base=tmp_path)
    gate = StateGate(store, replica="web")

    ran = offramp("prohibit", "developer:acme", "--reason", "ORDER-17")

    assert ran.code == 0
    assert gate.replica in ran.out
    assert "1 of 1 replicas send nothing more" in ran.out
    gate.close()
    store.close()


def test_prohibit_fails_where_a_replica_is_silent(offramp: Call, config: Path, tmp_path: Path):
    store = open_store("sqlite:state.db", base=tmp_path)
    long_ago = datetime.now(UTC) - timedelta(minutes=5)
    store.report(ReplicaReport("far", pid=1, host="another", epoch_seen=0, heartbeat_at=long_ago))
    store.close()

    ran = offramp("prohibit", "developer:acme", "--reason", "ORDER-17")
    shown = offramp("status")

    assert ran.code == 1
    assert "0 of 1 replicas" in ran.out
    assert "far is silent" in shown.out


def test_prohibit_prints_json_for_programs(offramp: Call, config: Path):
    ran = offramp("prohibit", "developer:acme", "--reason", "ORDER-17", "--export", "--json", "--no-wait")

    order = ran.json["order"]
    assert (order["epoch"], order["selector"], order["in_force"]) == (1, "developer:acme", True)
    assert order["rights"] == ["traffic", "export"]
    assert order["committed_monotonic_s"] > 0


def test_prohibit_leaves_a_record_in_the_decision_log(offramp: Call, config: Path, tmp_path: Path):
    offramp("prohibit", "developer:acme", "--reason", "ORDER-17")

    (file,) = (tmp_path / "log").glob("*.jsonl")
    order = json.loads(file.read_text().splitlines()[1])
    assert (order["kind"], order["detail"]["selector"]) == ("order", "developer:acme")
    assert "ORDER-17" not in file.read_text()
    assert verify(tmp_path / "log").sound


def test_prohibit_stands_although_the_log_cannot_be_written(offramp: Call, config: Path, tmp_path: Path):
    (tmp_path / "log").write_text("in the way")

    ran = offramp("prohibit", "developer:acme", "--reason", "ORDER-17")

    assert ran.code == 0
    assert "warning: the order stands" in ran.out
    assert offramp("status", "--json").json["epoch"] == 1


def test_an_order_can_be_given_although_the_rest_of_the_configuration_is_wrong(offramp: Call, config: Path):
    config.write_text('state = "file:state.json"\nnonsense = 3\n[endpoints]\n')

    assert offramp("prohibit", "host:cloud", "--reason", "ORDER-17").code == 0


def test_a_notice_shows_until_it_is_due(offramp: Call, config: Path):
    soon = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()

    offramp("prohibit", "host:cloud", "--reason", "ORDER-18", "--notice", soon)
    ran = offramp("status", "--json")

    (order,) = ran.json["orders"]
    assert (order["state"], order["in_force"]) == ("notice", False)
    assert order["notice_until"] == f"{soon}T00:00:00+00:00"
    assert any("prohibited from" in warning for warning in ran.json["warnings"])


def test_a_signed_allow_lifts_the_order(offramp: Call, config: Path, tmp_path: Path):
    printed = offramp("keys", "new", "ann").out
    (tmp_path / "trusted.toml").write_text(printed)
    offramp("prohibit", "developer:acme", "--reason", "ORDER-17")
    offramp("prohibit", "host:cloud", "--reason", "ORDER-18")

    ran = offramp("allow", "developer:acme", "--reason", "withdrawn", "--key", "ann.key")

    assert ran.code == 0
    assert "still in the list of orders: host:cloud" in ran.out
    assert [order["selector"] for order in offramp("status", "--json").json["orders"]] == ["host:cloud"]
    assert stat.S_IMODE((tmp_path / "ann.key").stat().st_mode) == 0o600


def test_status_shows_an_allow_that_lifts_nothing(offramp: Call, config: Path, tmp_path: Path):
    (tmp_path / "trusted.toml").write_text(offramp("keys", "new", "ann").out)
    offramp("prohibit", "developer:acme", "--reason", "ORDER-17")
    offramp("allow", "developer:acme", "--reason", "withdrawn", "--key", "ann.key")

    (tmp_path / "trusted.toml").write_text("[operators]\n")
    ran = offramp("status")

    assert "in force" in ran.out
    assert "lifts nothing: ann is not a trusted operator" in " ".join(ran.out.split())


def test_status_names_the_orders_and_the_words_as_given(offramp: Call, config: Path):
    offramp("prohibit", "developer:acme", "--reason", "[bold]ORDER-17[/bold]", "--by", "ann")

    ran = offramp("status")

    assert "[bold]ORDER-17[/bold]" in ran.out
    assert "Nothing is prohibited" not in ran.out


def test_status_says_when_nothing_is_prohibited(offramp: Call, config: Path):
    open_store("sqlite:state.db", base=config.parent).close()

    assert "Nothing is prohibited." in offramp("status").out


def test_status_watch_shows_an_order_that_arrives_and_ends_with_ctrl_c(config: Path):
    store = open_store("sqlite:state.db", base=config.parent)
    command = [sys.executable, "-c", "import sys; from offramp.cli import main; sys.exit(main())"]
    process = subprocess.Popen(
        [*command, "status", "--watch", "--json", "--config", str(config)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["epoch"] == 0

    subprocess.run(
        [*command, "prohibit", "host:x", "--reason", "r", "--config", str(config)], check=True, capture_output=True
    )
    seen = json.loads(process.stdout.readline())
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()

    assert seen["epoch"] == 1
    assert (process.returncode, said) == (130, "")
    store.close()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["prohibit", "acme", "--reason", "r"], "'acme' is not a selector"),
        (["prohibit", "vendor:acme", "--reason", "r"], "is not a selector"),
        (["prohibit", "developer:acme"], "--reason"),
        (["prohibit", "developer:acme", "--reason", " "], "needs a reason"),
        (["prohibit", "developer:acme", "--reason", "r", "--notice", "soon"], "'soon' is not a date"),
        (["prohibit", "developer:acme", "--reason", "r", "--notice", "2020-01-01"], "has passed"),
        (["prohibit", "developer:acme", "--reason", "r", "--notice", "2030-01-01T00:00"], "is not a date"),
        (["prohibit", "developer:acme", "--reason", "r", "--state", "postgres://u:pw@h"], "not available"),
        (["prohibit", "developer:acme", "--reason", "r", "--config", "no.toml"], "no.toml"),
        (["status"], "there is no state here"),
        (["allow", "developer:acme", "--reason", "r", "--key", "no.key"], "no state here"),
        (["keys", "new", "a b"], "not a name"),
        (["keys", "new", "a", "--days", "0"], "--days"),
        (["nonsense"], "nonsense"),
        (["prohibit", "developer:acme", "--reason", "r", "--nonsense"], "--nonsense"),
    ],
)
def test_a_mistake_ends_in_one_line(offramp: Call, config: Path, arguments: list[str], told: str):
    ran = offramp(*arguments)

    assert ran.code == 2
    assert ran.err.startswith("offramp: error: ")
    assert told in ran.err
    assert ran.err.count("\n") == 1
    assert "pw" not in ran.err


@pytest.mark.parametrize("text", ["state = 3", "state = ", "\x00"])
def test_a_wrong_configuration_ends_in_one_line(offramp: Call, config: Path, text: str):
    config.write_text(text)

    ran = offramp("status")

    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "offramp.toml" in ran.err


def test_an_unreadable_state_ends_in_one_line(offramp: Call, config: Path, tmp_path: Path):
    (tmp_path / "state.db").write_bytes(b"nonsense" * 1000)

    for arguments in (["status"], ["prohibit", "host:x", "--reason", "r"]):
        ran = offramp(*arguments)
        assert (ran.code, ran.err.count("\n")) == (2, 1)
        assert "state.db" in ran.err
