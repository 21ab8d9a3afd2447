"""What is about to run out is said 30, 7 and 1 days ahead."""

from datetime import date, timedelta

import pytest

from offramp.policy import Unreadable, policy_warnings
from support.policies import NOON, TODAY, approval, clause, contract, declaration, loaded, organisation, policy


@pytest.mark.parametrize(("days", "step"), [(31, None), (30, 30), (8, 30), (7, 7), (2, 7), (1, 1), (0, 0), (-5, 0)])
def test_a_review_is_announced_thirty_seven_and_one_days_ahead(days: int, step: int | None):
    compiled = policy(contract("a", review_by=TODAY + timedelta(days=days)))

    found = [(warning.key, warning.days_left, warning.step) for warning in policy_warnings(compiled, NOON)]

    assert found == ([] if step is None else [("review_by", days, step)])


def test_a_review_that_is_overdue_warns_and_does_not_deny():
    compiled = policy(contract("a", review_by=date(2026, 2, 1)))

    assert compiled.decide(compiled.case.route[0], NOON).allowed  # type: ignore[union-attr]  # it was read
    assert [warning.document for warning in policy_warnings(compiled, NOON)] == ["a terms 1"]


def test_every_document_that_ends_is_announced_the_nearest_first():
    soon = [TODAY + timedelta(days=days) for days in range(1, 6)]
    org = organisation(
        valid_until=soon[3], approvals=(approval(valid_until=soon[1]), approval(mission="other", valid_until=soon[0]))
    )
    compiled = policy(
        contract("a", valid_until=soon[2]), organisations=[loaded(org)], declared=declaration(valid_until=soon[4])
    )

    found = [warning.document for warning in policy_warnings(compiled, NOON)]

    assert found == ["approval of mission triage by approver", "a terms 1", "org 1", "declaration of mission triage"]
    assert {warning.key for warning in policy_warnings(compiled, NOON)} == {"valid_until"}
    assert str(policy_warnings(compiled, NOON)[1]) == "a terms 1 may be relied on until 2026-11-26 (3 days left)"
    assert str(policy_warnings(compiled, NOON + timedelta(days=5))[1]).endswith("until 2026-11-26 (2 days ago)")


def test_the_day_itself_has_no_days_left_and_a_review_is_said_in_its_own_words():
    (warning,) = policy_warnings(policy(contract("a", review_by=TODAY)), NOON)

    assert str(warning) == f"a terms 1 must be reviewed by {TODAY} (0 days left)"


def test_documents_of_one_day_come_by_name_whatever_layer_they_are_of():
    floor = contract("z", clause("forbid", "surv.*"), layer="floor", applies_to=(), name="floor", review_by=TODAY)
    org = organisation(name="b-org", review_by=TODAY)
    compiled = policy(contract("a", review_by=TODAY), floor, organisations=[loaded(org)])

    found = [(warning.document, warning.key) for warning in policy_warnings(compiled, NOON)]

    assert found == [(name, "review_by") for name in ("a terms 1", "b-org 1", "floor 1")]


def test_a_declaration_that_cannot_be_read_has_nothing_to_announce():
    compiled = policy(contract("a"), declaration=Unreadable(where="triage.toml", what="gone"))

    assert policy_warnings(compiled, NOON) == ()
