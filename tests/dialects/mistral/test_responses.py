"""What an answer on this wire means, and what another vendor's answer becomes on it."""

from typing import Any

import pytest

from offramp.types import (
    AnyResponse,
    Citation,
    Message,
    Opaque,
    Origin,
    Outcome,
    OutcomeKind,
    Part,
    Reasoning,
    RedactedReasoning,
    Refusal,
    Response,
    Text,
    ToolCall,
    Usage,
)
from offramp_providers.dialects.mistral import DIALECT

OTHER = Origin(developer="acme", host="acme", dialect="anthropic_messages", model="acme-1", response_id="r")


def _answer(message: Any, word: Any = "stop", **more: Any) -> dict[str, Any]:
    choice = {"index": 0, "finish_reason": word, "message": {"role": "assistant", **message}}
    return {"id": "i", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], **more}


def _read(body: dict[str, Any], issuer: Origin) -> AnyResponse:
    read = DIALECT.decode_response(body, {}, issuer)
    assert (DIALECT.encode_response(read).body, DIALECT.encode_response(read).losses) == (body, ())
    return read


@pytest.mark.parametrize(
    ("word", "message", "kind"),
    [
        ("stop", {"content": "a"}, OutcomeKind.COMPLETED),
        ("stop", {"content": ""}, OutcomeKind.EMPTY),
        ("stop", {"tool_calls": [{"id": "i", "function": {"name": "f", "arguments": "{}"}}]}, OutcomeKind.TOOL_CALLS),
        ("tool_calls", {"content": "a"}, OutcomeKind.TOOL_CALLS),
        ("length", {"content": "a"}, OutcomeKind.MAX_OUTPUT),
        ("model_length", {"content": "a"}, OutcomeKind.CONTEXT_EXCEEDED),
        ("error", {"content": "a"}, OutcomeKind.ERROR),
        ("novel", {"content": "a"}, OutcomeKind.UNKNOWN),
        (None, {"content": "a"}, OutcomeKind.UNKNOWN),
        (3, {"content": "a"}, OutcomeKind.UNKNOWN),
    ],
)
def test_each_word_has_its_kind_and_is_kept(issuer: Origin, word: Any, message: Any, kind: OutcomeKind) -> None:
    outcome = _read(_answer(message, word), issuer).outcome

    assert outcome == Outcome(kind, raw=word if isinstance(word, str) else None)


@pytest.mark.parametrize(
    ("usage", "cached"),
    [
        ({"prompt_tokens_details": {"cached_tokens": 3}}, 3),
        ({"prompt_token_details": {"cached_tokens": 3}}, 3),
        ({"num_cached_tokens": 3}, 3),
        ({"num_cached_tokens": 9, "prompt_tokens_details": {"cached_tokens": 0}}, 0),
        ({"num_cached_tokens": None}, None),
        ({}, None),
    ],
)
def test_cached_tokens_stand_in_one_of_three_places(issuer: Origin, usage: Any, cached: int | None) -> None:
    counts = {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7, **usage}

    read = _read(_answer({"content": "a"}, usage=counts), issuer).usage

    assert read == Usage(input_tokens=5, output_tokens=2, cache_read_tokens=cached, raw=counts)


def test_an_answer_without_counts_has_unknown_ones(issuer: Origin) -> None:
    assert _read(_answer({"content": "a"}), issuer).usage == Usage()


def test_thinking_is_reasoning_with_its_signature(issuer: Origin) -> None:
    thinking = {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}], "signature": "s", "closed": True}

    parts = _read(_answer({"content": [thinking, {"type": "text", "text": "Yes."}]}), issuer).message.parts

    assert isinstance(parts[0], Reasoning)
    assert (parts[0].text, parts[0].opaque) == ("Hm.", (Opaque("signature", "s"),))
    assert parts[1] == Text("Yes.")


def test_a_reference_is_a_citation(issuer: Origin) -> None:
    reference = {"type": "reference", "reference_ids": [0]}

    read = _read(_answer({"content": [{"type": "text", "text": "a"}, reference]}), issuer)

    assert read.message.parts == (Text("a", citations=(Citation(dialect="mistral", raw=reference),)),)


def test_a_reference_to_no_text_is_kept(issuer: Origin) -> None:
    read = _read(_answer({"content": [{"type": "reference", "reference_ids": [0]}]}), issuer)

    assert [part.type for part in read.message.parts] == ["unknown"]


def test_several_answers_are_alternatives(issuer: Origin) -> None:
    body = _answer({"content": "a"})
    body["choices"].append({"index": 1, "finish_reason": "length", "message": {"role": "assistant", "content": "b"}})

    read = _read(body, issuer)

    assert [each.message.text for each in read.alternatives] == ["b"]


