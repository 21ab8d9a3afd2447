"""A conversation is what its ledger's entries amount to."""

from datetime import UTC, datetime

import pytest

from offramp.contracts.ledger import (
    CallKey,
    Entry,
    HandedOff,
    Labelled,
    Opened,
    Record,
    Recorded,
    Said,
    ToolRecord,
    TurnFinished,
    TurnInterrupted,
    TurnStarted,
)
from offramp.errors import SessionError
from offramp.sessions import Conversation, conversation_of, extended, pending_calls, tool_message, with_tools
from offramp.types import Message, Outcome, OutcomeKind, Text, ToolCall, ToolResult, assistant, user

NOW = datetime(2026, 11, 23, tzinfo=UTC)
OPENED = Opened(mission="triage", labels=("triage:1",))
FINISHED = TurnFinished(endpoint="a", outcome=Outcome(OutcomeKind.COMPLETED))
PARTIAL = Message("assistant", (Text("half"),))
CUT = TurnInterrupted(endpoint="a", partial=PARTIAL, why="stopped")


def calling(*ids: str) -> Message:
    return assistant("let me look", *(ToolCall(one, "look", "{}") for one in ids))


def results(*ids: str) -> Message:
    return Message("tool", tuple(ToolResult(one, (Text(one),)) for one in ids))


def read(*entries: Entry, tools: tuple[ToolRecord, ...] = ()) -> Conversation:
    recorded = tuple(Recorded(number, NOW, entry) for number, entry in enumerate(entries, start=1))
    return conversation_of(Record("c", entries=recorded, tools=tools))


def keys(conversation: Conversation) -> list[tuple[int, int, str]]:
    return [(one.key.message, one.key.part, one.fate) for one in conversation.pending]


def test_an_empty_record_is_a_conversation_that_has_not_begun():
    conversation = read()

    assert (conversation.mission, conversation.messages, conversation.sequence) == (None, (), 0)
    assert (conversation.status, conversation.endpoint) == ("idle", None)


def test_messages_stand_in_order_and_partial_ones_are_marked():
    conversation = read(OPENED, Said(user("hello")), TurnStarted(endpoint="a"), CUT)

    assert [(one.role, one.status) for one in conversation.messages] == [
        ("user", "complete"),
        ("assistant", "interrupted"),
    ]
    assert conversation.messages[1].text == "half"
    assert conversation.status == "interrupted"


def test_labels_are_the_union_and_never_shed():
    conversation = read(OPENED, TurnStarted(endpoint="a", labels=("b:2",)), FINISHED, Labelled(("a:0",)))

    assert conversation.labels == ("a:0", "b:2", "triage:1")


def test_it_sticks_to_its_last_endpoint():
    assert read(OPENED, TurnStarted(endpoint="a"), FINISHED).endpoint == "a"
    assert read(OPENED, TurnStarted(endpoint="a"), CUT, HandedOff(from_endpoint="a", to_endpoint="b")).endpoint == "b"


def test_an_erased_conversation_is_not_read():
    with pytest.raises(SessionError, match="erased"):
        conversation_of(Record("c", entries=(), erased=NOW))


def test_calls_without_result_are_pending_with_their_fate():
    done = ToolResult("z", (Text("done"),))
    tools = (
        ToolRecord(CallKey(1, 2), started=NOW),
        ToolRecord(CallKey(1, 3), started=NOW, finished=NOW, result=done),
    )

    conversation = read(OPENED, Said(user("hello")), Said(calling("x", "y", "z")), FINISHED, tools=tools)

    assert keys(conversation) == [(1, 1, "never_started"), (1, 2, "unknown"), (1, 3, "finished")]
    assert conversation.pending[2].result == done


def test_answered_calls_are_not_pending():
    assert pending_calls([user("hello"), calling("x", "y"), results("y"), results("x")]) == ()


def test_results_in_the_users_message_answer_too():
    answer = Message("user", (ToolResult("x", ()), Text("and now?")))

    assert pending_calls([user("hello"), calling("x"), answer]) == ()
    assert [one.call.call_id for one in pending_calls([calling("x"), calling("y"), answer])] == ["x", "y"]


def test_calls_of_an_answer_that_was_cut_off_are_never_run():
    partial = Message("assistant", (ToolCall("x", "look", '{"pl'),), status="interrupted")

    assert pending_calls([user("hello"), partial]) == ()


def test_calls_that_the_vendor_runs_are_not_ours():
    searching = assistant(ToolCall("x", "search", "{}", executor="vendor"))

    assert pending_calls([searching]) == ()


def test_one_id_in_two_turns_is_two_calls():
    messages = [calling("x"), results("x"), calling("x")]

    assert [(one.key.message, one.key.part) for one in pending_calls(messages)] == [(2, 1)]


def test_one_id_twice_in_a_turn_needs_two_results():
    assert [one.key.part for one in pending_calls([calling("x", "x"), results("x")])] == [2]


STORY: list[Entry] = [
    OPENED,
    Said(user("hello")),
    TurnStarted(endpoint="a", labels=("l",)),
    CUT,
    HandedOff(from_endpoint="a", to_endpoint="b"),
    TurnStarted(endpoint="b"),
    Said(calling("x")),
    FINISHED,
    Said(results("x")),
    Labelled(("m",)),
]


@pytest.mark.parametrize("at", range(len(STORY)))
def test_extending_equals_reading_again(at: int):
    before = read(*STORY[:at])

    assert extended(before, STORY[at:], sequence=len(STORY)) == read(*STORY)


def test_tools_can_be_brought_up_to_date():
    started = ToolRecord(CallKey(0, 1), started=NOW)
    finished = ToolRecord(CallKey(0, 1), started=NOW, finished=NOW, result=ToolResult("x", ()))
    conversation = read(OPENED, Said(calling("x")))

    fates = [keys(with_tools(conversation, tools))[0][2] for tools in ([], [started], [started, finished])]

    assert fates == ["never_started", "unknown", "finished"]


def test_finished_calls_make_one_message_in_call_order():
    tools = tuple(
        ToolRecord(CallKey(0, part), started=NOW, finished=NOW, result=ToolResult(name, ()))
        for part, name in ((2, "y"), (1, "x"))
    )

    message = tool_message(read(OPENED, Said(calling("x", "y")), tools=tools).pending)

    assert message == Message("tool", (ToolResult("x", ()), ToolResult("y", ())))


def test_an_unsettled_call_makes_no_message():
    with pytest.raises(SessionError, match="no result yet"):
        tool_message(read(OPENED, Said(calling("x"))).pending)
