"""`offramp policy new`: the terms or the approval that a vendor still lacks, named in offramp.toml."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from offramp.catalog import policy_text, vendor_names
from offramp.policy import load_contract, load_organisation

Call = Callable[..., Any]


@pytest.fixture
def begun(offramp: Call, tmp_path: Path) -> Path:
    """What `init` writes for two vendors whose terms ship."""
    offramp("init", "--vendor", "anthropic", "--vendor", "openai")
    return tmp_path


def policy_of(folder: Path) -> list[str]:
    found: list[str] = tomllib.loads((folder / "offramp.toml").read_text())["policy"]
    return found


def test_where_the_approval_is_missing_it_is_written_for_plain_uses_alone(offramp: Call, begun: Path):
    organisation = begun / "organisation.toml"
    organisation.write_text(organisation.read_text().replace(', "endpoint:openai"', ""))
    assert offramp("policy", "explain", "plain", "openai").code == 1

    ran = offramp("policy", "new", "openai")

    written = load_organisation(begun / "openai-approval.toml").content
    assert "wrote openai-approval.toml: approval of plain at openai, for uses gen.* alone" in ran.out
    assert [(one.mission, one.uses, one.endpoints) for one in written.approvals] == [
        ("plain", ("gen.*",), ("endpoint:openai",))
    ]
    assert policy_of(begun) == ["organisation.toml", "openai-approval.toml"]
    assert offramp("policy", "explain", "plain", "openai").code == 0


def test_where_nothing_is_missing_nothing_is_written(offramp: Call, begun: Path):
    before = sorted(begun.iterdir())

    ran = offramp("policy", "new", "anthropic")

    assert (ran.code, sorted(begun.iterdir())) == (0, before)
    assert "nothing to write" in ran.out


UNREAD = [
    ("cohere", "vendor", ("developer:cohere",)),
    ("groq", "channel", ("host:groq",)),
    ("openrouter", "channel", ("reseller:openrouter",)),
    ("azure-openai", "channel", ("host:azure",)),
    ("somebody", "vendor", ("developer:somebody",)),
]


@pytest.mark.parametrize(("name", "layer", "bound"), UNREAD)
def test_terms_that_nobody_has_read_bind_whom_they_are_about(
    offramp: Call, begun: Path, name: str, layer: str, bound: tuple[str, ...]
):
    assert offramp("policy", "new", name).code == 0

    contract = load_contract(begun / f"{name}-terms.toml").content
    assert (contract.layer, contract.applies_to) == (layer, bound)
    assert [(one.effect, one.uses) for one in contract.clauses] == [("forbid", ("*",))]
    assert contract.status == "illustrative-unreviewed"


def test_there_is_something_to_begin_with_for_every_vendor_without_terms(offramp: Call, begun: Path):
    for name in vendor_names():
        if policy_text(name) is None:
            ran = offramp("policy", "new", name)
            assert ran.code == 0 or "servers of your own, which have no terms" in ran.err, name
            if ran.code == 0:
                load_contract(begun / f"{name}-terms.toml")


@pytest.mark.parametrize(
    ("name", "words"),
    [("vllm", "offramp policy new DEVELOPER"), ("../x", "is no name of a vendor"), ("a b", "is no name of a vendor")],
)
def test_a_name_for_which_there_can_be_no_terms_is_refused(offramp: Call, begun: Path, name: str, words: str):
    before = sorted(begun.iterdir())

    ran = offramp("policy", "new", name)

    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert words.lower() in ran.err.lower()
    assert sorted(begun.iterdir()) == before


def test_what_is_there_is_not_overwritten(offramp: Call, begun: Path):
    offramp("policy", "new", "cohere")
    (begun / "cohere-terms.toml").write_text((begun / "cohere-terms.toml").read_text() + "# mine\n")

    ran = offramp("policy", "new", "cohere")

    assert (ran.code, "is there already" in ran.err) == (2, True)
    assert (begun / "cohere-terms.toml").read_text().endswith("# mine\n")


def test_without_a_configuration_the_first_step_is_named(offramp: Call):
    ran = offramp("policy", "new", "cohere")

    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "offramp.toml" in ran.err


@pytest.mark.parametrize("word", ["openai=http://127.0.0.1:1", "anthropic=ftp://x", "anthropic", "anthropic=http://"])
def test_an_address_that_is_none_is_refused_by_init(offramp: Call, tmp_path: Path, word: str):
    ran = offramp("init", "--vendor", "anthropic", "--base-url", word)

    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "--base-url" in ran.err
    assert not list(tmp_path.iterdir())
