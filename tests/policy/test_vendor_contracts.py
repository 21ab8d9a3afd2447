"""The contracts that ship beside the vendors' profiles: dated, illustrative, and no more generous than their texts."""

from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any, TypeAlias, get_args

import pytest

from offramp.contracts.policy import PolicyContract
from offramp.contracts.uses import USE_CODES, Facets, Oversight
from offramp.policy import Loaded, PolicySources, compile_policy, load_contract
from offramp.policy.table import facet_bits, reached, row_of, use_bits
from offramp.types import Identity
from support.policies import HARMLESS, NOON, TODAY, approval, declaration, loaded, organisation

Read: TypeAlias = Loaded[PolicyContract]

VENDORS = files("offramp_providers.vendors")
ANTHROPIC = load_contract(VENDORS / "anthropic" / "policy.toml")
OPENAI = load_contract(VENDORS / "openai" / "policy.toml")
STATEMENT = load_contract(VENDORS / "anthropic" / "public_statement_2026_02_26.toml")
A = Identity(endpoint="a", developer="anthropic", host="anthropic", model="m")
B = Identity(endpoint="b", developer="openai", host="openai", model="m")


def bearing(read: Read, effect: str, use: str, **facets: Any) -> set[str]:
    bits = facet_bits(replace(HARMLESS, **facets))
    rows = [row_of(clause) for clause in read.content.clauses if clause.effect == effect]
    return {row.clause.id for row in rows if reached(row, use_bits([use]), bits)}


@pytest.mark.parametrize("read", [ANTHROPIC, OPENAI, STATEMENT], ids=lambda read: read.content.name)
def test_a_shipped_contract_is_illustrative_and_dated(read: Read):
    contract = read.content

    assert contract.status == "illustrative-unreviewed"
    assert contract.effective <= contract.retrieved <= TODAY < contract.review_by
    assert contract.valid_until is not None
    assert all(source.retrieved <= TODAY for source in contract.sources)


@pytest.mark.parametrize("read", [ANTHROPIC, OPENAI], ids=lambda read: read.content.name)
def test_only_office_work_and_reviewed_advice_are_permitted(read: Read):
    permitted = {code for code in USE_CODES if bearing(read, "permit", code, oversight="approve")}

    assert {code.split(".")[0] for code in permitted} <= {"gen", "advise"}
    assert {code for code in USE_CODES if code.startswith("gen.")} <= permitted


@pytest.mark.parametrize("read", [ANTHROPIC, OPENAI], ids=lambda read: read.content.name)
def test_nothing_is_permitted_to_customers_about_whom_the_text_is_silent(read: Read):
    for customer in ("defence", "intelligence", "law-enforcement", "unstated"):
        assert [code for code in USE_CODES if bearing(read, "permit", code, customer=customer)] == []


@pytest.mark.parametrize("read", [ANTHROPIC, OPENAI], ids=lambda read: read.content.name)
def test_a_mission_that_states_nothing_is_permitted_nothing(read: Read):
    rows = [row_of(clause) for clause in read.content.clauses if clause.effect == "permit"]

    assert [row.clause.id for row in rows if reached(row, use_bits(["*"]), facet_bits(Facets()))] == []


FORBIDDEN = [
    # contract, use, facets, clause
    (ANTHROPIC, "force.engage", {"oversight": "approve"}, "weapons"),
    (ANTHROPIC, "force.weapon.cbrn", {}, "weapons"),
    (ANTHROPIC, "force.plan", {}, "military-planning"),
    (ANTHROPIC, "surv.track.person", {"population": "foreign"}, "tracking"),
    (ANTHROPIC, "force.battle.manage", {"population": "foreign"}, "tracking"),
    (ANTHROPIC, "surv.biometric.id", {"population": "consenting"}, "biometric-recognition"),
    (ANTHROPIC, "intel.foreign", {"population": "foreign"}, "foreign-intelligence"),
    (ANTHROPIC, "justice.decide", {"oversight": "approve"}, "justice-decisions"),
    (ANTHROPIC, "decide.credit", {"oversight": "advisory"}, "high-risk-decisions"),
    (ANTHROPIC, "advise.medical", {"oversight": "none"}, "high-risk-decisions"),
    (ANTHROPIC, "cyber.attack", {}, "attacks"),
    (ANTHROPIC, "act.physical.hazard", {"oversight": "supervise"}, "physical-hazard"),
    (OPENAI, "force.engage", {"oversight": "approve"}, "weapons"),
    (OPENAI, "gen.draft", {"customer": "defence"}, "national-security"),
    (OPENAI, "gen.draft", {"customer": "intelligence"}, "national-security"),
    (OPENAI, "decide.health", {"oversight": "supervise"}, "decisions-reviewed"),
    (OPENAI, "justice.decide", {"oversight": "none"}, "decisions-reviewed"),
    (OPENAI, "influence.campaign", {}, "campaigning"),
    (OPENAI, "surv.score.social", {"population": "consenting"}, "social-scoring"),
    (STATEMENT, "surv.profile.bulk", {"population": "domestic", "scale": "mass"}, "mass-domestic-surveillance"),
    (STATEMENT, "force.engage", {"weapon_autonomy": "full", "oversight": "approve"}, "autonomous-weapons"),
]

NOT_FORBIDDEN = [
    (ANTHROPIC, "gen.draft", {"customer": "defence"}),
    (ANTHROPIC, "surv.track.person", {"population": "consenting"}),
    (ANTHROPIC, "decide.credit", {"oversight": "approve"}),
    (ANTHROPIC, "influence.campaign", {}),
    (OPENAI, "decide.health", {"oversight": "approve"}),
    (OPENAI, "gen.draft", {"customer": "civil-gov"}),
    (STATEMENT, "force.engage", {"weapon_autonomy": "supervised", "oversight": "approve"}),
    (STATEMENT, "intel.foreign", {"population": "foreign", "scale": "mass"}),
    (STATEMENT, "force.weapon.develop", {}),
]


@pytest.mark.parametrize(("read", "use", "facets", "clause"), FORBIDDEN)
def test_what_the_matrix_marks_prohibited_is_forbidden(read: Read, use: str, facets: dict[str, str], clause: str):
    assert clause in bearing(read, "forbid", use, **facets)


@pytest.mark.parametrize(("read", "use", "facets"), NOT_FORBIDDEN)
def test_the_other_side_of_the_line_is_not_forbidden(read: Read, use: str, facets: dict[str, str]):
    assert bearing(read, "forbid", use, **facets) == set()


def test_a_plain_mission_runs_at_both_once_unreviewed_contracts_are_allowed():
    org = organisation(approvals=(approval(endpoints=("developer:anthropic", "developer:openai")),))
    sources = PolicySources(
        declaration=loaded(declaration("gen.draft", "gen.search")),
        organisations=[loaded(org)],
        contracts=[ANTHROPIC, OPENAI, STATEMENT],
    )

    careful = compile_policy("triage", sources, route=[A, B])
    willing = compile_policy("triage", replace(sources, allow_unreviewed=True), route=[A, B])

    assert [careful.decide(one, NOON).allowed for one in (A, B)] == [False, False]
    assert [willing.decide(one, NOON).allowed for one in (A, B)] == [True, True]
    assert [willing.decide(one, NOON).unreviewed for one in (A, B)] == [True, True]
    assert willing.decide(A, datetime(2028, 1, 1, tzinfo=UTC)).allowed is False


def test_no_stated_oversight_opens_weapons_at_either_vendor():
    for read in (ANTHROPIC, OPENAI):
        for oversight in get_args(Oversight):
            assert bearing(read, "forbid", "force.engage", oversight=oversight)
