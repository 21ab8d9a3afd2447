"""Profiles, policies and providers are found through entry points, and an unsound profile is refused by key."""

import importlib.metadata
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from offramp.catalog import load_profile, policy_text, provider_for, served_model_matches, vendor_file, vendor_names
from offramp.contracts.evidence import Evidence
from offramp.contracts.offer import Price
from offramp.contracts.profile import ModelFacts
from offramp.contracts.scripted import scripted_endpoint
from offramp.errors import ConfigurationError

Install = Callable[..., Path]


def test_third_party_vendor_is_found_and_read(install: Install, profile_text: str):
    install(files={"profile.toml": profile_text})

    profile = load_profile("acme")

    assert "acme" in vendor_names()
    assert (profile.base_url, profile.routing_fields, profile.options) == (
        "https://api.acme.example",
        ("route_to",),
        {"short_ids": True},
    )
    assert profile.capabilities["tools"].evidence.checked == date(2026, 11, 23)
    assert profile.models["acme-1"].capabilities["seed"].support == "ignored"


FAMILIES = """
[families."acme-*"]
evidence = { level = "declared", checked = 2026-11-23 }
options = { short_ids = false, slow = true }

[families."acme-*".capabilities.seed]
support = "native"
evidence = { level = "declared", checked = 2026-11-23 }

[families."acme-2*"]
evidence = { level = "declared", checked = 2026-11-23 }
options = { fast = true }
"""


def test_a_family_s_rules_hold_under_a_model_s_own_and_the_longest_pattern_wins(install: Install, profile_text: str):
    install(files={"profile.toml": profile_text + FAMILIES})
    profile = load_profile("acme")

    listed, fitting, longest = (profile.facts_of(name) for name in ("acme-1", "acme-3", "acme-22"))

    assert listed
    assert fitting
    assert longest
    assert (listed.context_tokens, listed.options) == (1000, {"short_ids": False, "slow": True})
    assert listed.capabilities["seed"].support == "ignored"
    assert (fitting.context_tokens, fitting.capabilities["seed"].support) == (None, "native")
    assert longest.options == {"fast": True}
    assert profile.facts_of("another") is None


def test_a_family_says_nothing_of_whose_a_model_is(install: Install, profile_text: str):
    install(
        files={"profile.toml": profile_text + FAMILIES.replace("options = { fast", 'developer = "x"\noptions = { fast')}
    )

    with pytest.raises(ConfigurationError, match=r"families\.acme-2.*developer"):
        load_profile("acme")


def test_a_family_s_claim_without_a_source_is_not_loaded(install: Install, profile_text: str):
    install(files={"profile.toml": profile_text + FAMILIES.replace('"declared"', '"documented"')})

    with pytest.raises(ConfigurationError, match=r"families\.acme-"):
        load_profile("acme")


OFFERED = """
[[offers]]
evidence = { level = "documented", checked = 2026-11-23, source = "Acme terms 4.1" }
residency = ["us"]
retention_days = 0
trains_on_data = false

[[models."acme-1".offers]]
evidence = { level = "declared", checked = 2026-11-24 }
price = { input_usd = "0.10", output_usd = "0.30" }
"""


def test_offers_and_limits_are_read_and_prices_are_exact(install: Install, profile_text: str):
    limited = profile_text.replace(
        '[capabilities.tools]\nsupport = "native"', '[capabilities.tools]\nsupport = "native"\nlimits = { count = 8 }'
    )
    install(files={"profile.toml": limited + OFFERED})

    profile = load_profile("acme")

    limits, (terms,), (priced,) = profile.capabilities["tools"].limits, profile.offers, profile.models["acme-1"].offers
    assert limits
    assert limits.count == 8
    assert (terms.residency, terms.retention_days, terms.trains_on_data, terms.price) == (("us",), 0, False, None)
    assert priced.price == Price(input_usd=Decimal("0.10"), output_usd=Decimal("0.30"))


@pytest.mark.parametrize(
    ("sound", "fault", "words"),
    [
        ("retention_days = 0", "retention_days = true", "offers.0.retention_days"),
        ("trains_on_data = false", "trains = false", "offers.0.trains: unknown key"),
        ('input_usd = "0.10"', 'input_usd = "-1"', "a price must be a number from 0 on"),
        ('source = "Acme terms 4.1"', 'source = "hearsay"', "offers.0.evidence.source names neither a URL"),
        ('residency = ["us"]', 'authorisations = ["fedramp"]', "offers.0.authorisations"),
    ],
)
def test_an_unsound_offer_is_refused_by_key(install: Install, profile_text: str, sound: str, fault: str, words: str):
    install(files={"profile.toml": profile_text + OFFERED.replace(sound, fault)})

    with pytest.raises(ConfigurationError, match=words):
        load_profile("acme")


