"""`offramp status` and `offramp check` tell of files that nobody follows: of clients that run, and of one to come."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from offramp import Client, load_config
from offramp.contracts.state import Notice, ReplicaReport
from offramp.state import open_store
from support.deployment import write_deployment
from support.signers import ALL, desk, key

Call = Callable[..., Any]


@pytest.fixture
def deployment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("A_KEY", "k")
    keys = 'key.env = "A_KEY"'
    return write_deployment(tmp_path, a=keys, b=keys, b_vendor="anthropic", b_model="claude-sonnet-5-5")


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    draft = file.with_name(f"{file.name}.new")
    draft.write_text(text.replace(old, new), "utf-8")
    draft.replace(file)


def signed(deployment: Path) -> None:
    """Let ann sign acme's terms, and a client accept them."""
    roles = json.dumps(list(ALL))
    words = f'[signers.ann]\npublic_key = "{key("ann")[1]}"\nvalid_until = 2030-01-01\nroles = {roles}\n'
    deployment.with_name("signers.toml").write_text(words)
    change(deployment, "schema = 1", 'schema = 1\nsigners = "signers.toml"')
    desk(deployment.parent).sign(deployment.with_name("acme.toml"), "ann")
    Client.from_file(deployment).close()


def replicas(deployment: Path, *notices: Notice) -> None:
    """A client that runs, and says so much of its files."""
    Client.from_file(deployment).close()
    store = open_store(load_config(deployment).state, base=deployment.parent)
    store.report(ReplicaReport("web-1", pid=os.getpid(), heartbeat_at=datetime.now(UTC), notices=notices))
    store.close()


KEPT = Notice("policy_refused", "acme.toml: it was changed and refused, and what stood before is kept")


def test_what_a_running_client_says_stands_in_status_and_check(offramp: Call, deployment: Path):
    replicas(deployment, KEPT)

    status, check = offramp("status"), offramp("check", "--no-network")

    assert f"web-1: {KEPT.text}" in status.out
    assert f"REPLICA: web-1: {KEPT.text}" in check.out
    (replica,) = offramp("status", "--json").json["replicas"]
    assert replica["notices"] == [{"kind": KEPT.kind, "text": KEPT.text}]
    (replica,) = offramp("check", "--no-network", "--json").json["replicas"]
    assert replica["notices"] == [{"kind": KEPT.kind, "text": KEPT.text}]


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (("acme.toml", "confidence", "# put in\nconfidence"), "it was changed after it was signed"),
        (("acme.toml", "layer = ", "layer is "), "this is not TOML"),
        (("acme.toml.sig", '"revision": 1', '"revision": 0'), "the last good one is used in its place"),
        (("acme.toml.sig", '"by": "ann"', '"by": "nobody"'), "'nobody' is not among those who may sign"),
    ],
)
def test_a_signed_file_that_does_not_hold_is_told(
    offramp: Call, deployment: Path, harm: tuple[str, str, str], words: str
):
    signed(deployment)
    change(deployment.with_name(harm[0]), *harm[1:])

    (notice,) = offramp("status", "--json").json["files"]

    assert (notice["kind"], words in notice["text"]) == ("policy_refused", True)
    assert words in offramp("status").out
    assert words in offramp("check", "--no-network").out


def test_an_unsigned_file_that_cannot_be_read_is_told_and_denies(offramp: Call, deployment: Path):
    replicas(deployment)
    change(deployment.with_name("acme.toml"), "layer = ", "layer is ")

    status, check = offramp("status"), offramp("check", "--no-network")

    assert "acme.toml" in status.out
    assert "it denies" in status.out
    assert check.code == 1
    assert "acme.toml" in check.out


@pytest.mark.parametrize("harm", [("schema = 1", "schema = 2"), ('vendor = "anthropic"', 'vendor = "nobody"')])
def test_a_configuration_with_which_nothing_could_start_is_a_warning_and_hides_no_order(
    offramp: Call, deployment: Path, harm: tuple[str, str]
):
    replicas(deployment)
    offramp("prohibit", "developer:acme", "--reason", "ORDER-17", "--no-wait")
    change(deployment, *harm)

    ran = offramp("status")

    assert ran.code == 0
    assert "ORDER-17" in ran.out
    assert "no client could start" in ran.out


def test_where_all_files_are_followed_nothing_is_said(offramp: Call, deployment: Path):
    replicas(deployment)

    found = offramp("status", "--json").json

    assert (found["files"], found["warnings"]) == ([], [])


def test_a_state_that_is_named_has_no_files(offramp: Call, deployment: Path):
    replicas(deployment)
    change(deployment.with_name("acme.toml"), "layer = ", "layer is ")

    assert offramp("status", "--state", "sqlite:state.db", "--json").json["files"] == []


def test_watching_prints_a_line_when_a_file_is_refused(deployment: Path):
    replicas(deployment)
    program = "from offramp.cli import main; raise SystemExit(main())"
    command = [sys.executable, "-c", program, "status", "--watch", "--json", "--config", str(deployment)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as watching:
        assert watching.stdout is not None
        first = json.loads(watching.stdout.readline())
        change(deployment.with_name("acme.toml"), "layer = ", "layer is ")
        second = next(found for line in watching.stdout if (found := json.loads(line))["files"])
        watching.terminate()

    assert first["files"] == []
    assert "acme.toml" in second["files"][0]["text"]
