"""A hand-off is planned, with every loss named, before anything is sent."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from offramp.contracts.dialect import EncodedRequest, Target
from offramp.contracts.ledger import CallKey, ToolRecord
from offramp.errors import ConfigurationError
from offramp.sessions import HandoffPlan, plan_handoff
from offramp.types import (
    FunctionTool,
    GenerateRequest,
    Loss,
    Message,
    Opaque,
    Origin,
    Reasoning,
    Severity,
    Text,
    ToolCall,
    ToolResult,
    Wire,
    assistant,
    user,
)

NOW = datetime(2026, 11, 23, tzinfo=UTC)
A = Origin(developer="acme", host="acme", dialect="one", model="a-1")
B = Origin(developer="bolt", host="bolt", dialect="two", model="b-1")
TO_A, TO_B = Target(origin=A), Target(origin=B)


def calling(*ids: str, origin: Origin | None = A) -> Message:
    return Message("assistant", tuple(ToolCall(one, "look", "{}") for one in ids), origin=origin)


def results(*ids: str, **fields: Any) -> Message:
    return Message("tool", tuple(ToolResult(one, (Text(f"of {one}"),)) for one in ids), **fields)


def codes(plan: HandoffPlan) -> list[tuple[str, str]]:
    return [(loss.code, loss.path) for loss in plan.losses]


def ids(plan: HandoffPlan) -> list[list[str]]:
    return [
        [part.call_id for part in message.parts if isinstance(part, ToolCall | ToolResult)] for message in plan.messages
    ]


def test_what_needs_no_change_is_the_very_same():
    history = [
        user("hello"),
        calling("x", "y"),
        results("x", "y"),
        Message("assistant", (Text("so"),), origin=A),
        user("?"),
    ]

    plan = plan_handoff(history, TO_B)

    assert all(sent is kept for sent, kept in zip(plan.messages, history, strict=True))
    assert (plan.losses, plan.warnings, plan.pending, plan.ready) == ((), (), (), True)


def test_an_answer_that_was_cut_off_is_named_and_not_sent():
    half = Message("assistant", (Text("half of a senten"),), origin=A, status="interrupted")

    plan = plan_handoff([user("hello"), half], TO_B)

    assert plan.messages == (user("hello"),)
    assert codes(plan) == [("message.interrupted", "messages[1]")]
    assert plan.losses[0].severity is Severity.BEHAVIOURAL
    assert "senten" not in repr(plan)


def test_neither_is_it_sent_back_to_its_own_vendor():
    half = Message("assistant", (Text("half"),), origin=A, status="interrupted")

    assert plan_handoff([user("hello"), half, user("again")], TO_A).messages == (user("hello"), user("again"))


def test_results_of_an_answer_that_was_cut_off_go_with_it():
    half = replace(calling("x"), status="interrupted")

    plan = plan_handoff([user("hello"), half, results("x"), user("?")], TO_B)

    assert plan.messages == (user("hello"), user("?"))
    assert codes(plan) == [("message.interrupted", "messages[1]"), ("tool_result.interrupted", "messages[2]")]


def test_a_call_that_never_started_may_be_run_first():
    plan = plan_handoff([user("hello"), calling("x")], TO_B, when_unknown="interrupt")

    assert [(one.call.call_id, one.fate) for one in plan.pending] == [("x", "never_started")]
    assert not plan.ready


def test_a_call_of_unknown_fate_waits_for_the_caller():
    plan = plan_handoff([calling("x")], TO_B, tools=[ToolRecord(CallKey(0, 0), started=NOW)])

    assert [one.fate for one in plan.pending] == ["unknown"]
    assert plan.losses == ()


def test_a_call_of_unknown_fate_is_told_to_the_model_where_the_caller_says_so():
    tools = [ToolRecord(CallKey(0, 0), started=NOW)]

    plan = plan_handoff([calling("x")], TO_B, tools=tools, when_unknown="interrupt")

    (result,) = plan.messages[1].parts
    assert isinstance(result, ToolResult)
    assert (result.call_id, result.status) == ("x", "interrupted")
    assert [(loss.code, loss.action, loss.path) for loss in plan.losses] == [
        ("tool_result.injected", "injected", "messages[0].parts[0]")
    ]
    assert plan.ready


def test_a_result_that_only_the_ledger_knows_joins_the_others_in_call_order():
    known = ToolResult("x", (Text("late"),), status="error")
    tools = [ToolRecord(CallKey(0, 0), started=NOW, finished=NOW, result=known)]

    plan = plan_handoff([calling("x", "y"), results("y")], TO_B, tools=tools)

    assert plan.messages[1].parts == (known, results("y").parts[0])
    assert plan.losses == ()


def test_results_of_one_turn_are_joined_in_call_order():
    plan = plan_handoff([calling("x", "y", "z"), results("z", "x"), results("y")], TO_B)

    assert ids(plan) == [["x", "y", "z"], ["x", "y", "z"]]
    assert codes(plan) == [("tool_result.order", "messages[1]")]
    assert plan.losses[0].severity is Severity.COSMETIC


def test_a_result_of_no_call_is_left_for_the_encoder_to_name():
    plan = plan_handoff([calling("x"), results("stray", "x")], TO_B)

    assert ids(plan) == [["x"], ["x", "stray"]]
    assert codes(plan) == [("tool_result.order", "messages[1]")]


def test_residue_of_a_joined_message_is_named():
    wire = Wire(dialect="one", fields={"name": "n"})

    plan = plan_handoff([calling("x", "y"), results("x"), results("y", wire=wire)], TO_A)

    assert ("vendor_field", "messages[2].wire.fields.name") in codes(plan)


def test_results_in_the_users_message_go_to_their_turn():
    mixed = Message("user", (ToolResult("x", ()), Text("and now?")))

    plan = plan_handoff([calling("x"), mixed], TO_B)

    assert plan.messages == (calling("x"), Message("tool", (ToolResult("x", ()),)), user("and now?"))
    assert codes(plan) == [("tool_result.order", "messages[1]")]


def test_a_users_message_of_results_alone_becomes_the_tool_message():
    plan = plan_handoff([calling("x"), Message("user", (ToolResult("x", ()),))], TO_B)

    assert plan.messages == (calling("x"), Message("tool", (ToolResult("x", ()),)))


def test_denied_and_failed_results_keep_their_meaning():
    history = [
        calling("x", "y"),
        Message("tool", (ToolResult("x", (), status="denied"), ToolResult("y", (), status="error"))),
    ]

    assert plan_handoff(history, TO_B).messages == tuple(history)


SHORT = Target(origin=B, options={"tool_call_id_pattern": "[a-zA-Z0-9]{9}"})
BOUNDED = Target(origin=B, options={"tool_call_id_pattern": "[a-zA-Z0-9_-]+", "tool_call_id_max": 40})


@pytest.mark.parametrize(
    ("target", "call_id"), [(SHORT, "call_1"), (BOUNDED, "a.b"), (BOUNDED, "x" * 41), (BOUNDED, "")]
)
def test_an_id_that_the_target_refuses_is_mapped_for_call_and_result(target: Target, call_id: str):
    plan = plan_handoff([calling(call_id, "123456789"), results(call_id, "123456789")], target)

    (called, other), answered = ids(plan)
    assert called != call_id
    assert answered == [called, "123456789"]
    assert other == "123456789"
    assert codes(plan) == [("call_id.rewritten", "messages[0].parts[0].call_id")]


def test_ids_are_mapped_the_same_way_as_the_history_grows():
    history = [calling("a.b"), results("a.b")]

    first = plan_handoff(history, BOUNDED)
    later = plan_handoff([*history, user("?"), calling("c.d"), results("c.d")], BOUNDED)

    assert ids(later)[:2] == ids(first)


def test_a_vendors_own_ids_come_back_to_it_as_they_were():
    strict = replace(TO_A, options={"tool_call_id_pattern": "[0-9]{3}"})
    history = [calling("x.1"), results("x.1"), calling("x.1"), results("x.1")]

    plan = plan_handoff(history, strict)

    assert all(sent is kept for sent, kept in zip(plan.messages, history, strict=True))


def test_one_id_in_two_turns_is_told_apart_for_another_vendor():
    plan = plan_handoff([calling("x"), results("x"), calling("x"), results("x")], TO_B)

    first, first_result, second, second_result = ids(plan)
    assert (first, first_result) == (["x"], ["x"])
    assert second == second_result != ["x"]


def test_one_id_twice_in_a_turn_is_told_apart_and_answered_in_order():
    plan = plan_handoff(
        [calling("x", "x"), Message("tool", (ToolResult("x", (Text("1"),)), ToolResult("x", (Text("2"),))))], TO_B
    )

    called, answered = ids(plan)
    assert called == answered
    assert len(set(called)) == 2
    assert [part.parts for part in plan.messages[1].parts if isinstance(part, ToolResult)] == [
        (Text("1"),),
        (Text("2"),),
    ]


def test_the_targets_own_id_wins_over_an_earlier_foreign_one():
    history = [calling("x", origin=A), results("x"), calling("x", origin=B), results("x")]

    plan = plan_handoff(history, TO_B)

    assert ids(plan)[2:] == [["x"], ["x"]]
    assert ids(plan)[0] == ids(plan)[1] != ["x"]


def test_rules_that_no_id_can_meet_are_a_configuration_error():
    with pytest.raises(ConfigurationError, match="tool_call_id_pattern"):
        plan_handoff([calling("x")], Target(origin=B, options={"tool_call_id_pattern": "§+"}))


def test_a_trailing_answer_is_warned_of():
    assert plan_handoff([user("hello"), assistant("hi")], TO_B).warnings != ()


def test_labels_are_handed_to_whoever_asks_policy():
    assert plan_handoff([user("hello")], TO_B, labels=["b", "a", "b"]).labels == ("a", "b")


def test_the_encoders_losses_are_part_of_the_plan_at_their_place_in_the_history():
    half = Message("assistant", (Text("half"),), status="interrupted")
    asked: list[tuple[GenerateRequest, Target]] = []

    def encode(request: GenerateRequest, target: Target) -> EncodedRequest:
        asked.append((request, target))
        lost = [
            Loss(code="c", path=path, action="dropped", severity=Severity.MATERIAL, why="w")
            for path in ("messages[1].parts[0]", "tools[1]")
        ]
        return EncodedRequest(path="/", body={}, losses=tuple(lost))

    request = GenerateRequest((), tools=(FunctionTool("look"),))
    plan = plan_handoff([user("a"), half, user("b")], TO_B, request=request, encode=encode)

    assert codes(plan) == [("message.interrupted", "messages[1]"), ("c", "messages[2].parts[0]"), ("c", "tools[1]")]
    assert asked == [(replace(request, messages=(user("a"), user("b"))), TO_B)]


def test_nothing_is_encoded_while_a_call_is_open():
    def encode(request: GenerateRequest, target: Target) -> EncodedRequest:
        raise AssertionError

    assert not plan_handoff([calling("x")], TO_B, encode=encode).ready


SIGNED = Reasoning("why", opaque=(Opaque("signature", "c2ln"),), origin=A)
IDS = st.sampled_from(["x", "y", "call_1", "a.b"])
ORIGINS = st.sampled_from([A, B, None])


@st.composite
def histories(draw: st.DrawFn) -> list[Message]:
    """Turns as vendors, applications and crashes make them."""
    history: list[Message] = []
    for _ in range(draw(st.integers(1, 4))):
        history.append(user("?"))
        called = draw(st.lists(IDS, max_size=3))
        status = draw(st.sampled_from(["complete", "complete", "incomplete", "interrupted"]))
        parts = (SIGNED, Text("so"), *(ToolCall(one, "look", "{}") for one in called))
        history.append(Message("assistant", parts, origin=draw(ORIGINS), status=status))
        answered = draw(st.permutations(called)) if draw(st.booleans()) else called
        cut = draw(st.integers(0, len(answered)))
        later = answered[cut : draw(st.integers(cut, len(answered)))]
        history += [results(*some) for some in (answered[:cut], later) if some]
    return history


@settings(max_examples=100, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(history=histories(), target=st.sampled_from([TO_A, TO_B, SHORT, BOUNDED]))
def test_every_plan_is_well_formed_and_leaves_the_history_alone(history: list[Message], target: Target):
    before = repr(history)
    tools = [ToolRecord(one.key, started=NOW) for one in plan_handoff(history, target).pending]

    plan = plan_handoff(history, target, tools=tools, when_unknown="interrupt")

    assert repr(history) == before
    assert plan.ready
    for position, message in enumerate(plan.messages):
        assert message.status != "interrupted"
        if message.role == "assistant" and ids(plan)[position]:
            assert plan.messages[position + 1].role == "tool"
            assert ids(plan)[position + 1] == ids(plan)[position]


@settings(max_examples=100, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(history=histories())
def test_a_vendor_gets_its_own_messages_back_untouched(history: list[Message]):
    plan_handoff(history, TO_B)

    plan = plan_handoff(history, TO_A)

    own = [message for message in history if message.origin is A and message.status != "interrupted"]
    assert all(any(sent is kept for sent in plan.messages) for kept in own)


@settings(max_examples=100, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(history=histories(), target=st.sampled_from([TO_A, TO_B, SHORT]))
def test_every_part_is_sent_or_stands_under_a_named_loss(history: list[Message], target: Target):
    plan = plan_handoff(history, target)

    dropped = {loss.path for loss in plan.losses if loss.action == "dropped"}
    sent = [part for message in plan.messages for part in message.parts if not isinstance(part, ToolCall | ToolResult)]
    texts = sum(len(message.parts) for message in plan.messages)
    expected = sum(len(one.parts) for at, one in enumerate(history) if f"messages[{at}]" not in dropped)
    assert texts == expected
    assert all(any(part is kept for message in history for kept in message.parts) for part in sent)