def test_profile_is_read_once(install: Install, profile_text: str):
    package = install(files={"profile.toml": profile_text})
    first = load_profile("acme")

    (package / "profile.toml").unlink()

    assert load_profile("acme") is first


def test_installed_packages_are_scanned_once(install: Install, profile_text: str, monkeypatch: pytest.MonkeyPatch):
    install(files={"profile.toml": profile_text})
    vendor_names()

    def fail(**_: object) -> None:
        raise AssertionError("scanned again")

    monkeypatch.setattr(importlib.metadata, "entry_points", fail)
    monkeypatch.setattr("offramp.catalog.entry_points", fail)

    assert load_profile("acme").vendor == "acme"


def test_unknown_vendor_names_the_installed_ones(install: Install, profile_text: str):
    install(files={"profile.toml": profile_text})

    with pytest.raises(ConfigurationError, match=r"there is no vendor 'acne'.*\(installed: .*acme"):
        load_profile("acne")


def test_vendor_whose_package_is_broken_is_named(install: Install):
    install(files={}, points="[offramp.vendors]\nacme = no_such_package\n")

    with pytest.raises(ConfigurationError, match="the vendor 'acme' cannot be imported from no_such_package"):
        load_profile("acme")


def test_vendor_without_profile_is_refused_by_file(install: Install):
    install(files={})

    with pytest.raises(ConfigurationError, match=r"acme_vendor/profile\.toml: there is no such file"):
        load_profile("acme")


def test_two_packages_of_one_name_are_refused(install: Install, profile_text: str):
    install(files={"profile.toml": profile_text})
    install("other", files={}, points="[offramp.vendors]\nacme = other_vendor\n")

    with pytest.raises(ConfigurationError, match="two installed packages both provide 'acme'"):
        vendor_names()


