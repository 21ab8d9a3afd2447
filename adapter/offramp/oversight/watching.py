"""When a supervisor counts as watching: known, and heard of within the time in which a person must react."""

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from offramp.contracts.oversight import OversightNeed, Watch, WatchStanding
from offramp.ed25519 import read_private_key, why_not_signed
from offramp.oversight.approvers import Approver, owner_of

BEATS: Final = 4
"""Heartbeats within one reaction time: three may be late before the mission stops."""
LONGEST_WATCH: Final = timedelta(hours=12)
"""A person watches no longer at a stretch; somebody begins anew."""
_LONGEST_PERIOD_S: Final = 5.0


def beat_every_s(reaction_time_s: float) -> float:
    """The period of the heartbeat, in seconds."""
    return min(reaction_time_s / BEATS, _LONGEST_PERIOD_S)


def live_watch(
    standing: WatchStanding,
    *,
    need: OversightNeed,
    store: str,
    approvers: Mapping[str, Approver] | None,
    now: datetime,
    monotonic_s: float,
) -> Watch | None:
    """One who watches now; None: nobody does, or the mission was stopped.

    Two clocks must agree: the monotonic one begins anew with the machine, and the wall clock can be stepped. Whichever
    of them jumps, the mission waits for the next heartbeat.

    Args:
        standing: as the book has it.
        need: what the declaration claims.
        store: the book's id.
        approvers: who may supervise, by their keys. None: a watch counts on its word.
        now: with a time zone.
        monotonic_s: the same instant on the host's monotonic clock.
    """
    if standing.stopped_by is not None:
        return None
    allowed = timedelta(seconds=need.reaction_time_s)
    for watch in standing.watches:
        fresh = 0 <= monotonic_s - watch.beat_monotonic_s <= need.reaction_time_s
        timely = -allowed <= now - watch.beat_at <= allowed and -allowed <= now - watch.since < LONGEST_WATCH
        if fresh and timely and (approvers is None or _is_known(watch, need, store, approvers, now)):
            return watch
    return None


def _is_known(watch: Watch, need: OversightNeed, store: str, approvers: Mapping[str, Approver], now: datetime) -> bool:
    """Whether one who may act in the role has signed it."""
    who = approvers.get(watch.by)
    if who is None or need.role not in who.roles or now.astimezone(UTC).date() > who.valid_until:
        return False
    message = _message(need, store=store, by=watch.by, since=watch.since)
    why = why_not_signed(
        message,
        watch.signature or "",
        who.public_key,
        by=watch.by,
        what="the watch",
        needed_for="checking who supervises",
    )
    return why is None


def sign_watch(
    key: Path, *, need: OversightNeed, store: str, approvers: Mapping[str, Approver], since: datetime
) -> tuple[str, str]:
    """Whose key it is, and the signature with which that person begins to supervise.

    Raises:
        ConfigurationError: the key cannot be read, is nobody's, no longer valid, or not of the role.
        MissingExtraError: the extra `sign` is not installed.
    """
    private = read_private_key(key, needed_for="beginning to supervise")
    by = owner_of(private.public_text, approvers, role=need.role, at=since)
    signature = private.sign(_message(need, store=store, by=by, since=since))
    return by, base64.b64encode(signature).decode()


def _message(need: OversightNeed, *, store: str, by: str, since: datetime) -> bytes:
    words = ["offramp-watch/1", store, need.mission, need.role, by, since.astimezone(UTC).isoformat()]
    return json.dumps(words, separators=(",", ":")).encode()
