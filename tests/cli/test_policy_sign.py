"""`offramp policy sign`, and what `check` says of files that are unsigned, signed, or refused."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from offramp import Client
from offramp.ed25519 import make_key_pair
from offramp.errors import ConfigurationError
from offramp.policy import shipped_floor
from support.deployment import write_deployment

Call = Callable[..., Any]
FILES = ("triage.toml", "org.toml", "acme.toml", "bolt.toml")
ROLES = '["vendor", "organisation", "declaration", "waivers"]'


@pytest.fixture
def deployment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two endpoints; ann and ben may sign all kinds of file there are."""
    monkeypatch.setenv("A_KEY", "k")
    entries = [
        f'[signers.{name}]\npublic_key = "{make_key_pair(tmp_path / f"{name}.key")}"\n'
        f"valid_until = 2099-01-01\nroles = {ROLES}\n"
        for name in ("ann", "ben")
    ]
    (tmp_path / "signers.toml").write_text("".join(entries))
    keys = 'key.env = "A_KEY"'
    file = write_deployment(tmp_path, a=keys, b=keys, b_vendor="anthropic", b_model="claude-sonnet-5-5")
    file.write_text(file.read_text().replace("schema = 1", 'schema = 1\nsigners = "signers.toml"', 1))
    return file


def sign_all(offramp: Call, *, key: str = "ann.key") -> None:
    for name in FILES:
        assert offramp("policy", "sign", name, "--key", key).code == 0


def require(deployment: Path) -> None:
    deployment.write_text(deployment.read_text().replace("schema = 1", "schema = 1\nrequire_signed = true", 1))


def change(file: Path) -> None:
    file.write_text(file.read_text() + "# changed\n")


def test_every_report_says_unsigned(offramp: Call, deployment: Path):
    matrix = offramp("policy", "matrix")
    explained = offramp("policy", "explain", "triage", "a")
    told = offramp("policy", "matrix", "--json").json["decisions"]
    checked = offramp("check", "--no-network", "--json").json["missions"][0]["route"]

    assert matrix.out.count(", unsigned") == 2
    assert "triage at a: allowed, on an unreviewed contract, unsigned" in explained.out
    assert [each["unsigned"] for each in (*told, *checked)] == [True] * 4
    assert "unsigned" in offramp("check", "--no-network").out
    assert ", unsigned, sha256" in offramp("policy", "check", "acme.toml").out


def test_where_all_is_signed_no_report_says_unsigned(offramp: Call, deployment: Path):
    require(deployment)
    sign_all(offramp)

    assert "unsigned" not in offramp("policy", "matrix").out
    assert "unsigned" not in offramp("check", "--no-network").out
    assert ", signed by ann, sha256" in offramp("policy", "check", "acme.toml").out
    assert offramp("policy", "check").code == 0


def test_required_and_missing_signatures_deny_and_are_named(offramp: Call, deployment: Path):
    require(deployment)

    ran = offramp("policy", "explain", "triage", "a", "--json")

    reasons = ran.json["decisions"][0]["reasons"]
    assert ran.code == 1
    assert {Path(each["document"]).name for each in reasons} == set(FILES)
    assert all("it is not signed, and `require_signed` is true" in each["text"] for each in reasons)


def test_a_second_signature_joins_and_a_change_begins_a_new_revision(offramp: Call, deployment: Path, tmp_path: Path):
    first = offramp("policy", "sign", "acme.toml", "--key", "ann.key")
    second = offramp("policy", "sign", "acme.toml", "--key", "ben.key")
    change(tmp_path / "acme.toml")
    third = offramp("policy", "sign", "acme.toml", "--key", "ben.key")

    assert "acme.toml revision 1 is signed by ann:" in first.out
    assert "acme.toml revision 1 is signed by ann, ben:" in second.out
    assert "acme.toml revision 2 is signed by ben:" in third.out


def test_a_new_revision_is_above_what_was_accepted_although_the_signature_file_is_gone(
    offramp: Call, deployment: Path, tmp_path: Path
):
    sign_all(offramp)
    Client.from_file(deployment).close()
    (tmp_path / "acme.toml.sig").unlink()
    change(tmp_path / "acme.toml")

    ran = offramp("policy", "sign", "acme.toml", "--key", "ann.key")

    assert "acme.toml revision 2 is signed by ann" in ran.out


