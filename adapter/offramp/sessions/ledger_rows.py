"""What a ledger's SQLite file is asked, as plain functions on one connection. Each runs in one transaction."""

import sqlite3
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

from offramp import json_form
from offramp.contracts.ledger import (
    CallKey,
    ConversationStatus,
    Entry,
    Opened,
    Record,
    Recorded,
    Summary,
    ToolRecord,
    endpoint_after,
    status_after,
)
from offramp.errors import StateError
from offramp.sessions.rules import check_append, check_known, check_not_erased, check_unanswered
from offramp.types import ToolResult, value


@value
class _Body:
    """What one row of entries holds."""

    entry: Entry


@value
class _Head:
    """One row of conversations."""

    status: ConversationStatus
    endpoint: str | None
    sequence: int
    erased: datetime | None


_NOBODY: Final = _Head("idle", None, 0, None)


@contextmanager
def _writing(connection: sqlite3.Connection) -> Generator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if connection.in_transaction:  # a full disk has ended it already
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


@contextmanager
def _reading(connection: sqlite3.Connection) -> Generator[None]:
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")


def append(
    connection: sqlite3.Connection, conversation: str, entries: Sequence[Entry], *, expected: int, now: datetime
) -> int:
    """As `Ledger.append`."""
    at, last = _instant(now), expected + len(entries)
    bodies = [json_form.dump(_Body(entry)) for entry in entries]
    with _writing(connection):
        head = _head(connection, conversation) or _NOBODY
        check_append(conversation, entries, expected=expected, found=head.sequence, erased=head.erased is not None)
        if isinstance(entries[0], Opened):
            row = (conversation, entries[0].mission, at, at)
            connection.execute("INSERT INTO conversations VALUES (?, ?, 'idle', NULL, 0, ?, ?, NULL)", row)
        rows = [(conversation, number, at, body) for number, body in enumerate(bodies, start=expected + 1)]
        connection.executemany("INSERT INTO entries VALUES (?, ?, ?, ?)", rows)
        status, endpoint = status_after(entries, head.status), endpoint_after(entries, head.endpoint)
        connection.execute(
            "UPDATE conversations SET sequence=?, updated=?, status=?, endpoint=? WHERE id=?",
            (last, at, status, endpoint, conversation),
        )
    return last


def read(connection: sqlite3.Connection, conversation: str, *, where: str) -> Record:
    """As `Ledger.read`."""
    with _reading(connection):
        head = _head(connection, conversation)
        entries = connection.execute(
            "SELECT sequence, at, body FROM entries WHERE conversation=? ORDER BY sequence", (conversation,)
        ).fetchall()
        tools = connection.execute(
            "SELECT message, part, started, finished, result FROM tools WHERE conversation=? ORDER BY message, part",
            (conversation,),
        ).fetchall()
    place = f"{where}, session {conversation!r}"
    if head is not None and len(entries) != head.sequence:
        raise StateError("entries are missing", where=place, mend="restore the file from a backup")
    return Record(
        conversation,
        entries=tuple(_recorded(row, place) for row in entries),
        tools=tuple(_tool(row, place) for row in tools),
        erased=head.erased if head else None,
    )


def start_tool(connection: sqlite3.Connection, conversation: str, call: CallKey, *, now: datetime) -> bool:
    """As `Ledger.start_tool`. Waits for the disk: a claim that a power failure undid would let the tool run twice."""
    connection.execute("PRAGMA synchronous=FULL")
    try:
        with _writing(connection):
            _check_open(connection, conversation)
            row = (conversation, call.message, call.part, _instant(now))
            made = connection.execute("INSERT OR IGNORE INTO tools VALUES (?, ?, ?, ?, NULL, NULL)", row)
            _touch(connection, conversation, now)
    finally:
        connection.execute("PRAGMA synchronous=NORMAL")
    return made.rowcount == 1


