"""An answer whose form was emulated, put back: whole and as a stream, with what is taken away named."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.contracts.scripted import batches_of
from offramp.negotiation import restored, shows
from offramp.negotiation.emulation import TOOL_NAME
from offramp.types import (
    Alternative,
    AnyResponse,
    Batch,
    Message,
    Opaque,
    Outcome,
    OutcomeKind,
    Part,
    PartEnd,
    PartStart,
    Refusal,
    Response,
    ResponseEnd,
    Severity,
    Text,
    TextDelta,
    ToolCall,
)
from offramp.types.fold import Folder

JSON = '{"urgent": true}'
CALL = ToolCall("c1", TOOL_NAME, JSON)


def answer(*parts: Part, kind: OutcomeKind = OutcomeKind.TOOL_CALLS) -> AnyResponse:
    return Response(Message("assistant", parts), Outcome(kind, raw="tool_use"))


def test_the_tools_arguments_are_the_answer():
    found = restored(answer(CALL), "forced_tool")

    assert found.message.parts == (Text(JSON),)
    assert (found.outcome.kind, found.outcome.raw, found.losses) == (OutcomeKind.COMPLETED, "tool_use", ())


def test_words_beside_the_answer_and_opaque_state_are_named_as_lost():
    signed = replace(CALL, opaque=(Opaque("signature", "s", scope="host"),))

    found = restored(answer(Text("Let me see."), signed, Text("  ")), "forced_tool")

    assert found.text == JSON
    assert [(loss.code, loss.path, loss.action, loss.severity) for loss in found.losses] == [
        ("output.aside", "message.parts[0]", "dropped", Severity.BEHAVIOURAL),
        ("opaque.emulated", "message.parts[1]", "dropped", Severity.BEHAVIOURAL),
    ]


@pytest.mark.parametrize(
    "response",
    [
        answer(Text("no call"), kind=OutcomeKind.COMPLETED),
        answer(Refusal("no"), kind=OutcomeKind.REFUSAL),
        answer(ToolCall("c1", "another", "{}")),
        answer(replace(CALL, executor="vendor")),
    ],
)
def test_what_is_not_the_forced_tools_answer_is_left_alone(response: AnyResponse):
    assert restored(response, "forced_tool") == response


def test_another_call_keeps_the_outcome():
    found = restored(answer(CALL, ToolCall("c2", "another", "{}")), "forced_tool")

    assert found.outcome.kind is OutcomeKind.TOOL_CALLS


def test_alternatives_are_put_back_too():
    other = Alternative(Message("assistant", (Text("Hm."), CALL)), Outcome(OutcomeKind.TOOL_CALLS))

    found = restored(replace(answer(CALL), alternatives=(other,)), "forced_tool")

    assert found.alternatives[0].message.parts == (Text(JSON),)
    assert found.alternatives[0].outcome.kind is OutcomeKind.COMPLETED
    assert [loss.path for loss in found.losses] == ["alternatives[0].message.parts[0]"]


def test_arguments_that_were_not_given_are_an_empty_answer():
    assert restored(answer(replace(CALL, arguments_json=None)), "forced_tool").text == ""


@pytest.mark.parametrize("text", [f"```json\n{JSON}\n```", f"\n```\n{JSON}```\n", f"```JSON\n{JSON}\n```"])
def test_a_code_fence_around_all_of_the_answer_is_taken_off_and_named(text: str):
    found = restored(answer(Text(text), kind=OutcomeKind.COMPLETED), "prompt")

    assert found.text == JSON
    assert [(loss.code, loss.action, loss.severity) for loss in found.losses] == [
        ("output.unfenced", "rewritten", Severity.COSMETIC)
    ]


@pytest.mark.parametrize("text", [JSON, f"Here: ```json\n{JSON}\n```", "```json\n", ""])
def test_any_other_text_is_left_as_it_is(text: str):
    response = answer(Text(text), kind=OutcomeKind.COMPLETED)

    assert restored(response, "prompt") == response


@pytest.mark.parametrize("by", [None, "validation"])
def test_what_was_not_emulated_is_left_as_it_is(by: Any):
    response = answer(Text("Hm."), CALL)

    assert restored(response, by) is response
    assert shows(by)(batches_of(response)) == batches_of(response)


PARTS = st.lists(
    st.sampled_from([Text("Let me see."), CALL, Refusal("no"), ToolCall("c2", "another", '{"a": 1}')]), max_size=4
)


@given(PARTS, st.sampled_from([OutcomeKind.TOOL_CALLS, OutcomeKind.COMPLETED, OutcomeKind.MAX_OUTPUT]))
def test_a_stream_shows_what_the_whole_answer_says(parts: list[Part], kind: OutcomeKind):
    response = answer(*parts, kind=kind)

    whole = restored(response, "forced_tool")
    shown = shown_in_order(shows("forced_tool")(batches_of(response)))

    assert "".join(event.text for event in shown if isinstance(event, TextDelta)) + first_forms(shown) == whole.text
    ended = [event.outcome.kind for event in shown if isinstance(event, ResponseEnd)]
    assert ended == [whole.outcome.kind] or ToolCall("c2", "another", '{"a": 1}') in parts


def shown_in_order(batches: Any) -> list[Any]:
    return [event for batch in batches for event in batch.events]


def first_forms(events: list[Any]) -> str:
    return "".join(each.part.text for each in events if isinstance(each, PartStart) and isinstance(each.part, Text))


def test_words_are_shown_at_the_end_where_no_call_came():
    show = shows("forced_tool")
    said = batches_of(answer(Text("no call"), kind=OutcomeKind.COMPLETED))

    early, late = shown_in_order(show(said[:-1])), shown_in_order(show(said[-1:]))

    assert not [event for event in early if isinstance(event, TextDelta)]
    folder = Folder()
    folder.add(Batch(tuple(late)))
    assert folder.response().text == "no call"
    assert isinstance(late[-1], ResponseEnd)
    assert isinstance(late[-2], PartEnd)


NULLABLE: dict[str, Any] = {"type": "object", "properties": {"urgent": {"type": "boolean"}, "why": {"type": "string"}}}


def test_a_null_that_stood_for_a_property_is_gone_from_an_answer_in_one_text_and_named():
    found = restored(answer(Text('{"urgent": true, "why": null}')), None, nullable=NULLABLE)

    assert found.message.parts == (Text(JSON),)
    assert [(loss.code, loss.path) for loss in found.losses] == [("output.nulls", "message.parts[0]")]


@pytest.mark.parametrize("texts", [(JSON,), ('{"urgent": true,', ' "why": null}'), ("no JSON",)])
def test_an_answer_without_such_a_null_or_in_several_texts_is_left_as_it_is(texts: tuple[str, ...]):
    response = answer(*map(Text, texts))

    assert restored(response, None, nullable=NULLABLE) == response


def test_arguments_that_come_with_the_start_of_a_call_are_shown():
    (shown,) = shows("forced_tool")([Batch((PartStart(0, CALL),))])

    assert shown.events == (PartStart(0, Text(JSON)),)
