"""`offramp vendors`: who is installed, and every claim with its evidence."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from offramp.catalog import load_profile, vendor_names
from offramp.contracts.evidence import Evidence
from offramp.contracts.offer import Offer, Price
from offramp.contracts.profile import ModelFacts
from offramp.contracts.seed import ModelSeed
from offramp.types import changed

Call = Callable[..., Any]


def by_name(told: Any) -> dict[str, Any]:
    return {claim["claim"]: claim for claim in told.json["claims"]}


def test_every_installed_vendor_is_listed_with_its_policy_contract(offramp: Call):
    ran = offramp("vendors", "--json")

    rows = {row["vendor"]: row for row in ran.json["vendors"]}
    assert (ran.code, tuple(rows)) == (0, vendor_names())
    assert "illustrative-unreviewed" in rows["anthropic"]["policy"]


def test_the_list_is_a_table_for_people(offramp: Call):
    ran = offramp("vendors")

    assert "anthropic_messages" in ran.out
    assert "https://api.anthropic.com" in ran.out
    assert "none listed" in ran.out


def test_every_claim_shows_level_source_and_day(offramp: Call):
    ran = offramp("vendors", "show", "anthropic", "--json")

    claims = {claim["claim"]: claim for claim in ran.json["claims"]}
    assert all(claim["checked"] and claim["level"] for claim in claims.values())
    assert claims["seed"]["says"] == "unsupported"
    assert "retires 2026-06-15" in claims["claude-opus-4-0"]["says"]
    assert "context unknown" in claims["claude-opus-4-0"]["says"]


def test_limits_are_shown_with_what_they_rest_on(offramp: Call):
    claims = {claim["claim"]: claim for claim in offramp("vendors", "show", "anthropic", "--json").json["claims"]}

    assert claims["caching limits"]["says"] == "count 4"
    assert (claims["tools limits"]["says"], claims["tools limits"]["level"]) == (
        "name_pattern [a-zA-Z0-9_-]{1,64}",
        "declared",
    )


def test_show_is_a_table_for_people(offramp: Call):
    shown = offramp("vendors", "show", "anthropic").out

    assert "declared: somebody says so" in shown
    assert "What no line states is unknown." in shown


@pytest.mark.parametrize("asked", [(), ("show", "openai"), ("show", "vertex")])
def test_no_table_cuts_an_address(offramp: Call, asked: tuple[str, ...]):
    assert "…" not in offramp("vendors", *asked).out


def test_an_offer_is_told_in_words_and_a_price_with_the_size_that_it_holds_for(
    offramp: Call, monkeypatch: pytest.MonkeyPatch
):
    evidence = Evidence(level="declared", checked=date(2026, 11, 26))
    prices = [
        Price(input_usd=Decimal("2"), output_usd=Decimal("10"), cache_read_usd=Decimal("0.10"), up_to_input_tokens=9),
        Price(input_usd=Decimal("4"), cache_write_usd=Decimal("5")),
    ]
    offers = [Offer(price=price, evidence=evidence) for price in prices]
    terms = Offer(trains_on_data=False, retention_days=30, residency=("us",), evidence=evidence)
    profile = changed(load_profile("xai"), models={"m": ModelFacts(evidence=evidence, offers=offers)}, offers=[terms])
    monkeypatch.setattr("offramp.cli.vendors.load_profile", lambda _: profile)

    claims = offramp("vendors", "show", "xai", "--json").json["claims"]

    assert [claim["says"] for claim in claims if claim["claim"] in ("m offer", "offer")] == [
        "keeps requests and answers for at most 30 days; does not train on requests and answers; residency us",
        "USD a million tokens, of requests with up to 9 of input: 2 in, 10 out, 0.10 read from a cache",
        "USD a million tokens, of requests with more than 9 of input: 4 in, 5 written to a cache",
    ]


def test_an_unknown_vendor_ends_in_one_line(offramp: Call):
    ran = offramp("vendors", "show", "nobody")

    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "there is no vendor 'nobody'" in ran.err


def test_a_seed_is_shown_with_its_source_and_never_in_place_of_the_profile_s_own(
    offramp: Call, monkeypatch: pytest.MonkeyPatch
):
    seed = ModelSeed(
        evidence=Evidence(level="unverified", checked=date(2026, 11, 26), source="table 1.0"),
        context_tokens=7,
        max_output_tokens=8,
    )
    monkeypatch.setattr("offramp.cli._claims.seeds_of", lambda *_: (seed,))

    told = offramp("vendors", "show", "xai", "--model", "new", "--json")

    claims = {claim["claim"]: claim for claim in told.json["claims"]}
    assert (claims["new (seed)"]["level"], claims["new (seed)"]["source"]) == ("unverified", "table 1.0")
    assert claims["new (seed)"]["says"] == "7 tokens of context, at most 8 out"
    own = [name for name in claims if name.startswith("grok") and "context unknown" not in claims[name]["says"]]
    assert [name for name in own if "7 tokens" in claims.get(f"{name} (seed)", {"says": ""})["says"]] == []


def test_a_model_of_which_nothing_is_known_is_said_to_be(offramp: Call, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("offramp.cli._claims.seeds_of", lambda *_: ())

    told = offramp("vendors", "show", "xai", "--model", "new", "--json")

    claim = by_name(told)["new"]
    assert (claim["level"], claim["source"]) == ("unverified", None)
    assert claim["says"].startswith("not listed: nothing is known of it")


def test_of_one_model_every_claim_that_holds_for_it_is_shown_with_whose_it_is(offramp: Call):
    profile, model = load_profile("anthropic"), "claude-haiku-4-5-20251001"
    facts = profile.facts_of(model)
    assert facts

    told = by_name(offramp("vendors", "show", "anthropic", "--model", model, "--json"))

    holding = {**profile.capabilities, **facts.capabilities}
    assert {name: told[name]["says"] for name in holding} == {name: each.support for name, each in holding.items()}
    assert (told["temperature"]["of"], told["seed"]["of"]) == ("family claude-*-4-5*", "vendor")
    assert (told["option sampling"]["says"], told["option sampling"]["of"]) == ("true", "family claude-*-4-5*")


def test_of_one_model_nothing_is_shown_of_another(offramp: Call):
    told = by_name(offramp("vendors", "show", "anthropic", "--model", "claude-opus-4-8", "--json"))

    assert [name for name in told if "opus-4-0" in name or "haiku" in name] == []
    assert "1000000 tokens of context" in told["claude-opus-4-8"]["says"]
    assert told["system.mid_conversation"]["of"] == "model"


def test_a_claim_of_a_model_s_own_stands_without_its_vendor_s_limits(offramp: Call, monkeypatch: pytest.MonkeyPatch):
    profile = load_profile("anthropic")
    caching = changed(profile.capabilities["caching"], limits=None)
    facts = ModelFacts(evidence=profile.evidence, capabilities={"caching": caching})
    monkeypatch.setattr("offramp.cli.vendors.load_profile", lambda _: changed(profile, models={"m": facts}))

    told = by_name(offramp("vendors", "show", "anthropic", "--model", "m", "--json"))

    assert told["caching"]["of"] == "model"
    assert "caching limits" not in told


def test_the_table_of_one_model_says_whose_each_claim_is(offramp: Call):
    assert "family" in offramp("vendors", "show", "anthropic", "--model", "claude-sonnet-4-6").out