# What is changed in the sound profile, and words that the refusal must hold.
FAULTS = {
    "unknown key": ('title = "Acme"', 'title = "Acme"\ncolour = "red"', ["colour", "unknown key", "profile.toml:"]),
    "missing key": ('dialect = "scripted"', "", ["dialect", "Add the key"]),
    "wrong type": ('base_url = "https://api.acme.example"', "base_url = 7", ["base_url"]),
    "number in quotes": ("context_tokens = 1000", 'context_tokens = "1000"', ["context_tokens", "acme-1"]),
    "unknown requirement": ("[capabilities.tools]", "[capabilities.teleport]", ["capabilities.teleport"]),
    "unknown support": ('support = "native"', 'support = "partial"', ["support"]),
    "unknown key in a claim": ('support = "native"', 'support = "native"\nsure = true', ["sure", "unknown key"]),
    "claim without evidence": (
        'evidence = { level = "documented", checked = 2026-11-23, source = "Acme API specification 4.1" }',
        "",
        ["capabilities.tools.evidence"],
    ),
    "documented without source": (
        ', source = "Acme API specification 4.1"',
        "",
        ["documented evidence needs a source"],
    ),
    "source that nobody can open": (
        "Acme API specification 4.1",
        "hearsay",
        ["capabilities.tools.evidence.source", "neither a URL nor a specification"],
    ),
    "home that nobody can open": (
        "[capabilities.tools]",
        '[sources]\n"Acme API specification 4.1" = "http://acme.example/spec"\n[capabilities.tools]',
        ["sources.Acme API specification 4.1", "not an address that a reader can open"],
    ),
    "home of a document that no claim names": (
        "[capabilities.tools]",
        '[sources]\n"Acme API specification 4.2" = "https://acme.example/spec"\n[capabilities.tools]',
        ["sources.Acme API specification 4.2", "the source of no claim"],
    ),
    "observed without digest": (', digest = "ab12"', "", ["observed evidence needs check_id and digest"]),
    "evidence without date": (', checked = 2026-11-23, source = "Acme', ', source = "Acme', ["checked"]),
    "other schema": ("schema = 1", "schema = 2", ["schema"]),
    "not TOML": ("schema = 1", "schema =", ["this is not TOML"]),
    "another vendor's profile": ('vendor = "acme"', 'vendor = "bolt"', ["'acme'", "'bolt'"]),
    "address of nowhere": ("https://api.acme.example", "api.acme.example", ["base_url"]),
    "address without a host": ("https://api.acme.example", "https:///v1", ["base_url"]),
    "address with a key in it": ("https://api.acme.example", "https://me:pw@api.acme.example", ["base_url"]),
    "key among the headers": ('auth = "bearer"', 'auth = "bearer"\nheaders = {Authorization = "x"}', ["Authorization"]),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_unsound_profile_is_refused_by_file_and_key(fault: str, install: Install, profile_text: str):
    sound, broken, words = FAULTS[fault]
    assert sound in profile_text
    install(files={"profile.toml": profile_text.replace(sound, broken, 1)})

    with pytest.raises(ConfigurationError) as caught:
        load_profile("acme")

    assert [word for word in [*words, "profile.toml"] if word not in str(caught.value)] == []
    assert caught.value.mend


def test_profile_that_claims_nothing_is_no_vendor(install: Install, profile_text: str):
    head, _, tail = profile_text.partition("[capabilities.tools]")
    install(files={"profile.toml": head + "[capabilities]\n[models" + tail.partition("[models")[2]})

    with pytest.raises(ConfigurationError, match="a vendor of whom nothing is known is none"):
        load_profile("acme")


def test_policy_beside_the_profile_is_given_as_bytes(install: Install, profile_text: str):
    install(files={"profile.toml": profile_text, "policy.toml": "schema = 1 # §\n", "statement.toml": "x = 1\n"})

    found = policy_text("acme")

    assert found is not None
    assert (Path(found[0]).name, found[1]) == ("policy.toml", b"schema = 1 # \xc2\xa7\n")
    assert vendor_file("acme", "statement.toml") is not None


def test_vendor_without_policy_has_none(install: Install, profile_text: str):
    install(files={"profile.toml": profile_text})

    assert policy_text("acme") is None


PROVIDERS = """
class Plain:
    def __init__(self, endpoint, transport=None):
        self.endpoint, self.transport = endpoint, transport

class Special(Plain):
    pass
"""
POINTS = "[offramp.providers]\nspecial = acme_vendor:Special\nmissing = acme_vendor:Nobody\n"


def special(provider: str):
    endpoint = scripted_endpoint()
    endpoint.options = {"provider": provider}
    return endpoint


def test_provider_is_the_one_that_the_options_name(install: Install):
    install(files={"__init__.py": PROVIDERS}, points=POINTS)
    endpoint, transport = special("special"), object()

    alone, shared = provider_for(endpoint), provider_for(endpoint, transport=transport)

    assert type(alone).__name__ == "Special"
    assert (alone.endpoint, alone.transport) == (endpoint, None)
    assert shared.transport is transport


@pytest.mark.parametrize(
    ("name", "words"), [("nobody", "there is no provider 'nobody'"), ("missing", "the provider 'missing' cannot be")]
)
def test_provider_that_cannot_be_had_is_named(name: str, words: str, install: Install):
    install(files={"__init__.py": PROVIDERS}, points=POINTS)

    with pytest.raises(ConfigurationError, match=words):
        provider_for(special(name))


FACTS = ModelFacts(
    evidence=Evidence(level="declared", checked=date(2026, 11, 23)), served_as=("host/m-1*", "/models/x")
)


@pytest.mark.parametrize(
    ("asked", "served", "facts", "matches"),
    [
        ("m-1", "m-1", None, True),
        ("m-1", "m-1-20261123", None, True),
        ("m-1", "m-1-2026-11-23", None, True),
        ("m-1", "m-1-20261399", None, False),
        ("m-1", "m-1-2026-1123", None, False),
        ("m-1", "m-1-20261123-mini", None, False),
        ("m-1", "m-10-20261123", None, False),
        ("m-1", "m-1-mini", None, False),
        ("m-1", "M-1", None, False),
        ("m-1-20261123", "m-1", None, False),
        ("m-1-20261123", "m-1-20261124", None, False),
        ("m-1", "host/m-1-fp8", FACTS, True),
        ("m-1", "host/m-2", FACTS, False),
        ("m-1", "host/m-1", None, False),
        ("m-1", None, FACTS, None),
        ("m-1", "", FACTS, None),
    ],
)
def test_served_model_is_held_against_the_asked_one(
    asked: str, served: str | None, facts: ModelFacts | None, matches: bool | None
):
    assert served_model_matches(asked, served, facts) is matches