def test_a_refused_file_is_shown_while_the_last_good_one_is_used(offramp: Call, deployment: Path, tmp_path: Path):
    sign_all(offramp)
    Client.from_file(deployment).close()
    change(tmp_path / "acme.toml")

    checked, told = offramp("check", "--no-network"), offramp("check", "--no-network", "--json").json
    explained = offramp("policy", "explain", "triage", "a", "--json")

    assert checked.code == 0
    assert "REFUSED: organisation (refused: " in checked.out
    assert "it was changed after it was signed" in told["missions"][0]["refused"][0]
    assert "REFUSED: " in offramp("policy", "check").out
    last = explained.json["decisions"][0]["reasons"][-1]
    assert (explained.code, last["effect"], Path(last["document"]).name) == (0, "refused", "acme.toml")


def test_a_refused_file_without_a_good_one_before_it_denies(offramp: Call, deployment: Path, tmp_path: Path):
    sign_all(offramp)
    change(tmp_path / "acme.toml")

    ran = offramp("policy", "explain", "triage", "a", "--json")

    (reason,) = ran.json["decisions"][0]["reasons"]
    assert ran.code == 1
    assert (reason["effect"], "it was changed after it was signed" in reason["text"]) == ("error", True)


def test_a_client_remembers_and_a_command_does_not(offramp: Call, deployment: Path, tmp_path: Path):
    sign_all(offramp)
    offramp("policy", "check")
    offramp("check", "--no-network")
    assert not (tmp_path / "state.db.policy.json").exists()

    Client.from_file(deployment).close()

    held = json.loads((tmp_path / "state.db.policy.json").read_text())
    assert set(held["documents"]) == set(FILES)


def test_check_of_a_refused_file_is_one_line(offramp: Call, deployment: Path, tmp_path: Path):
    offramp("policy", "sign", "acme.toml", "--key", "ann.key")
    change(tmp_path / "acme.toml")

    ran = offramp("policy", "check", "acme.toml")

    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "it was changed after it was signed" in ran.err


def test_a_damaged_signature_file_is_mended_by_signing_again(offramp: Call, deployment: Path, tmp_path: Path):
    sign_all(offramp)
    Client.from_file(deployment).close()
    (tmp_path / "acme.toml.sig").write_text("<<<<<<< HEAD")

    refused = offramp("policy", "check", "acme.toml")
    ran = offramp("policy", "sign", "acme.toml", "--key", "ann.key")

    assert "this is no signature file" in refused.err
    assert "acme.toml revision 1 is signed by ann" in ran.out
    assert offramp("policy", "check", "acme.toml").code == 0


BAD = [
    (("nothing.toml", "--key", "ann.key"), "cannot be read"),
    (("acme.toml", "--key", "nothing.key"), "the key file cannot be read"),
    (("acme.toml", "--key", "acme.toml"), "no unencrypted PEM key"),
    (("acme.toml", "--key", "eve.key"), "the key belongs to nobody who may sign"),
    (("broken.toml", "--key", "ann.key"), "this is not TOML"),
    (("floor.toml", "--key", "ann.key"), "ann may not sign what has the role 'floor'"),
]


@pytest.mark.parametrize(("arguments", "words"), BAD)
def test_what_cannot_be_signed_is_one_line(
    offramp: Call, deployment: Path, tmp_path: Path, arguments: tuple[str, ...], words: str
):
    make_key_pair(tmp_path / "eve.key")
    (tmp_path / "broken.toml").write_text("a = ")
    (tmp_path / "floor.toml").write_bytes(Path(shipped_floor().where).read_bytes())

    ran = offramp("policy", "sign", *arguments)

    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert words in ran.err
    assert "PRIVATE" not in ran.err


def test_without_a_list_of_signers_nothing_is_signed(offramp: Call, tmp_path: Path):
    write_deployment(tmp_path)
    make_key_pair(tmp_path / "ann.key")

    ran = offramp("policy", "sign", "acme.toml", "--key", "ann.key")

    assert ran.code == 2
    assert "nobody may sign policy files" in ran.err


def test_signatures_cannot_be_required_of_nobody(tmp_path: Path):
    file = write_deployment(tmp_path)
    require(file)

    with pytest.raises(ConfigurationError, match="nobody may sign"):
        Client.from_file(file)
