"""Both ledgers keep the promises of their seam."""

import asyncio
import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, assume, given, settings

from offramp import json_form
from offramp.contracts.clock import ManualClock
from offramp.contracts.ledger import (
    CallKey,
    Entry,
    HandedOff,
    Labelled,
    Ledger,
    LossesNoted,
    Opened,
    Record,
    Said,
    TurnFinished,
    TurnInterrupted,
    TurnStarted,
    interrupted,
)
from offramp.errors import SessionError
from offramp.sessions import MemoryLedger, SQLiteLedger
from offramp.types import (
    Loss,
    Message,
    Opaque,
    Origin,
    Outcome,
    OutcomeKind,
    Reasoning,
    Severity,
    Text,
    ToolResult,
    Wire,
    assistant,
    user,
)
from support.strategies import values

OPENED = Opened(mission="triage", labels=("triage:1",))
STARTED = TurnStarted(endpoint="a")
FINISHED = TurnFinished(endpoint="a", outcome=Outcome(OutcomeKind.COMPLETED, raw="end_turn"))
CUT = TurnInterrupted(endpoint="a", partial=Message("assistant", (Text("half"),), status="interrupted"), why="stopped")
LOSS = Loss(code="reasoning.foreign", path="messages[1]", action="dropped", severity=Severity.BEHAVIOURAL, why="w")


async def test_entries_come_back_as_they_were_written_and_in_order(ledger: Ledger):
    kept: list[Entry] = [
        OPENED,
        Said(user("hello")),
        STARTED,
        LossesNoted((LOSS,), endpoint="a"),
        CUT,
        HandedOff(from_endpoint="a", to_endpoint="b", losses=(LOSS,), warnings=("w",)),
        FINISHED,
        Labelled(("cui",)),
    ]

    first = await ledger.append("c", kept[:3], expected=0)
    last = await ledger.append("c", kept[3:], expected=first)
    record = await ledger.read("c")

    assert [one.entry for one in record.entries] == kept
    assert [one.sequence for one in record.entries] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert (first, last, record.sequence) == (3, 8, 8)


async def test_a_message_keeps_its_issuers_own_bytes(ledger: Ledger):
    said = Message(
        "assistant",
        (
            Reasoning("why", opaque=(Opaque("signature", "c2ln"),)),
            Text("so", wire=Wire(dialect="d", fields={"x": 1.0})),
        ),
        origin=Origin(developer="a", host="a", dialect="d", response_id="r"),
        wire=Wire(dialect="d", form=("content=string",)),
    )

    await ledger.append("c", [OPENED, Said(said)], expected=0)

    assert (await ledger.read("c")).entries[1].entry == Said(said)


async def test_an_unknown_conversation_is_empty(ledger: Ledger):
    record = await ledger.read("nobody")

    assert (record.entries, record.tools, record.sequence, record.erased) == ((), (), 0, None)


async def test_a_second_writer_is_refused_and_nothing_is_lost(ledger: Ledger):
    await ledger.append("c", [OPENED], expected=0)
    await ledger.append("c", [Said(user("first"))], expected=1)

    with pytest.raises(SessionError, match="another writer"):
        await ledger.append("c", [Said(user("second")), STARTED], expected=1)

    assert [one.entry for one in (await ledger.read("c")).entries] == [OPENED, Said(user("first"))]


async def test_of_two_that_open_one_conversation_one_is_refused(ledger: Ledger):
    outcomes = await asyncio.gather(
        *(ledger.append("c", [OPENED], expected=0) for _ in range(4)), return_exceptions=True
    )

    assert sorted(type(one).__name__ for one in outcomes) == ["SessionError", "SessionError", "SessionError", "int"]


@pytest.mark.parametrize("entries", [[], [STARTED], [STARTED, OPENED], [OPENED, OPENED]], ids=str)
async def test_a_conversation_begins_with_one_opening(ledger: Ledger, entries: list[Entry]):
    with pytest.raises(SessionError, match="begins with one"):
        await ledger.append("c", entries, expected=0)


