"""Content is kept as long as asked, and looked through once an hour."""

from datetime import timedelta

import pytest

from offramp.contracts.clock import ManualClock
from offramp.errors import ConfigurationError
from offramp.sessions.retention import Retention


def test_a_sweep_is_due_at_the_first_use_and_then_once_an_hour(clock: ManualClock):
    retention = Retention(30, clock)

    due = []
    for minutes in (0, 30, 29, 1, 30, 30):
        clock.advance(minutes * 60)
        due.append(retention.sweep_is_due())

    assert due == [True, False, False, True, False, True]


def test_without_a_retention_nothing_is_ever_due(clock: ManualClock):
    retention = Retention(None, clock)

    assert not retention.sweep_is_due()
    assert retention.limit() is None


def test_the_limit_lies_so_many_days_back(clock: ManualClock):
    assert Retention(0.5, clock).limit() == clock.now() - timedelta(hours=12)


@pytest.mark.parametrize("days", [0, -1])
def test_a_retention_not_above_zero_is_refused(days: float, clock: ManualClock):
    with pytest.raises(ConfigurationError, match="retention_days"):
        Retention(days, clock)
