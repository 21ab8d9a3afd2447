"""The SQLite ledger over processes, crashes, erasure, and files that are none."""

import asyncio
import os
import random
import re
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from offramp.contracts.clock import ManualClock
from offramp.contracts.ledger import CallKey, Opened, Said, TurnStarted
from offramp.errors import ConfigurationError, SessionError, StateError
from offramp.sessions import MemoryLedger, SQLiteLedger, open_ledger
from offramp.types import Text, ToolResult, user

OpenSqlite = Callable[..., SQLiteLedger]
OPENED = Opened(mission="triage")

CLAIM_ALL = """
import asyncio, sys
from offramp.contracts.ledger import CallKey
from offramp.sessions import SQLiteLedger

async def main():
    ledger = SQLiteLedger(sys.argv[1])
    print(sum([await ledger.start_tool("c", CallKey(1, part)) for part in range(40)]))

asyncio.run(main())
"""

APPEND_AND_DIE = """
import asyncio, os, signal, sys
from offramp.contracts.ledger import CallKey, Opened, Said
from offramp.sessions import SQLiteLedger
from offramp.types import user

async def main():
    ledger = SQLiteLedger(sys.argv[1])
    await ledger.append("c", [Opened(mission="m"), Said(user("kept"))], expected=0)
    await ledger.start_tool("c", CallKey(1, 0))
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


def process(script: str, path: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE, text=True)


async def test_each_tool_is_claimed_by_one_process_only(open_sqlite: OpenSqlite, ledger_path: Path):
    ledger = open_sqlite()
    await ledger.append("c", [OPENED], expected=0)

    running = [process(CLAIM_ALL, ledger_path) for _ in range(2)]
    claims = [int(one.communicate(timeout=30)[0]) for one in running]

    assert sum(claims) == 40


async def test_processes_may_make_the_file_at_the_same_time(ledger_path: Path):
    ledgers = [SQLiteLedger(ledger_path) for _ in range(8)]

    await asyncio.gather(*(one.append(str(number), [OPENED], expected=0) for number, one in enumerate(ledgers)))

    assert len(await ledgers[0].summaries()) == 8
    for one in ledgers:
        await one.aclose()


async def test_what_was_written_survives_a_killed_process(open_sqlite: OpenSqlite, ledger_path: Path):
    killed = process(APPEND_AND_DIE, ledger_path)
    killed.communicate(timeout=30)

    record = await open_sqlite().read("c")

    assert killed.returncode == -9
    assert record.entries[1].entry == Said(user("kept"))
    assert [(one.call, one.result) for one in record.tools] == [(CallKey(1, 0), None)]


async def test_a_writer_in_another_connection_is_noticed(open_sqlite: OpenSqlite):
    here, there = open_sqlite(), open_sqlite()
    await here.append("c", [OPENED], expected=0)
    await there.append("c", [TurnStarted(endpoint="a")], expected=1)

    with pytest.raises(SessionError, match="another writer"):
        await here.append("c", [TurnStarted(endpoint="b")], expected=1)


def bytes_on_disk(path: Path) -> bytes:
    return b"".join(one.read_bytes() for one in path.parent.iterdir() if one.is_file())


async def test_erased_content_is_nowhere_in_the_files(open_sqlite: OpenSqlite, ledger_path: Path):
    ledger, dice = open_sqlite(), random.Random(7)  # noqa: S311  # for sizes
    marks = {name: f"canary-{name}-" for name in ("erased", "kept")}
    expected = dict.fromkeys(marks, 0)
    for _ in range(60):
        for name, mark in marks.items():
            text = mark * dice.choice([1, 5, 60, 700])
            entries = [Said(user(text))] if expected[name] else [OPENED, Said(user(text))]
            expected[name] = await ledger.append(name, entries, expected=expected[name])
    await ledger.start_tool("erased", CallKey(1, 0))
    await ledger.finish_tool("erased", CallKey(1, 0), ToolResult("id", (Text("canary-erased-result"),)))
    assert b"canary-erased" in bytes_on_disk(ledger_path)

    await ledger.erase("erased")

    assert b"canary-erased" not in bytes_on_disk(ledger_path)
    assert b"canary-kept" in bytes_on_disk(ledger_path)
    assert len((await ledger.read("kept")).entries) == 61


async def test_an_erasure_that_a_reader_holds_up_says_so_and_can_be_repeated(
    open_sqlite: OpenSqlite, ledger_path: Path
):
    ledger = open_sqlite(busy_timeout_s=0.05)
    await ledger.append("c", [OPENED, Said(user("canary"))], expected=0)
    reader = sqlite3.connect(ledger_path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM entries").fetchall()

    with pytest.raises(StateError, match="still reads the log"):
        await ledger.erase("c")
    reader.close()
    await ledger.erase("c")

    assert b"canary" not in bytes_on_disk(ledger_path)


@pytest.mark.skipif(os.name != "posix", reason="file modes are a matter of POSIX")
async def test_only_the_owner_may_read_the_files(open_sqlite: OpenSqlite, ledger_path: Path):
    await open_sqlite().append("c", [OPENED], expected=0)

    modes = {stat.S_IMODE(one.stat().st_mode) for one in ledger_path.parent.iterdir() if one.is_file()}

    assert modes == {0o600}


@pytest.mark.skipif(os.name != "posix", reason="file modes are a matter of POSIX")
async def test_a_file_that_others_may_read_is_refused(open_sqlite: OpenSqlite, ledger_path: Path):
    await open_sqlite().append("c", [OPENED], expected=0)
    ledger_path.chmod(0o644)

    with pytest.raises(StateError, match=r"its mode 644 lets others in\. Run chmod 600"):
        await open_sqlite().read("c")
    assert (await open_sqlite(file_mode=0o644).read("c")).sequence == 1


@pytest.mark.parametrize(
    "content", [b"not a database, but long enough to be looked at" * 30, b"SQLite format 3\x00" + b"\xff" * 4096]
)
async def test_a_corrupt_file_is_one_error_that_names_it(content: bytes, open_sqlite: OpenSqlite, ledger_path: Path):
    ledger_path.write_bytes(content)
    ledger_path.chmod(0o600)

    with pytest.raises(StateError, match=re.escape(str(ledger_path))):
        await open_sqlite().read("c")


async def test_a_damaged_entry_is_one_error_that_names_it(open_sqlite: OpenSqlite, ledger_path: Path):
    ledger = open_sqlite()
    await ledger.append("c", [OPENED, Said(user("secret words"))], expected=0)
    with sqlite3.connect(ledger_path) as other:
        other.execute("UPDATE entries SET body = replace(body, 'user', 'judge') WHERE sequence = 2")
    other.close()

    with pytest.raises(
        StateError, match=r"ledger.db, session 'c', entry 2: value.entry.message.role is none"
    ) as caught:
        await ledger.read("c")

    assert "secret" not in str(caught.value)


async def test_a_missing_entry_is_noticed(open_sqlite: OpenSqlite, ledger_path: Path):
    ledger = open_sqlite()
    await ledger.append("c", [OPENED, Said(user("x")), Said(user("y"))], expected=0)
    with sqlite3.connect(ledger_path) as other:
        other.execute("DELETE FROM entries WHERE sequence = 2")
    other.close()

    with pytest.raises(StateError, match="entries are missing"):
        await ledger.read("c")


async def test_another_database_is_not_written_to(open_sqlite: OpenSqlite, ledger_path: Path):
    with sqlite3.connect(ledger_path) as other:
        other.execute("CREATE TABLE orders (epoch INTEGER)")
    other.close()
    ledger_path.chmod(0o600)

    with pytest.raises(StateError, match="is no ledger but another database"):
        await open_sqlite().read("c")


async def test_a_ledger_of_a_later_version_is_refused(open_sqlite: OpenSqlite, ledger_path: Path):
    await open_sqlite().append("c", [OPENED], expected=0)
    with sqlite3.connect(ledger_path) as other:
        other.execute("UPDATE ledger SET version = 2")
    other.close()

    with pytest.raises(StateError, match="This release reads version 1"):
        await open_sqlite().read("c")


async def test_a_name_that_cannot_be_written_is_one_error(open_sqlite: OpenSqlite):
    with pytest.raises(ConfigurationError, match="half a character"):
        await open_sqlite().append("\ud800", [OPENED], expected=0)


async def test_a_missing_folder_is_one_error(tmp_path: Path):
    with pytest.raises(StateError, match="Check the folder"):
        await SQLiteLedger(tmp_path / "nowhere" / "ledger.db").read("c")


async def test_a_ledger_that_is_replaced_while_open_is_noticed(open_sqlite: OpenSqlite, ledger_path: Path):
    ledger = open_sqlite()
    await ledger.append("c", [OPENED], expected=0)
    ledger_path.rename(ledger_path.with_name("elsewhere.db"))

    with pytest.raises(StateError, match="moved or replaced"):
        await ledger.append("c", [TurnStarted(endpoint="a")], expected=1)


async def test_a_writer_that_waits_too_long_gets_one_error(open_sqlite: OpenSqlite, ledger_path: Path):
    ledger = open_sqlite(busy_timeout_s=0.02)
    await ledger.append("c", [OPENED], expected=0)
    other = sqlite3.connect(ledger_path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(StateError, match="Another process holds it"):
        await ledger.append("c", [TurnStarted(endpoint="a")], expected=1)
    other.close()

    assert await ledger.append("c", [TurnStarted(endpoint="a")], expected=1) == 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
async def test_a_forked_child_opens_the_file_anew(open_sqlite: OpenSqlite):
    script = (
        "import asyncio, os, sys\n"
        "from offramp.contracts.ledger import Opened\n"
        "from offramp.sessions import SQLiteLedger\n"
        "ledger = SQLiteLedger(sys.argv[1])\n"
        "asyncio.run(ledger.append('parent', [Opened(mission='m')], expected=0))\n"
        "child = os.fork()\n"
        "asyncio.run(ledger.append(f'after-{child == 0}', [Opened(mission='m')], expected=0))\n"
        "if child == 0: os._exit(0)\n"
        "os.waitpid(child, 0)\n"
        "asyncio.run(ledger.aclose())\n"
    )
    ledger = open_sqlite()

    forking = process(script, ledger.path)
    forking.communicate(timeout=30)

    names = sorted(one.conversation for one in await ledger.summaries())
    assert (forking.returncode, names) == (0, ["after-False", "after-True", "parent"])


async def test_a_closed_ledger_opens_again_at_the_next_use(open_sqlite: OpenSqlite):
    ledger = open_sqlite()
    await ledger.append("c", [OPENED], expected=0)
    await ledger.aclose()
    await ledger.aclose()

    assert (await ledger.read("c")).sequence == 1


async def test_a_claim_waits_for_the_disk_and_other_writes_do_not(open_sqlite: OpenSqlite):
    ledger = open_sqlite()
    await ledger.append("c", [OPENED], expected=0)
    asked: list[str] = []
    assert ledger._connection is not None
    ledger._connection.set_trace_callback(asked.append)

    await ledger.start_tool("c", CallKey(1, 0))
    await ledger.append("c", [TurnStarted(endpoint="a")], expected=1)

    kept = [one for one in asked if "synchronous" in one or one in ("BEGIN IMMEDIATE", "COMMIT")]
    assert kept == [
        "PRAGMA synchronous=FULL",
        "BEGIN IMMEDIATE",
        "COMMIT",
        "PRAGMA synchronous=NORMAL",
        "BEGIN IMMEDIATE",
        "COMMIT",
    ]


def test_a_ledger_is_opened_by_its_url(tmp_path: Path, clock: ManualClock):
    file = open_ledger("sqlite:ledger.db", base=tmp_path, clock=clock)

    assert isinstance(file, SQLiteLedger)
    assert file.path == tmp_path / "ledger.db"
    assert isinstance(open_ledger("memory"), MemoryLedger)


@pytest.mark.parametrize("url", ["", "ledger.db", "sqlite:", "memory:x", "postgres://user:secret@host/db"])
def test_an_unknown_url_is_refused_without_quoting_it(url: str):
    with pytest.raises(ConfigurationError, match=r"sqlite:ledger\.db") as caught:
        open_ledger(url)

    assert "secret" not in str(caught.value)


def test_a_retention_of_nothing_is_refused(tmp_path: Path):
    with pytest.raises(ConfigurationError, match="retention_days"):
        SQLiteLedger(tmp_path / "ledger.db", retention_days=0)