async def test_a_conversation_is_opened_once_only(ledger: Ledger):
    await ledger.append("c", [OPENED], expected=0)

    with pytest.raises(SessionError, match="begins with one"):
        await ledger.append("c", [OPENED], expected=1)


async def test_a_tool_is_claimed_once_among_many(ledger: Ledger):
    await ledger.append("c", [OPENED], expected=0)

    claims = await asyncio.gather(*(ledger.start_tool("c", CallKey(1, 0)) for _ in range(8)))

    assert sorted(claims) == [False] * 7 + [True]


async def test_calls_of_one_id_in_other_places_are_other_calls(ledger: Ledger):
    await ledger.append("c", [OPENED], expected=0)
    await ledger.append("d", [OPENED], expected=0)

    claims = [
        await ledger.start_tool(*where) for where in [("c", CallKey(1, 0)), ("c", CallKey(1, 1)), ("d", CallKey(1, 0))]
    ]

    assert claims == [True, True, True]


async def test_a_started_tool_without_result_is_unknown_and_stays_claimed(ledger: Ledger, clock: ManualClock):
    await ledger.append("c", [OPENED], expected=0)
    await ledger.start_tool("c", CallKey(1, 0))

    (tool,) = (await ledger.read("c")).tools

    assert (tool.started, tool.finished, tool.result) == (clock.now(), None, None)
    assert await ledger.start_tool("c", CallKey(1, 0)) is False


async def test_a_result_is_kept_once(ledger: Ledger):
    await ledger.append("c", [OPENED], expected=0)
    await ledger.start_tool("c", CallKey(1, 0))
    result = ToolResult("id", (Text("42"),))

    await ledger.finish_tool("c", CallKey(1, 0), result)
    with pytest.raises(SessionError, match="has a result already"):
        await ledger.finish_tool("c", CallKey(1, 0), ToolResult("id", (Text("43"),)))

    assert (await ledger.read("c")).tools[0].result == result


async def test_a_denied_call_can_no_longer_be_started(ledger: Ledger):
    await ledger.append("c", [OPENED], expected=0)

    await ledger.finish_tool("c", CallKey(1, 0), ToolResult("id", (), status="denied"))

    assert await ledger.start_tool("c", CallKey(1, 0)) is False
    assert (await ledger.read("c")).tools[0].started is None


async def test_no_tool_starts_in_a_conversation_that_does_not_exist(ledger: Ledger):
    with pytest.raises(SessionError, match="no such conversation"):
        await ledger.start_tool("nobody", CallKey(0, 0))
    with pytest.raises(SessionError, match="no such conversation"):
        await ledger.finish_tool("nobody", CallKey(0, 0), ToolResult("id", ()))


async def test_interrupted_lists_what_was_cut_and_what_never_ended(ledger: Ledger, clock: ManualClock):
    for name, entries in {"done": [FINISHED], "cut": [CUT], "open": [], "redone": [CUT, STARTED, FINISHED]}.items():
        clock.advance(1)
        await ledger.append(name, [OPENED, STARTED, *entries], expected=0)

    found = await interrupted(ledger)

    assert [(one.conversation, one.status, one.endpoint) for one in found] == [
        ("cut", "interrupted", "a"),
        ("open", "running", "a"),
    ]


async def test_summaries_hold_no_content(ledger: Ledger):
    await ledger.append("c", [OPENED, Said(user("secret words")), STARTED, CUT], expected=0)

    (summary,) = await ledger.summaries()

    assert (summary.mission, summary.sequence) == ("triage", 4)
    assert "secret" not in repr(summary)
    assert "half" not in repr(summary)


async def test_a_conversation_sticks_to_where_it_was_handed(ledger: Ledger):
    await ledger.append("c", [OPENED, STARTED, CUT, HandedOff(from_endpoint="a", to_endpoint="b")], expected=0)

    assert (await ledger.summaries())[0].endpoint == "b"