def _written(*parts: Part, kind: OutcomeKind = OutcomeKind.COMPLETED, **outcome: Any) -> tuple[Any, list[Any]]:
    answer = Response(Message("assistant", parts, origin=OTHER), Outcome(kind, **outcome), origin=OTHER)
    encoded = DIALECT.encode_response(answer)
    losses = [(loss.code, loss.path) for loss in encoded.losses if not loss.code.startswith("envelope")]
    return encoded.body["choices"][0], losses


def test_another_vendors_answer_has_this_vendors_form() -> None:
    choice, losses = _written(
        Text("Looking."), ToolCall("toolu_1", "look", '{"a": 1}'), kind=OutcomeKind.TOOL_CALLS, raw="tool_use"
    )

    # An id in an answer stays what it is: whoever sends it back gets it rewritten then.
    call = {"id": "toolu_1", "type": "function", "function": {"name": "look", "arguments": '{"a": 1}'}}
    message = {"role": "assistant", "content": "Looking.", "tool_calls": [call]}
    assert choice == {"index": 0, "finish_reason": "tool_calls", "message": message}
    assert losses == []


def test_another_vendors_reasoning_is_told_without_its_state() -> None:
    choice, losses = _written(Reasoning("Hm.", opaque=(Opaque("signature", "s"),)), RedactedReasoning(), Text("Yes."))

    thinking = {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}
    assert choice["message"]["content"] == [thinking, {"type": "text", "text": "Yes."}]
    assert losses == [
        ("opaque.foreign", "message.parts[0].opaque[0]"),
        ("reasoning.foreign", "message.parts[1]"),
    ]


@pytest.mark.parametrize(
    ("kind", "raw", "word", "named"),
    [
        (OutcomeKind.COMPLETED, "end_turn", "stop", False),
        (OutcomeKind.MAX_OUTPUT, "max_tokens", "length", False),
        (OutcomeKind.CONTEXT_EXCEEDED, "model_context_window_exceeded", "model_length", False),
        (OutcomeKind.ERROR, "failed", "error", False),
        (OutcomeKind.STOP_SEQUENCE, "stop_sequence", "stop", True),
        (OutcomeKind.CONTENT_FILTER, "content_filter", "content_filter", True),
        (OutcomeKind.PAUSED, "pause_turn", "pause_turn", True),
        (OutcomeKind.UNKNOWN, "stop", None, False),
        (OutcomeKind.CANCELLED, None, None, True),
    ],
)
def test_an_outcome_without_a_word_never_claims_completion(
    kind: OutcomeKind, raw: str | None, word: str | None, named: bool
) -> None:
    choice, losses = _written(Text("a"), kind=kind, raw=raw)

    assert choice["finish_reason"] == word
    assert (("outcome.rewritten", "outcome.kind") in losses) == named


def test_a_refusal_stays_one_in_words_and_is_no_completion() -> None:
    choice, losses = _written(Refusal("No.", category="x"), kind=OutcomeKind.REFUSAL, raw="refusal")

    assert (choice["message"]["content"], choice["finish_reason"]) == ("No.", "refusal")
    assert {code for code, _ in losses} == {"refusal.rewritten", "refusal.category", "outcome.rewritten"}


def test_what_is_not_counted_apart_is_named() -> None:
    usage = Usage(input_tokens=5, output_tokens=3, reasoning_tokens=2, cache_write_tokens=1, cache_read_tokens=4)
    answer = Response(Message("assistant", (Text("a"),)), Outcome(OutcomeKind.COMPLETED), usage=usage, origin=OTHER)

    encoded = DIALECT.encode_response(answer)

    assert encoded.body["usage"] == {
        "prompt_tokens": 5,
        "completion_tokens": 3,
        "total_tokens": 8,
        "prompt_tokens_details": {"cached_tokens": 4},
    }
    named = {loss.path for loss in encoded.losses if loss.code == "usage"}
    assert named == {"usage.reasoning_tokens", "usage.cache_write_tokens"}


def test_what_is_unknown_of_an_answer_is_injected_by_name() -> None:
    answer = Response(Message("assistant", (Text("a"),)), Outcome(OutcomeKind.COMPLETED))

    encoded = DIALECT.encode_response(answer)

    assert (encoded.body["id"], encoded.body["model"], encoded.body["created"]) == ("unknown", "unknown", 0)
    assert [(loss.code, loss.path) for loss in encoded.losses] == [
        ("response_id.injected", "origin.response_id"),
        ("envelope.injected", "origin.model"),
        ("envelope.injected", "wire.fields.created"),
    ]
