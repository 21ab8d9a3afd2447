"""A watch is live while both clocks say that its last heartbeat is fresh."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from offramp.contracts.oversight import OversightNeed, Watch, WatchStanding
from offramp.oversight import BEATS, beat_every_s, live_watch
from support.overseen import ROLE

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def needing(reaction_s: float) -> OversightNeed:
    return OversightNeed(level="supervise", mission="triage", role=ROLE, reaction_time_s=reaction_s)


def watched(*, beat_at: datetime, monotonic_s: float) -> WatchStanding:
    return WatchStanding((Watch(1, by="ann", since=NOON, beat_at=beat_at, beat_monotonic_s=monotonic_s),))


@given(wall_s=st.floats(-1e5, 1e5), elapsed_s=st.floats(-1e5, 1e5), reaction_s=st.floats(0.1, 1e4))
def test_a_watch_is_live_only_where_both_clocks_say_that_it_is_fresh(
    wall_s: float, elapsed_s: float, reaction_s: float
):
    standing = watched(beat_at=NOON, monotonic_s=5e5)
    now = NOON + timedelta(seconds=wall_s)

    live = live_watch(
        standing, need=needing(reaction_s), store="s", approvers=None, now=now, monotonic_s=5e5 + elapsed_s
    )

    if live is not None:
        assert -1e-6 <= elapsed_s <= reaction_s + 1e-6
        assert abs(wall_s) <= reaction_s + 1e-5
    elif 0 <= elapsed_s < reaction_s - 1e-3:
        assert abs(wall_s) > reaction_s - 1e-3


@given(st.floats(0.01, 1e6))
def test_several_heartbeats_fit_into_one_reaction_time(reaction_s: float):
    assert beat_every_s(reaction_s) * BEATS <= reaction_s