async def test_erasing_leaves_a_tombstone_without_content(ledger: Ledger, clock: ManualClock):
    await ledger.append("c", [OPENED, Said(user("secret words"))], expected=0)
    await ledger.start_tool("c", CallKey(1, 0))

    await ledger.erase("c")
    await ledger.erase("c")
    record, (summary,) = await ledger.read("c"), await ledger.summaries()

    assert (record.entries, record.tools, record.erased) == ((), (), clock.now())
    assert (summary.status, summary.mission, summary.endpoint) == ("erased", None, None)


async def test_nothing_is_added_to_a_tombstone(ledger: Ledger):
    await ledger.append("c", [OPENED], expected=0)
    await ledger.erase("c")

    with pytest.raises(SessionError, match="was erased"):
        await ledger.append("c", [OPENED], expected=0)
    with pytest.raises(SessionError, match="was erased"):
        await ledger.start_tool("c", CallKey(0, 0))


async def test_erasing_what_is_not_there_is_an_error(ledger: Ledger):
    with pytest.raises(SessionError, match="no such conversation"):
        await ledger.erase("nobody")


async def test_what_is_untouched_for_longer_than_the_retention_is_erased(ledger: Ledger, clock: ManualClock):
    await ledger.append("old", [OPENED], expected=0)
    await ledger.append("used", [OPENED], expected=0)
    clock.advance(20 * 86400)
    await ledger.append("used", [STARTED], expected=1)
    clock.advance(11 * 86400)

    expired = await ledger.expire()

    assert expired == ("old",)
    assert (await ledger.read("used")).erased is None


async def test_a_working_ledger_expires_by_itself(ledger: Ledger, clock: ManualClock):
    await ledger.append("old", [OPENED], expected=0)
    clock.advance(31 * 86400)

    await ledger.append("new", [OPENED], expected=0)

    assert (await ledger.read("old")).erased is not None


def written(name: str) -> bool:
    return all(not 0xD800 <= ord(letter) < 0xE000 for letter in name)


@settings(max_examples=20, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(entries=values(tuple[Said | TurnStarted | TurnInterrupted | LossesNoted | HandedOff, ...]))
async def test_any_entries_survive_the_file(entries: tuple[Entry, ...], ledger_path: Path):
    assume(
        all(
            written(name)
            for entry in entries
            for name in (getattr(entry, "endpoint", ""), getattr(entry, "to_endpoint", ""))
        )
    )
    ledger_path.unlink(missing_ok=True)
    file, memory = SQLiteLedger(ledger_path), MemoryLedger()
    for one in (file, memory):
        await one.append("c", [OPENED, Said(assistant("x")), *entries], expected=0)

    kept = await file.read("c")
    await file.aclose()

    assert [one.entry for one in kept.entries] == [one.entry for one in (await memory.read("c")).entries]


async def test_a_conversation_is_exported_as_versioned_json(ledger: Ledger):
    await ledger.append("c", [OPENED, Said(user("hello")), STARTED, CUT], expected=0)
    await ledger.finish_tool("c", CallKey(1, 0), ToolResult("id", (Text("42"),)))
    record = await ledger.read("c")

    exported = json_form.dump(record)

    assert json_form.load(Record, exported) == record
    schema = json_form.json_schema(Record)
    jsonschema.validate(json.loads(exported)["value"], {**schema, "anyOf": [{"$ref": "#/$defs/Record"}]})


async def test_a_note_leaves_status_and_endpoint_as_they_were(ledger: Ledger):
    await ledger.append("c", [OPENED, STARTED, CUT], expected=0)
    await ledger.append("c", [Labelled(("cui",))], expected=3)

    (summary,) = await ledger.summaries()

    assert (summary.status, summary.endpoint) == ("interrupted", "a")
