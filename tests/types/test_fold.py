"""What a stream's events amount to."""

from offramp.errors import ProviderError, ProviderErrorKind
from offramp.types import (
    ArgumentsDelta,
    Batch,
    Citation,
    CitationDelta,
    Event,
    Folder,
    KeepAlive,
    Opaque,
    OpaqueDelta,
    Origin,
    Outcome,
    OutcomeKind,
    PartEnd,
    PartStart,
    Reasoning,
    ReasoningDelta,
    Refusal,
    RefusalDelta,
    ResponseEnd,
    ResponseFailed,
    ResponseStart,
    Text,
    TextDelta,
    ToolCall,
    Usage,
    UsageUpdate,
    Wire,
    fold,
)

ORIGIN = Origin(developer="acme", host="acme.example", dialect="d", model="m", response_id="r1")
DONE = ResponseEnd(Outcome(OutcomeKind.COMPLETED, raw="end"))


def test_deltas_complete_their_parts_in_order_of_opening() -> None:
    events: list[Event] = [
        ResponseStart(origin=ORIGIN),
        PartStart(0, Reasoning()),
        ReasoningDelta(0, "hm"),
        OpaqueDelta(0, Opaque("signature", "ab")),
        OpaqueDelta(0, Opaque("signature", "cd")),
        PartEnd(0),
        PartStart(1, Text("He")),
        PartStart(2, ToolCall("c1", "look", "")),
        TextDelta(1, "l"),
        ArgumentsDelta(2, '{"a"'),
        TextDelta(1, "lo"),
        ArgumentsDelta(2, ": 1}"),
        PartStart(3, Refusal("")),
        RefusalDelta(3, "no"),
        DONE,
    ]

    response = fold(events)

    assert response.message.parts == (
        Reasoning("hm", opaque=(Opaque("signature", "abcd"),)),
        Text("Hello"),
        ToolCall("c1", "look", '{"a": 1}'),
        Refusal("no"),
    )
    assert response.message.origin == response.origin == ORIGIN
    assert response.outcome == DONE.outcome
    assert response.message.status == "complete"


def test_citations_are_added_to_their_text() -> None:
    first, second = Citation(dialect="d", raw={"n": 1}), Citation(dialect="d", raw={"n": 2})

    response = fold([PartStart(0, Text("", citations=(first,))), CitationDelta(0, second), TextDelta(0, "x"), DONE])

    assert response.message.parts == (Text("x", citations=(first, second)),)


def test_arguments_that_never_came_stay_unknown() -> None:
    response = fold([PartStart(0, ToolCall("c", "f", None)), DONE])

    assert response.message.parts == (ToolCall("c", "f", None),)


def test_later_usage_replaces_earlier_and_none_replaces_nothing() -> None:
    events = [
        ResponseStart(usage=Usage(input_tokens=7, output_tokens=1, raw={"i": 7, "o": 1})),
        UsageUpdate(Usage(output_tokens=5, raw={"o": 5})),
        UsageUpdate(Usage(cache_read_tokens=0)),
    ]

    response = fold(events)

    assert response.usage == Usage(input_tokens=7, output_tokens=5, cache_read_tokens=0, raw={"i": 7, "o": 5})


def test_usage_that_was_not_given_is_unknown() -> None:
    assert fold([ResponseStart(), DONE]).usage == Usage()


def test_further_candidates_become_alternatives() -> None:
    events = [
        TextDelta(0, "b", candidate=1),
        TextDelta(0, "a"),
        DONE,
        ResponseEnd(Outcome(OutcomeKind.MAX_OUTPUT), candidate=1),
    ]

    response = fold(events)

    assert response.text == "a"
    assert [each.message.text for each in response.alternatives] == ["b"]
    assert response.alternatives[0].message.status == "incomplete"


def test_a_stream_without_an_outcome_is_interrupted_and_of_unknown_outcome() -> None:
    folder = Folder()
    folder.add(Batch((TextDelta(0, "half"),)))

    response = folder.response()

    assert not folder.ended
    assert response.text == "half"
    assert response.message.status == "interrupted"
    assert response.outcome == Outcome(OutcomeKind.UNKNOWN)


def test_one_candidate_without_an_outcome_means_not_ended() -> None:
    folder = Folder()
    folder.add(DONE)
    folder.add(TextDelta(0, "b", candidate=1))

    assert not folder.ended


def test_a_failure_of_the_vendors_own_is_an_error_outcome() -> None:
    error = ProviderError("overloaded", kind=ProviderErrorKind.OVERLOADED, vendor_code="overloaded_error")
    folder = Folder()
    folder.add(TextDelta(0, "half"))
    folder.add(ResponseFailed(error))

    partial = folder.interrupted()

    assert folder.failure is error
    assert partial.outcome.kind is OutcomeKind.ERROR
    assert partial.message.status == "interrupted"


def test_interrupted_keeps_an_outcome_that_had_come() -> None:
    folder = Folder()
    folder.add(DONE)

    partial = folder.interrupted()

    assert partial.outcome == DONE.outcome
    assert partial.message.status == "interrupted"


def test_an_answer_that_stopped_early_is_incomplete() -> None:
    assert fold([ResponseEnd(Outcome(OutcomeKind.MAX_OUTPUT))]).message.status == "incomplete"


def test_a_delta_that_does_not_fit_its_part_is_named_in_the_warnings() -> None:
    response = fold([PartStart(0, ToolCall("c", "f", "")), TextDelta(0, "stray"), DONE])

    assert response.message.parts == (ToolCall("c", "f", ""),)
    assert response.warnings == ("a text_delta for a part of type tool_call is not in the response",)


def test_a_novel_wire_event_is_named_in_the_warnings_and_a_ping_is_not() -> None:
    novel = Batch((KeepAlive(),), wire=Wire(dialect="d", fields={"type": "novel"}))

    response = fold([Batch((KeepAlive(),)), novel, novel, DONE])

    assert len(response.warnings) == 1


def test_a_part_that_opens_under_a_used_index_is_another_part() -> None:
    response = fold([PartStart(0, Text("a")), PartStart(0, Text("b")), TextDelta(0, "c"), DONE])

    assert response.message.parts == (Text("a"), Text("bc"))


def test_deltas_without_an_opening_open_their_part() -> None:
    response = fold([ReasoningDelta(0, "r"), RefusalDelta(1, "no"), ArgumentsDelta(2, "{}"), DONE])

    assert response.message.parts == (Reasoning("r"), Refusal("no"), ToolCall("", "", "{}"))


def test_losses_and_the_envelope_stand_in_the_response() -> None:
    folder = Folder()
    wire = Wire(dialect="d", fields={"id2": 1})
    folder.add(ResponseStart(wire=wire))

    assert folder.response().wire == wire
