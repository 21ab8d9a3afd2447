"""What the contracts of these vendors forbid and permit, held against the texts as they were read."""

from dataclasses import replace
from importlib.resources import files
from typing import Any

import pytest

from offramp.contracts.uses import USE_CODES, Facets
from offramp.policy import load_contract
from offramp.policy.table import facet_bits, reached, row_of, use_bits
from support.policies import HARMLESS

VENDORS = files("offramp_providers.vendors")
XAI = load_contract(VENDORS / "xai" / "policy.toml")
MISTRAL = load_contract(VENDORS / "mistral" / "policy.toml")
DEEPSEEK = load_contract(VENDORS / "deepseek" / "policy.toml")
BOTH = pytest.mark.parametrize("read", [XAI, DEEPSEEK, MISTRAL], ids=["xai", "deepseek", "mistral"])


def bearing(read: Any, effect: str, use: str, facets: Facets) -> set[str]:
    rows = [row_of(clause) for clause in read.content.clauses if clause.effect == effect]
    return {row.clause.id for row in rows if reached(row, use_bits([use]), facet_bits(facets))}


@BOTH
def test_only_office_work_is_permitted(read: Any):
    permitted = {code for code in USE_CODES if bearing(read, "permit", code, HARMLESS)}

    assert permitted == {code for code in USE_CODES if code.startswith("gen.")}


@BOTH
@pytest.mark.parametrize(
    "facets", [{"customer": "defence"}, {"customer": "unstated"}, {"effect": "lethal"}, {"weapon_autonomy": "unstated"}]
)
def test_nothing_is_permitted_beyond_it(read: Any, facets: Any):
    assert [code for code in USE_CODES if bearing(read, "permit", code, replace(HARMLESS, **facets))] == []


@pytest.mark.parametrize(
    ("read", "use", "facets", "clause"),
    [
        (XAI, "force.weapon.cbrn", {}, "mass-destruction"),
        (XAI, "force.engage", {"oversight": "approve"}, "harm-to-life"),
        (XAI, "decide.credit", {"oversight": "approve"}, "high-stakes-decisions"),
        (XAI, "surv.track.person", {"population": "domestic"}, "privacy"),
        (XAI, "intel.foreign", {"population": "foreign"}, "espionage"),
        (XAI, "cyber.attack", {}, "attacks"),
        (DEEPSEEK, "decide.health", {"oversight": "none"}, "decisions-reviewed"),
        (DEEPSEEK, "cyber.attack", {}, "attacks"),
        (DEEPSEEK, "force.weapon.develop", {}, "weapons"),
        (DEEPSEEK, "content.minor.harm", {}, "not-established"),
        (MISTRAL, "force.plan", {"oversight": "approve"}, "military"),
        (MISTRAL, "force.weapon.cbrn", {}, "military"),
        (MISTRAL, "infra.operate.safety", {}, "infrastructure"),
        (MISTRAL, "surv.profile.bulk", {"population": "domestic"}, "privacy"),
        (MISTRAL, "advise.legal", {"oversight": "none"}, "unqualified-advice"),
    ],
)
def test_what_the_text_bans_is_forbidden(read: Any, use: str, facets: Any, clause: str):
    assert clause in bearing(read, "forbid", use, replace(HARMLESS, **facets))


@pytest.mark.parametrize(
    ("read", "use", "facets"),
    [
        (XAI, "surv.track.person", {"population": "consenting"}),
        (XAI, "influence.campaign", {}),
        (DEEPSEEK, "decide.health", {"oversight": "approve"}),
        (DEEPSEEK, "gen.code", {"channel": "self-host"}),
        (MISTRAL, "advise.legal", {"oversight": "approve"}),
        (MISTRAL, "surv.track.person", {"population": "consenting"}),
    ],
)
def test_the_other_side_of_the_line_is_not_forbidden(read: Any, use: str, facets: Any):
    assert bearing(read, "forbid", use, replace(HARMLESS, **facets)) == set()


@pytest.mark.parametrize("read", [DEEPSEEK, MISTRAL], ids=["deepseek", "mistral"])
@pytest.mark.parametrize("channel", ["self-host", "cloud-market"])
def test_the_services_terms_permit_nothing_elsewhere(read: Any, channel: Any):
    here = replace(HARMLESS, channel=channel)

    assert [code for code in USE_CODES if bearing(read, "permit", code, here)] == []
