"""When a supervisor counts as watching: the heartbeat is younger than the time in which a person must react."""

from datetime import datetime, timedelta
from typing import Final

from offramp.contracts.oversight import Watch, WatchStanding

BEATS: Final = 4
"""Heartbeats within one reaction time: three may be late before the mission stops."""
_LONGEST_S: Final = 5.0


def beat_every_s(reaction_time_s: float) -> float:
    """The period of the heartbeat, in seconds."""
    return min(reaction_time_s / BEATS, _LONGEST_S)


def live_watch(standing: WatchStanding, *, reaction_time_s: float, now: datetime, monotonic_s: float) -> Watch | None:
    """One who watches now; None: nobody does, or the mission was stopped.

    Two clocks must agree: the monotonic one begins anew with the machine, and the wall clock can be stepped. Whichever
    of them jumps, the mission waits for the next heartbeat.
    """
    if standing.stopped_by is not None:
        return None
    allowed = timedelta(seconds=reaction_time_s)
    for watch in standing.watches:
        fresh = 0 <= monotonic_s - watch.beat_monotonic_s <= reaction_time_s
        if fresh and -allowed <= now - watch.beat_at <= allowed:
            return watch
    return None