def finish_tool(
    connection: sqlite3.Connection, conversation: str, call: CallKey, result: ToolResult, *, now: datetime
) -> None:
    """As `Ledger.finish_tool`."""
    body = json_form.dump(result)
    key = (conversation, call.message, call.part)
    with _writing(connection):
        _check_open(connection, conversation)
        connection.execute("INSERT OR IGNORE INTO tools VALUES (?, ?, ?, NULL, NULL, NULL)", key)
        made = connection.execute(
            "UPDATE tools SET finished=?, result=? WHERE conversation=? AND message=? AND part=? AND result IS NULL",
            (_instant(now), body, *key),
        )
        check_unanswered(conversation, answered=made.rowcount != 1)
        _touch(connection, conversation, now)


def summaries(connection: sqlite3.Connection, status: Sequence[ConversationStatus]) -> tuple[Summary, ...]:
    """As `Ledger.summaries`."""
    rows = connection.execute(
        "SELECT id, mission, status, endpoint, sequence, opened, updated FROM conversations ORDER BY updated, id"
    )
    return tuple(_summary(row) for row in rows if not status or row[2] in status)


def expired(connection: sqlite3.Connection, limit: datetime) -> tuple[str, ...]:
    """The conversations last touched before the limit."""
    rows = connection.execute(
        "SELECT id FROM conversations WHERE erased IS NULL AND updated < ? ORDER BY id", (_instant(limit),)
    )
    return tuple(row[0] for row in rows)


def erase(connection: sqlite3.Connection, conversations: Sequence[str], *, now: datetime) -> None:
    """Leave tombstones. What was overwritten still stands in the write-ahead log until `truncate_log`."""
    at = _instant(now)
    with _writing(connection):
        for conversation in conversations:
            head = _head(connection, conversation)
            check_known(conversation, known=head is not None)
            if head is not None and head.erased is not None:
                continue
            connection.execute("DELETE FROM entries WHERE conversation=?", (conversation,))
            connection.execute("DELETE FROM tools WHERE conversation=?", (conversation,))
            connection.execute(
                "UPDATE conversations SET mission=NULL, endpoint=NULL, status='erased', sequence=0, updated=?, erased=?"
                " WHERE id=?",
                (at, at, conversation),
            )


def truncate_log(connection: sqlite3.Connection) -> bool:
    """Write the log back into the file and empty it. False: a reader held on to it for longer than the time-out."""
    busy: int = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    return busy == 0


def _head(connection: sqlite3.Connection, conversation: str) -> _Head | None:
    row = connection.execute(
        "SELECT status, endpoint, sequence, erased FROM conversations WHERE id=?", (conversation,)
    ).fetchone()
    return _Head(row[0], row[1], row[2], _moment(row[3])) if row else None


def _check_open(connection: sqlite3.Connection, conversation: str) -> None:
    head = _head(connection, conversation)
    check_known(conversation, known=head is not None)
    check_not_erased(conversation, erased=head is not None and head.erased is not None)


def _touch(connection: sqlite3.Connection, conversation: str, now: datetime) -> None:
    connection.execute("UPDATE conversations SET updated=? WHERE id=?", (_instant(now), conversation))


def _instant(moment: datetime) -> str:
    """Of one length for all moments, so that text order is time order."""
    return moment.isoformat(timespec="microseconds")


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _recorded(row: Any, place: str) -> Recorded:
    body = json_form.load(_Body, row[2], where=f"{place}, entry {row[0]}")
    return Recorded(row[0], datetime.fromisoformat(row[1]), body.entry)


def _tool(row: Any, place: str) -> ToolRecord:
    where = f"{place}, tool call {row[0]}.{row[1]}"
    return ToolRecord(
        CallKey(row[0], row[1]),
        started=_moment(row[2]),
        finished=_moment(row[3]),
        result=None if row[4] is None else json_form.load(ToolResult, row[4], where=where),
    )


def _summary(row: Any) -> Summary:
    return Summary(
        row[0],
        mission=row[1],
        status=row[2],
        endpoint=row[3],
        sequence=row[4],
        opened=datetime.fromisoformat(row[5]),
        updated=datetime.fromisoformat(row[6]),
    )
