"""Whether a replica has obeyed is judged from what it says, how long ago, and whether its process lives."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from offramp.contracts.state import ReplicaReport
from offramp.state import Obedience, obedience_of
from offramp.state.orders import this_host

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def report(
    *, acknowledged: int | None, age_s: float | None = 1.0, pid: int | None = None, host: str | None = None
) -> ReplicaReport:
    heard = None if age_s is None else NOW - timedelta(seconds=age_s)
    return ReplicaReport("r", pid=pid, host=host, epoch_acknowledged=acknowledged, heartbeat_at=heard)


@pytest.mark.parametrize(
    ("said", "obedience"),
    [
        (report(acknowledged=5), "acknowledged"),
        (report(acknowledged=6, age_s=9999), "acknowledged"),
        (report(acknowledged=4), "pending"),
        (report(acknowledged=None), "pending"),
        (report(acknowledged=4, age_s=4), "silent"),
        (report(acknowledged=4, age_s=None), "silent"),
        (report(acknowledged=4, age_s=4, pid=os.getpid(), host=this_host()), "silent"),
    ],
)
def test_obedience_follows_from_the_report(said: ReplicaReport, obedience: Obedience):
    assert obedience_of(said, epoch=5, now=NOW) == obedience


def test_a_process_that_has_ended_is_gone_on_its_own_host_only():
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()

    here = report(acknowledged=4, pid=ended.pid, host=this_host())
    elsewhere = report(acknowledged=4, pid=ended.pid, host="another")

    assert obedience_of(here, epoch=5, now=NOW) == "gone"
    assert obedience_of(elsewhere, epoch=5, now=NOW) == "pending"
