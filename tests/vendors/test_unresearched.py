"""A vendor whose terms nobody has read is denied, and the reason says so."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from offramp._policy_files import compiled_policy, read_policy
from offramp.catalog import policy_text, vendor_names
from offramp.config import Config, endpoint_of
from offramp.policy import PolicySources, compile_policy, contract_from
from offramp.types import Identity
from support.policies import NOON, approval, contract, declaration, loaded, organisation

GROQ = Identity(endpoint="g", developer="meta", host="groq", model="m")
META = contract("meta")
ROUTER = Identity(endpoint="g", developer="meta", host="fireworks", reseller="openrouter", model="m")


def decided(*contracts: Any, identity: Identity = GROQ, route: Any = None, unresearched: Any = ("g",)) -> Any:
    sources = PolicySources(
        declaration=loaded(declaration()),
        organisations=[loaded(organisation(approvals=(approval(endpoints=("developer:meta",)),)))],
        contracts=[loaded(one) for one in contracts],
        unresearched=frozenset(unresearched),
    )
    return compile_policy("triage", sources, route=route or [identity]).decide(identity, NOON)


def channel(*selectors: str) -> Any:
    return contract("host", name="host terms", layer="channel", kind="channel-terms", applies_to=selectors)


def test_the_developers_terms_alone_do_not_speak_for_the_host():
    decision = decided(META)

    assert not decision.allowed
    assert [(reason.layer, reason.effect) for reason in decision.reasons] == [("channel", "missing")]
    assert "unresearched" in decision.reasons[0].text
    assert decision.reasons[0].mend == "add its terms as a contract for host:groq to `policy`"


def test_a_contract_that_names_the_host_ends_it():
    assert decided(META, channel("host:groq")).allowed
    assert decided(META, channel("endpoint:g")).allowed
    assert not decided(META, channel("host:other")).allowed


def test_a_host_whose_terms_ship_needs_no_other():
    assert decided(META, unresearched=()).allowed


def test_without_any_terms_the_reason_says_unresearched():
    decision = decided(unresearched=())

    assert not decision.allowed
    assert "(unresearched)" in decision.reasons[0].text


def test_behind_a_reseller_the_resellers_terms_are_missing_not_the_hosts():
    assert not decided(META, channel("host:fireworks"), identity=ROUTER).allowed
    assert decided(META, channel("reseller:openrouter"), identity=ROUTER).allowed


def test_an_unresearched_host_on_the_route_denies_the_others_too():
    known = replace(GROQ, endpoint="k", host="known")

    decision = decided(META, identity=known, route=[known, GROQ])

    assert not decision.allowed
    assert "what it forbids binds this route" in decision.reasons[0].text


# As a configuration reads it.

DECLARATION = """
schema = 1
mission = "m"
owner = "o"
approver = "p"
uses = ["gen.draft"]
valid_from = 2026-01-01
valid_until = 2027-12-31
[approved]
by = "p"
on = 2026-01-01
[facets]
oversight = "advisory"
weapon_autonomy = "not-weapon"
population = "none"
scale = "none"
data_source = "own-system"
legal_basis = "none-needed"
effect = "none"
customer = "private"
channel = "vendor-api"
"""
ORGANISATION = """
schema = 1
layer = "organisation"
name = "org"
version = "1"
authority = "p"
effective = 2026-01-01
review_by = 2027-12-31
valid_until = 2027-12-31
allow_unreviewed = true
[[approvals]]
mission = "m"
endpoints = ["endpoint:e"]
uses = ["gen.*"]
by = "p"
on = 2026-01-01
valid_until = 2027-12-31
"""


def reasons(folder: Path, vendor: str, **table: Any) -> tuple[bool, str]:
    (folder / "m.toml").write_text(DECLARATION, "utf-8")
    (folder / "org.toml").write_text(ORGANISATION, "utf-8")
    config = Config.model_validate(
        {
            "schema": 1,
            "policy": ["org.toml"],
            "endpoints": {"e": {"vendor": vendor, "model": "m", **table}},
            "missions": {"m": {"declaration": "m.toml", "route": ["e"]}},
        }
    ).read_from(folder / "offramp.toml", "")
    made = endpoint_of(config, "e")
    decision = compiled_policy(config, "m", {"e": made}, read_policy(config)).decide(made.identity, NOON)
    return decision.allowed, " ".join(reason.text for reason in decision.reasons)


@pytest.mark.parametrize("vendor", ["deepseek", "openai", "xai"])
def test_office_work_at_a_vendor_whose_terms_were_read_is_allowed(vendor: str, tmp_path: Path):
    assert reasons(tmp_path, vendor)[0] is True


@pytest.mark.parametrize(
    ("vendor", "who"),
    [
        ("groq", "host:groq"),
        ("together", "host:together"),
        ("azure-openai", "host:azure"),
        ("openrouter", "reseller:openrouter"),
        ("litellm-proxy", "reseller:litellm-proxy"),
    ],
)
def test_the_developers_shipped_terms_do_not_open_somebody_elses_host(vendor: str, who: str, tmp_path: Path):
    given = {"developer": "openai", "base_url": "https://x.example/v1", "host": who.partition(":")[2]}

    allowed, why = reasons(tmp_path, vendor, **given)

    assert not allowed
    assert f"No terms of {who} are known for endpoint 'e' (unresearched)" in why
    assert "No terms of 'openai'" not in why


@pytest.mark.parametrize("elsewhere", [{"host": "acme"}, {"reseller": "acme"}])
def test_the_vendors_terms_do_not_speak_for_another_host_of_its_models(elsewhere: Any, tmp_path: Path):
    allowed, why = reasons(tmp_path, "deepseek", **elsewhere)

    assert not allowed
    assert ":acme are known for endpoint 'e' (unresearched)" in why


def test_ones_own_server_is_told_by_its_channel(tmp_path: Path):
    allowed, why = reasons(tmp_path, "openai", host="ours", channel="self-host")

    assert allowed, why


@pytest.mark.parametrize("vendor", ["vllm", "llama-cpp", "ollama", "sglang"])
def test_on_ones_own_server_the_weights_terms_are_what_is_missing(vendor: str, tmp_path: Path):
    allowed, why = reasons(tmp_path, vendor, developer="alibaba")

    assert not allowed
    assert "No terms of 'alibaba' are known" in why
    assert "host:self" not in why


def test_terms_of_the_vendors_own_service_permit_no_copy_of_its_weights(tmp_path: Path):
    allowed, why = reasons(tmp_path, "vllm", developer="deepseek")

    assert not allowed
    assert "silence permits nothing" in why


@pytest.mark.parametrize("vendor", vendor_names())
def test_every_contract_that_ships_is_sound_illustrative_and_dated(vendor: str):
    shipped = policy_text(vendor)
    if shipped is None:
        return

    terms = contract_from(*shipped).content

    assert terms.status == "illustrative-unreviewed"
    assert terms.effective <= terms.retrieved < terms.review_by
    assert terms.valid_until is not None
    assert all(source.url for source in terms.sources)
