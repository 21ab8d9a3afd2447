"""What a denial says: which layer, which clause, what is missing, and who could change it."""

from dataclasses import replace
from datetime import datetime

from offramp.contracts.declaration import MissionEvidence
from offramp.policy import (
    Unreadable,
    denial,
)
from support.policies import (
    HARMLESS,
    NO,
    NOON,
    UNREVIEWED,
    YES,
    YESTERDAY,
    A,
    adoption,
    clause,
    contract,
    declaration,
    grounds,
    loaded,
    organisation,
    policy,
)


def test_the_error_of_a_denial_names_clause_document_and_who_could_change_it():
    error = denial(policy(contract("a", clause("forbid", "*", section="4"))).decide(A, NOON))

    assert "vendor forbid (forbid: a terms 1, 4) Said so." in str(error)
    assert "by an agreement that supersedes a terms 1" in str(error)
    assert len(error.reasons) == 2


def test_a_denial_tells_first_what_nobody_can_change():
    strict = contract("a", clause("forbid", "*"), clause("permit", "*"))
    mission = declaration("surv.emotion", facets=replace(HARMLESS, population="domestic", scale="mass"))
    nothing = [loaded(organisation(approvals=()))]

    at_the_floor = policy(strict, declared=mission, organisations=nothing).decide(A, NOON)
    at_the_vendor = policy(strict, organisations=nothing).decide(A, NOON)

    assert at_the_floor.reasons[0].layer == "organisation"
    assert str(denial(at_the_floor)).startswith("endpoint 'a': mission 'triage' may not use it: floor E1 (forbid: ")
    assert "may not use it: vendor forbid (forbid: a terms 1)" in str(denial(at_the_vendor))


def test_a_ground_names_what_is_missing_and_nothing_else():
    asks = contract("a", clause("permit", "*", needs=("role", "disclosure")))
    lacking = policy(asks, declared=declaration(evidence=MissionEvidence(role="nurse"))).decide(A, NOON)
    basis = policy(
        contract("a"), declared=declaration(facets=replace(HARMLESS, legal_basis="statute"), evidence=MissionEvidence())
    ).decide(A, NOON)
    one_use = policy(contract("a", clause("permit", "gen.draft")), declared=declaration("gen.draft", "gen.code"))

    assert lacking.reasons[0].text.endswith("not given: disclosure.")
    assert grounds(basis) == [("declaration", "missing")]
    assert basis.reasons[0].text.endswith("does not show: legal_citation.")
    assert "permits gen.code as declared" in one_use.decide(A, NOON).reasons[0].text


def test_unknown_terms_are_told_apart_by_whose_they_are():
    own = policy().decide(A, NOON).reasons[0].text
    other = policy(contract("a"), route="ab").decide(A, NOON).reasons[0].text

    assert own.endswith("nothing permits it.")
    assert other.endswith("binds this route, and is not known.")


def test_terms_that_ended_are_one_ground_and_no_more():
    silent = policy(contract("a", clause("permit", "gen.code"), valid_until=YESTERDAY)).decide(A, NOON)
    permitting = policy(contract("a", valid_until=YESTERDAY)).decide(A, NOON)

    assert grounds(silent) == grounds(permitting) == [("vendor", "expired")]


def test_an_adoption_is_a_ground_only_where_it_fills_a_silence():
    organisations = [loaded(organisation(adoptions=(adoption(),)))]

    decision = policy(contract("a", silence="org-decides"), organisations=organisations).decide(A, NOON)

    assert [reason.text for reason in decision.reasons] == ["Said so."]


def test_what_two_reloads_have_refused_is_told_twice():
    once, twice = (
        replace(policy(contract("a")).decide(A, NOON).reasons[0], effect="refused", document=name)
        for name in ("once.toml", "twice.toml")
    )

    decision = policy(contract("a")).refusing((once,)).refusing((twice,)).decide(A, NOON)

    assert [reason.document for reason in decision.reasons][1:] == ["once.toml", "twice.toml"]


def test_unreviewed_is_said_of_a_forbid_only_where_it_is():
    reviewed = policy(contract("a", NO, YES)).decide(A, NOON)
    own = policy(contract("a", NO, YES, **UNREVIEWED)).decide(A, NOON)
    carried = policy(contract("a"), contract("b", NO, YES, **UNREVIEWED), route="ab").decide(A, NOON)

    assert [each.unreviewed for each in (reviewed, own, carried)] == [False, True, True]


def test_a_decision_that_failed_or_rests_on_a_broken_file_claims_no_review():
    broken = policy(contract("a"), contracts=[Unreadable(where="b.toml", what="not TOML")]).decide(A, NOON)
    failed = policy(contract("a")).decide(A, datetime(2026, 11, 23))  # noqa: DTZ001  # the fault under test

    assert (broken.unreviewed, failed.unreviewed) == (False, False)


def test_an_unreviewed_contract_needs_a_word_in_a_file_and_shows():
    terms = contract("a", status="illustrative-unreviewed")

    refused = policy(terms).decide(A, NOON)
    by_organisation = policy(terms, organisations=[loaded(organisation(allow_unreviewed=True))]).decide(A, NOON)
    by_configuration = policy(terms, allow_unreviewed=True).decide(A, NOON)

    assert not refused.allowed
    assert "allow_unreviewed" in str(refused.reasons[0].mend)
    assert by_organisation.allowed
    assert by_organisation.unreviewed
    assert by_configuration.allowed
    assert by_configuration.unreviewed


def test_a_forbid_of_an_unreviewed_contract_holds_without_that_word():
    terms = contract("a", clause("forbid", "gen.*"), clause("permit", "*"), status="illustrative-unreviewed")

    decision = policy(terms).decide(A, NOON)

    assert ("vendor", "forbid") in grounds(decision)
    assert decision.unreviewed
