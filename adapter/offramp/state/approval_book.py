"""The queue of approvals beside a state, and which of them were used: by one call, whatever the number of replicas."""

import secrets
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from typing_extensions import override  # pydantic requires it; `typing` has it from Python 3.12

from offramp.contracts.oversight import ApprovalBook, ApprovalRequest
from offramp.state.oversight_file import OversightFile

_COLUMNS: Final = "id, mission, role, digest, asked_at, expires_at, state, by, ruled_at, token, content"
_KEPT: Final = timedelta(days=30)
"""How long what was granted, and what nobody answered, stays to be looked up. A denial stays for good."""


class FileApprovalBook(ApprovalBook):
    """In the file of oversight."""

    def __init__(self, file: OversightFile) -> None:
        self._file = file

    @property
    @override
    def store(self) -> str:
        return self._file.id

    @override
    def keyed(self, content: bytes) -> str:
        return self._file.keyed(content)

    @override
    def file(self, *, mission: str, role: str, digest: str, wait_s: float, content: str | None) -> ApprovalRequest:
        now = self._file.clock.now()
        made = ApprovalRequest(
            secrets.token_hex(8),
            mission=mission,
            role=role,
            digest=digest,
            asked_at=now,
            expires_at=now + timedelta(seconds=wait_s),
            content=content,
        )
        with self._file.writing(durably=True) as connection:
            _tidy(connection, now)
            known = connection.execute(
                f"SELECT {_COLUMNS} FROM requests WHERE mission=? AND role=? AND digest=? AND state != 'granted'",  # noqa: S608  # our own words
                (mission, role, digest),
            ).fetchone()
            if known is not None and not _is_over(_request(known), now):
                return _request(known)
            if known is not None:
                connection.execute("DELETE FROM requests WHERE id=?", (known[0],))
            connection.execute(f"INSERT INTO requests VALUES ({', '.join('?' * 11)})", _row(made))  # noqa: S608
        return made

    @override
    def request(self, request: str) -> ApprovalRequest | None:
        found = self._file.rows(f"SELECT {_COLUMNS} FROM requests WHERE id=?", request)  # noqa: S608
        return _request(found[0]) if found else None

    @override
    def requests(self) -> tuple[ApprovalRequest, ...]:
        if not self._file.exists:
            return ()
        return tuple(map(_request, self._file.rows(f"SELECT {_COLUMNS} FROM requests ORDER BY asked_at, id")))  # noqa: S608

    @override
    def rule(self, request: str, *, state: Literal["granted", "denied"], by: str, token: str | None) -> bool:
        now = self._file.clock.now()
        with self._file.writing(durably=True) as connection:
            ruled = connection.execute(
                "UPDATE requests SET state=?, by=?, ruled_at=?, token=?, content=NULL"
                " WHERE id=? AND state='pending' AND expires_at > ?",
                (state, by, now.isoformat(), token, request, now.isoformat()),
            )
            return ruled.rowcount == 1

    @override
    def denial_of(self, *, mission: str, role: str, digest: str) -> ApprovalRequest | None:
        found = self._file.rows(
            f"SELECT {_COLUMNS} FROM requests WHERE mission=? AND role=? AND digest=? AND state='denied'",  # noqa: S608
            mission,
            role,
            digest,
        )
        return _request(found[0]) if found else None

    @override
    def spend(self, approval: str, *, call_id: str) -> bool:
        at = self._file.clock.now().isoformat()
        with self._file.writing(durably=True) as connection:
            connection.execute("INSERT OR IGNORE INTO spent VALUES (?, ?, ?)", (approval, call_id, at))
            holder = connection.execute("SELECT call_id FROM spent WHERE approval=?", (approval,)).fetchone()
            return bool(holder[0] == call_id)

    @override
    def spent(self, approval: str) -> str | None:
        found = self._file.rows("SELECT call_id FROM spent WHERE approval=?", approval)
        return found[0][0] if found else None


def _tidy(connection: Any, now: datetime) -> None:
    """Content is gone once its time is over; rows are kept a while longer. What was used is kept for good."""
    at = now.isoformat()
    connection.execute("UPDATE requests SET content=NULL WHERE content IS NOT NULL AND expires_at <= ?", (at,))
    old = (now - _KEPT).isoformat()
    connection.execute("DELETE FROM requests WHERE state != 'denied' AND expires_at <= ?", (old,))


def _is_over(request: ApprovalRequest, now: datetime) -> bool:
    return request.state == "pending" and now >= request.expires_at


def _row(request: ApprovalRequest) -> tuple[object, ...]:
    asked, until = request.asked_at.isoformat(), request.expires_at.isoformat()
    head = (request.id, request.mission, request.role, request.digest, asked, until, request.state)
    return (*head, None, None, None, request.content)


def _request(row: Any) -> ApprovalRequest:
    identifier, mission, role, digest, asked_at, expires_at, state, by, ruled_at, token, content = row
    return ApprovalRequest(
        identifier,
        mission=mission,
        role=role,
        digest=digest,
        asked_at=datetime.fromisoformat(asked_at),
        expires_at=datetime.fromisoformat(expires_at),
        state=state,
        by=by,
        ruled_at=datetime.fromisoformat(ruled_at) if ruled_at else None,
        token=token,
        content=content,
    )
