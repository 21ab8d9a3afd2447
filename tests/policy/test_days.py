"""Days: the first and the last count and no other, they end in UTC, and it is told when a mission goes dark."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from offramp.contracts.declaration import Signature
from support.policies import (
    FIRST,
    LAST,
    NO,
    NOON,
    TODAY,
    TOMORROW,
    YES,
    YESTERDAY,
    A,
    adoption,
    approval,
    clause,
    contract,
    declaration,
    grounds,
    loaded,
    organisation,
    policy,
)
from support.waivers import waiver


@pytest.mark.parametrize("allowed_on", [True, False])
def test_an_expired_contract_denies_from_the_day_after_its_last(allowed_on: bool):
    terms = contract("a", valid_until=date(2026, 11, 23 if allowed_on else 22))

    decision = policy(terms).decide(A, NOON)

    assert decision.allowed is allowed_on
    assert allowed_on or ("vendor", "expired") in grounds(decision)


@pytest.mark.parametrize(
    ("at", "allowed"),
    [
        (datetime(2026, 11, 23, 23, 59, 59, 999999, tzinfo=UTC), True),
        (datetime(2026, 11, 24, tzinfo=UTC), False),
        (datetime(2026, 11, 24, 13, 59, tzinfo=timezone(timedelta(hours=14))), True),
        (datetime(2026, 11, 24, 14, 0, tzinfo=timezone(timedelta(hours=14))), False),
        (datetime(2026, 11, 23, 11, 59, tzinfo=timezone(timedelta(hours=-12))), True),
        (datetime(2026, 11, 23, 12, 0, tzinfo=timezone(timedelta(hours=-12))), False),
    ],
)
def test_days_end_in_utc_whatever_the_zone_of_the_instant(at: datetime, allowed: bool):
    compiled = policy(contract("a", valid_until=date(2026, 11, 23)))

    assert compiled.decide(A, at).allowed is allowed


FAR_EAST, FAR_WEST = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))
LAST_MOMENT = datetime(2026, 11, 23, 23, 59, 59, 999999, tzinfo=UTC)
NEXT_MOMENT = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize("zone", [UTC, FAR_EAST, FAR_WEST], ids=str)
def test_a_day_ends_in_utc_wherever_the_clock_stands(zone: Any):
    ends = policy(contract("a", valid_until=TODAY))
    begins = policy(contract("a", effective=TODAY + timedelta(days=1)))

    assert ends.decide(A, LAST_MOMENT.astimezone(zone)).allowed
    assert not ends.decide(A, NEXT_MOMENT.astimezone(zone)).allowed
    assert not begins.decide(A, LAST_MOMENT.astimezone(zone)).allowed
    assert begins.decide(A, NEXT_MOMENT.astimezone(zone)).allowed


DATED: dict[str, Callable[[date, date], Any]] = {
    "vendor": lambda first, last: policy(contract("a", effective=first, valid_until=last)),
    "declaration": lambda first, last: policy(contract("a"), declared=declaration(valid_from=first, valid_until=last)),
    "organisation": lambda first, last: policy(
        contract("a"), organisations=[loaded(organisation(effective=first, valid_until=last))]
    ),
    "approval": lambda first, last: policy(
        contract("a"), organisations=[loaded(organisation(approvals=(approval(on=first, valid_until=last),)))]
    ),
}


@pytest.mark.parametrize("layer", DATED)
@pytest.mark.parametrize(
    ("first", "last", "allowed"),
    [
        (TODAY, TODAY, True),
        (TODAY, LAST, True),
        (FIRST, TODAY, True),
        (TOMORROW, LAST, False),
        (FIRST, YESTERDAY, False),
    ],
)
def test_the_first_day_and_the_last_count_and_no_other(layer: str, first: date, last: date, allowed: bool):
    assert DATED[layer](first, last).decide(A, NOON).allowed is allowed


@pytest.mark.parametrize(
    "parts",
    [
        {"declared": declaration(valid_from=TODAY, valid_until=TODAY, approved=Signature(by="approver", on=TODAY))},
        {"organisations": [loaded(organisation(effective=TODAY, valid_until=TODAY))]},
        {"organisations": [loaded(organisation(approvals=(approval(on=TODAY, valid_until=TODAY),)))]},
    ],
    ids=["declaration", "organisation", "approval"],
)
def test_a_paper_of_one_day_holds_on_that_day_alone(parts: dict[str, Any]):
    compiled = policy(contract("a"), **parts)

    answers = [compiled.decide(A, NOON + timedelta(days=days)).allowed for days in (-1, 0, 1)]

    assert answers == [False, True, False]


def test_a_contract_not_begun_permits_nothing():
    decision = policy(contract("a", effective=date(2026, 11, 24))).decide(A, NOON)

    assert grounds(decision) == [("vendor", "missing")]


def test_the_latest_version_of_a_document_holds():
    old = contract("a", clause("forbid", "*"))
    new = contract("a", version="2", effective=date(2026, 11, 20))
    compiled = policy(old, new)

    assert compiled.decide(A, NOON).allowed
    assert not compiled.decide(A, NOON - timedelta(days=10)).allowed


def test_a_clock_that_steps_back_is_decided_anew():
    compiled = policy(contract("a", valid_until=date(2026, 11, 23)))

    answers = [compiled.decide(A, NOON + timedelta(days=days)).allowed for days in (0, 1, 0, 2, -1)]

    assert answers == [True, False, True, False, True]


def test_a_clock_that_steps_back_brings_back_only_what_was_in_force_then():
    compiled = policy(contract("a", effective=TODAY, valid_until=TODAY))

    days = [compiled.decide(A, NOON + timedelta(days=days)).allowed for days in (0, 1, -1, 0, -1, 1)]

    assert days == [True, False, False, True, False, False]


@pytest.mark.parametrize(
    ("own", "files", "counts"),
    [
        ({"on": TODAY}, {}, True),
        ({"on": TOMORROW}, {}, False),
        ({"valid_until": TODAY}, {}, True),
        ({"valid_until": YESTERDAY}, {}, False),
        ({}, {"effective": TODAY}, True),
        ({}, {"effective": TOMORROW}, False),
        ({}, {"valid_until": TODAY}, True),
        ({}, {"valid_until": YESTERDAY}, False),
    ],
)
def test_an_adoption_or_a_waiver_counts_where_it_and_its_file_are_in_force(
    own: dict[str, date], files: dict[str, date], counts: bool
):
    """The approval stands in a file of its own, so that nothing else ends with this one."""
    approving = organisation(name="approving")
    lifting = waiver(**{"document": "b terms", "on": FIRST, "valid_until": LAST, **own})
    other = organisation(name="other", approvals=(), adoptions=(adoption(**own),), waivers=(lifting,), **files)
    organisations = [loaded(approving), loaded(other)]
    silent = contract("a", clause("permit", "gen.code"), silence="org-decides")

    adopted = policy(silent, organisations=organisations).decide(A, NOON)
    waived = policy(contract("a"), contract("b", NO, YES), route="ab", organisations=organisations).decide(A, NOON)

    assert (adopted.allowed, waived.allowed) == (counts, counts)


def test_goes_dark_names_the_first_day_of_denial():
    compiled = policy(contract("a", valid_until=date(2027, 3, 31)))

    assert compiled.allowed_until(A, NOON) == datetime(2027, 4, 1, tzinfo=UTC)
    assert compiled.allowed_until(A, NOON + timedelta(days=300)) == NOON + timedelta(days=300)


def test_a_mission_goes_dark_on_the_first_day_on_which_anything_ends():
    ends = {
        "approval": policy(
            contract("a"), organisations=[loaded(organisation(approvals=(approval(valid_until=TOMORROW),)))]
        ),
        "organisation": policy(contract("a"), organisations=[loaded(organisation(valid_until=TOMORROW))]),
        "declaration": policy(contract("a"), declared=declaration(valid_until=TOMORROW)),
        "terms": policy(contract("a", valid_until=TOMORROW)),
        "stricter terms begin": policy(
            contract("a"), contract("a", clause("forbid", "*"), version="2", effective=TOMORROW + timedelta(days=1))
        ),
    }

    dark = {name: compiled.allowed_until(A, NOON) for name, compiled in ends.items()}

    assert dark == dict.fromkeys(ends, datetime(2026, 11, 25, tzinfo=UTC))


def test_who_goes_dark_by_the_end_of_a_waiver_or_an_adoption_is_told():
    waived = policy(
        contract("a"),
        contract("b", NO, YES),
        route="ab",
        organisations=[loaded(organisation(waivers=(waiver(document="b terms", on=FIRST, valid_until=TOMORROW),)))],
    )
    adopted = policy(
        contract("a", clause("permit", "gen.code"), silence="org-decides"),
        organisations=[loaded(organisation(adoptions=(adoption(valid_until=TOMORROW),)))],
    )

    dark = datetime(2026, 11, 25, tzinfo=UTC)
    assert (waived.allowed_until(A, NOON), adopted.allowed_until(A, NOON)) == (dark, dark)


def test_what_ended_long_ago_is_no_day_on_which_a_mission_goes_dark():
    former = contract("a", version="1", valid_until=date(2026, 1, 31))
    present = contract("a", version="2", effective=date(2026, 3, 1))

    assert policy(former, present).allowed_until(A, NOON) == datetime(2028, 1, 1, tzinfo=UTC)


def test_a_floor_that_begins_tomorrow_is_told_today():
    floor = contract(
        "a", NO, layer="floor", kind="organisation-floor", name="own floor", applies_to=(), effective=TOMORROW
    )

    assert policy(contract("a"), floor).allowed_until(A, NOON) == datetime(2026, 11, 24, tzinfo=UTC)
