"""A signed approval: what it says, how it is written, and why one is refused. Checked without any network."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY
from datetime import UTC, datetime
from typing import Any, Final

from offramp.contracts.oversight import OversightNeed
from offramp.ed25519 import why_not_signed
from offramp.oversight.approvers import Approver
from offramp.types import value

_SCHEMA: Final = "offramp-approval/1"
_NOT_OURS: Final = "it is no approval, or not whole"


@value
class Approval:
    """That a named person, in a role, approves one call of one mission, once."""

    id: str
    """Of the request that it answers. It can be used once."""
    _: KW_ONLY
    store: str
    mission: str
    role: str
    digest: str
    approver: str
    granted_at: datetime
    expires_at: datetime

    def message(self) -> bytes:
        """What is signed: no word can be moved to another call, mission, role, person, instant or store."""
        instants = [each.astimezone(UTC).isoformat() for each in (self.granted_at, self.expires_at)]
        words: Sequence[str] = [
            _SCHEMA, self.id, self.store, self.mission, self.role, self.digest, self.approver, *instants,
        ]  # fmt: skip
        return json.dumps(words, separators=(",", ":")).encode()


@value
class SignedApproval:
    """An approval and its signature, as read from a token. Nothing is verified yet."""

    approval: Approval
    signature: str
    """Ed25519, base64."""


def write_token(approval: Approval, signature: bytes) -> str:
    """The token: text without white space, to be carried by the call."""
    parts = (approval.message(), signature)
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def read_token(token: str) -> SignedApproval | None:
    """What a token says; None where it is none. Never raises."""
    try:
        message, signature = (_decoded(part) for part in token.split("."))
        words: Any = json.loads(message)
        schema, request, store, mission, role, digest, approver, granted_at, expires_at = words
        made = Approval(
            request,
            store=store,
            mission=mission,
            role=role,
            digest=digest,
            approver=approver,
            granted_at=datetime.fromisoformat(granted_at),
            expires_at=datetime.fromisoformat(expires_at),
        )
        if schema != _SCHEMA or write_token(made, signature) != token:  # one approval has one spelling
            return None
        return SignedApproval(made, base64.b64encode(signature).decode())
    except (ValueError, TypeError, AttributeError, binascii.Error, RecursionError):
        return None


def _decoded(part: str) -> bytes:
    return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)


def why_not_approved(
    signed: SignedApproval | None,
    *,
    need: OversightNeed,
    mission: str,
    digest: str,
    store: str,
    approvers: Mapping[str, Approver],
    now: datetime,
) -> str | None:
    """Why a token approves not this call, or not in the role that is needed; None: it does. Never raises.

    Args:
        signed: as read; None where the text is no token.
        need: whose approval the declaration claims.
        mission: that makes the call.
        digest: of this very call.
        store: in which single use is kept.
        approvers: who may approve.
        now: with a time zone.
    """
    if signed is None:
        return _NOT_OURS
    approval = signed.approval
    for held, wanted, what in (
        (approval.store, store, "deployment"),
        (approval.mission, mission, "mission"),
        (approval.digest, digest, "call"),
        (approval.role, need.role, "role"),
    ):
        if held != wanted:
            return f"it is for another {what}"
    return _why_not_by(approval, signed.signature, approvers) or _why_not_now(approval, approvers, now)


def _why_not_by(approval: Approval, signature: str, approvers: Mapping[str, Approver]) -> str | None:
    approver = approvers.get(approval.approver)
    if approver is None:
        return f"{approval.approver!r} is not among those who may approve"
    if approval.role not in approver.roles:
        return f"{approval.approver} does not have the role {approval.role!r}"
    return why_not_signed(
        approval.message(),
        signature,
        approver.public_key,
        by=approval.approver,
        what="the approval",
        needed_for="checking an approval",
    )


def _why_not_now(approval: Approval, approvers: Mapping[str, Approver], now: datetime) -> str | None:
    until = approvers[approval.approver].valid_until
    if now.astimezone(UTC).date() > until:
        return f"the key of {approval.approver} was valid until {until}"
    if now >= approval.expires_at:
        return f"it expired at {approval.expires_at.isoformat(timespec='seconds')}"
    return None
