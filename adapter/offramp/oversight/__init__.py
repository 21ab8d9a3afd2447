"""Floor 2: whether people oversee a mission as it declares, and whether it stays within what it declares. Pure."""

from offramp.oversight.answers import approval_of
from offramp.oversight.approvers import Approver, Approvers, load_approvers
from offramp.oversight.digest import canonical_request
from offramp.oversight.granting import grant, granted
from offramp.oversight.limits import limits_of
from offramp.oversight.refusals import (
    approval_needed,
    lacking,
    nobody_has_role,
    nobody_may,
    refused_for_good,
    too_much,
    unapproved,
    unwatched,
)
from offramp.oversight.tokens import Approval, SignedApproval, read_token, why_not_approved
from offramp.oversight.watching import BEATS, LONGEST_WATCH, beat_every_s, live_watch, sign_watch

__all__ = [
    "BEATS",
    "LONGEST_WATCH",
    "Approval",
    "Approver",
    "Approvers",
    "SignedApproval",
    "approval_needed",
    "approval_of",
    "beat_every_s",
    "canonical_request",
    "grant",
    "granted",
    "lacking",
    "limits_of",
    "live_watch",
    "load_approvers",
    "nobody_has_role",
    "nobody_may",
    "read_token",
    "refused_for_good",
    "sign_watch",
    "too_much",
    "unapproved",
    "unwatched",
    "why_not_approved",
]
