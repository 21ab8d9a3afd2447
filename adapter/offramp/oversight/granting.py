"""Grants an approval: by whose key, in which role, and until when."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from offramp.contracts.oversight import ApprovalBook, ApprovalRequest
from offramp.ed25519 import PrivateKey, read_private_key
from offramp.errors import ConfigurationError, StateError
from offramp.oversight.approvers import Approver, owner_of
from offramp.oversight.tokens import Approval, write_token


def grant(
    book: ApprovalBook,
    request: str,
    *,
    key: Path,
    approvers: Mapping[str, Approver],
    at: datetime,
    lifetime: timedelta,
) -> Approval:
    """Grant a pending request, and put the token into the queue. Who may do so is the owner of the key.

    Raises:
        ConfigurationError: there is no such request, or the key is nobody's, no longer valid, or not of the role.
        StateError: it was answered before, its time is over, or the queue cannot be written.
        MissingExtraError: the extra `sign` is not installed.
    """
    found = book.request(request)
    if found is None:
        raise ConfigurationError(
            f"there is no request {request!r}", mend="`offramp approvals list` shows those waiting"
        )
    private = read_private_key(key, needed_for="granting an approval")
    approval, token = granted(found, store=book.store, key=private, approvers=approvers, at=at, lifetime=lifetime)
    if not book.rule(found.id, state="granted", by=approval.approver, token=token):
        raise StateError(
            f"the request {found.id} was answered before, or its time is over", mend="have the call asked again"
        )
    return approval


def granted(
    request: ApprovalRequest,
    *,
    store: str,
    key: PrivateKey,
    approvers: Mapping[str, Approver],
    at: datetime,
    lifetime: timedelta,
) -> tuple[Approval, str]:
    """The approval of a request, and its token, without any queue.

    Raises:
        ConfigurationError: the key is nobody's, no longer valid, or does not have the role.
    """
    name = owner_of(key.public_text, approvers, role=request.role, at=at)
    approval = Approval(
        request.id,
        store=store,
        mission=request.mission,
        role=request.role,
        digest=request.digest,
        approver=name,
        granted_at=at,
        expires_at=at + lifetime,
    )
    return approval, write_token(approval, key.sign(approval.message()))
