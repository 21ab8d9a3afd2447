"""Answers: what the wire says in our words, and what another vendor's answer becomes on this wire."""

from typing import Any

import pytest

from offramp.contracts.dialect import Target
from offramp.types import (
    Alternative,
    Citation,
    GenerateRequest,
    Media,
    Message,
    Opaque,
    Origin,
    Outcome,
    OutcomeKind,
    Reasoning,
    Refusal,
    Response,
    Text,
    ToolCall,
    Unknown,
    Usage,
    Wire,
)
from offramp_providers.dialects.openai_chat import DIALECT


def _answer(message: dict[str, Any], finish: Any = "stop", **body: Any) -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}
    return {"id": "c1", "object": "chat.completion", "created": 1, "model": "served", "choices": [choice], **body}


def _decode(body: dict[str, Any], issuer: Origin) -> Any:
    decoded = DIALECT.decode_response(body, {}, issuer)
    encoded = DIALECT.encode_response(decoded)
    assert (encoded.body, encoded.losses) == (body, ())
    return decoded


def test_the_answer_is_stamped_with_who_says_to_have_served(issuer: Origin) -> None:
    response = _decode(_answer({"content": "Hi"}), issuer)

    assert response.origin == Origin(
        developer="openai", host="openai", dialect=DIALECT.name, model="served", response_id="c1"
    )
    assert response.message.origin == response.origin
    assert response.message.parts == (Text("Hi"),)
    assert response.raw == _answer({"content": "Hi"})


def test_a_model_that_is_not_named_stays_unknown(issuer: Origin) -> None:
    body = _answer({"content": "Hi"})
    del body["model"]

    response = _decode(body, issuer)

    assert response.origin.model is None


@pytest.mark.parametrize(
    ("message", "finish", "kind"),
    [
        ({"content": "a"}, "stop", OutcomeKind.COMPLETED),
        ({"content": "a"}, "length", OutcomeKind.MAX_OUTPUT),
        ({"content": "a"}, "novel", OutcomeKind.UNKNOWN),
        ({"content": "a"}, None, OutcomeKind.UNKNOWN),
        ({"content": "a"}, "", OutcomeKind.UNKNOWN),
        ({"content": None}, "stop", OutcomeKind.EMPTY),
        ({"content": ""}, "stop", OutcomeKind.EMPTY),
        ({"content": "a"}, "content_filter", OutcomeKind.CONTENT_FILTER),
        ({"content": None, "refusal": "No."}, "stop", OutcomeKind.REFUSAL),
        ({"content": None, "refusal": "No."}, "content_filter", OutcomeKind.CONTENT_FILTER),
        ({"content": "a", "refusal": ""}, "stop", OutcomeKind.COMPLETED),
        ({"tool_calls": [{"id": "x", "type": "function", "function": {"name": "f"}}]}, "stop", OutcomeKind.TOOL_CALLS),
        ({"content": "a"}, "insufficient_system_resource", OutcomeKind.ERROR),
    ],
)
def test_outcomes_keep_the_vendors_word(message: Any, finish: Any, kind: OutcomeKind, issuer: Origin) -> None:
    response = _decode(_answer(message, finish), issuer)

    assert response.outcome == Outcome(kind, raw=finish)


def test_counts_that_are_missing_stay_unknown(issuer: Origin) -> None:
    usage = {"prompt_tokens": 9, "completion_tokens": "many", "prompt_tokens_details": {"cached_tokens": 0}}

    counted = _decode(_answer({"content": "a"}, usage=usage), issuer).usage
    unknown = _decode(_answer({"content": "a"}), issuer).usage
    null = _decode(_answer({"content": "a"}, usage=None), issuer).usage

    assert counted == Usage(input_tokens=9, cache_read_tokens=0, raw=usage)
    assert unknown == null == Usage()


def test_residue_stands_where_it_was_found(issuer: Origin) -> None:
    body = _answer({"content": "a", "m": 1}, usage=None, r=2)
    body["choices"][0]["c"] = 3
    body["choices"].append(
        {"index": 1, "message": {"role": "assistant", "content": "b"}, "finish_reason": "length", "d": 4}
    )

    response = _decode(body, issuer)

    assert response.message.wire.fields == {"m": 1}
    assert response.wire.fields["r"] == 2
    assert response.wire.fields["choices"] == [{"c": 3}]
    assert response.alternatives[0].wire.fields == {"d": 4}
    assert response.alternatives[0].outcome.kind is OutcomeKind.MAX_OUTPUT
    assert response.alternatives[0].message.status == "incomplete"


def test_annotations_are_citations_of_the_text(issuer: Origin) -> None:
    note = {"type": "url_citation", "url_citation": {"url": "https://x.example", "title": "X", "start_index": 0}}

    response = _decode(_answer({"content": "a", "annotations": [note]}), issuer)

    assert response.message.parts == (
        Text("a", citations=(Citation(dialect=DIALECT.name, raw=note, title="X", url="https://x.example"),)),
    )


def test_speech_is_media_whose_id_alone_goes_back(issuer: Origin, router: Origin) -> None:
    spoken = {"id": "audio_1", "data": "UklGRg==", "transcript": "hello", "expires_at": 5}
    response = _decode(_answer({"content": None, "audio": spoken}), issuer)
    history = GenerateRequest((response.message,))

    own = DIALECT.encode_request(history, Target(origin=issuer))
    elsewhere = DIALECT.encode_request(history, Target(origin=router))

    assert isinstance(response.message.parts[0], Media)
    assert own.body["messages"] == [{"role": "assistant", "content": None, "audio": {"id": "audio_1"}}]
    assert "audio_1" not in str(elsewhere.body)
    assert "media.unsupported" in [loss.code for loss in elsewhere.losses]


def test_calls_that_fit_nothing_are_kept_among_the_calls(issuer: Origin) -> None:
    calls = [{"id": "a", "type": "function", "function": {"name": "f", "arguments": {"x": 1}}}, 7]

    response = _decode(_answer({"content": None, "tool_calls": calls}), issuer)

    assert [part.type for part in response.message.parts] == ["unknown", "unknown"]


def test_filter_results_of_a_host_come_back(issuer: Origin) -> None:
    body = _answer({"content": "a"}, prompt_filter_results=[{"prompt_index": 0}])
    body["choices"][0]["content_filter_results"] = {"hate": {"filtered": False}}

    response = _decode(body, issuer)

    assert response.wire.fields["prompt_filter_results"] == [{"prompt_index": 0}]


def test_an_error_in_an_answer_is_no_completion(issuer: Origin) -> None:
    response = _decode({"error": {"message": "no", "code": "unsupported_parameter"}}, issuer)

    assert response.outcome == Outcome(OutcomeKind.ERROR)


def test_another_vendors_answer_is_written_with_every_loss_named(other: Origin) -> None:
    thought = Reasoning("think", opaque=(Opaque("signature", "sig"),))
    call = ToolCall("toolu_1", "f", '{"a":1}')
    message = Message("assistant", (thought, Text("a"), Text("b"), call), origin=other)
    response = Response(
        message,
        Outcome(OutcomeKind.TOOL_CALLS, raw="tool_use"),
        usage=Usage(input_tokens=3, output_tokens=4, cache_read_tokens=1),
        origin=other,
        wire=Wire(dialect="anthropic_messages", fields={"container": {"id": "x"}}),
    )

    encoded = DIALECT.encode_response(response)

    assert encoded.body["choices"] == [
        {
            "index": 0,
            "logprobs": None,
            "finish_reason": "tool_calls",
            "message": {
                "role": "assistant",
                "content": "ab",
                "refusal": None,
                "reasoning_content": "think",
                "tool_calls": [
                    {"id": "toolu_1", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}}
                ],
            },
        }
    ]
    assert encoded.body["usage"] == {
        "prompt_tokens": 3,
        "completion_tokens": 4,
        "total_tokens": 7,
        "prompt_tokens_details": {"cached_tokens": 1},
    }
    assert [(loss.code, loss.path) for loss in encoded.losses] == [
        ("vendor_field", "wire.fields.container"),
        ("response_id.injected", "origin.response_id"),
        ("envelope.injected", "wire.fields.created"),
        ("opaque.foreign", "message.parts[0].opaque"),
        ("text.joined", "message"),
    ]


@pytest.mark.parametrize(
    ("outcome", "word", "lost"),
    [
        (Outcome(OutcomeKind.COMPLETED, raw="end_turn"), "stop", []),
        (Outcome(OutcomeKind.MAX_OUTPUT, raw="max_tokens"), "length", []),
        (Outcome(OutcomeKind.STOP_SEQUENCE, raw="stop_sequence", stop_sequence="x"), "stop", ["stop_sequence", "kind"]),
        (Outcome(OutcomeKind.PAUSED, raw="pause_turn"), "pause_turn", ["kind"]),
        (Outcome(OutcomeKind.UNKNOWN, raw="stop"), None, ["kind"]),
        (Outcome(OutcomeKind.CANCELLED), None, ["kind"]),
    ],
)
def test_an_outcome_without_a_word_never_claims_completion(
    outcome: Outcome, word: str | None, lost: list[str], other: Origin
) -> None:
    encoded = DIALECT.encode_response(Response(Message("assistant", (Text("a"),), origin=other), outcome, origin=other))

    assert encoded.body["choices"][0]["finish_reason"] == word
    assert [loss.path for loss in encoded.losses if loss.code == "outcome.rewritten"] == [f"outcome.{n}" for n in lost]


def test_a_refusal_and_further_answers_of_another_vendor_are_written(other: Origin) -> None:
    refused = Message("assistant", (Refusal("No."),), origin=other)
    second = Alternative(Message("assistant", (Text("b"),), origin=other), Outcome(OutcomeKind.COMPLETED))

    encoded = DIALECT.encode_response(
        Response(refused, Outcome(OutcomeKind.REFUSAL, raw="refusal"), origin=other, alternatives=(second,))
    )
    back = DIALECT.decode_response(encoded.body, {}, other)

    assert [choice["index"] for choice in encoded.body["choices"]] == [0, 1]
    assert encoded.body["choices"][0]["message"]["refusal"] == "No."
    assert back.outcome.kind is OutcomeKind.REFUSAL
    assert back.alternatives[0].message.text == "b"


def test_a_novel_block_of_another_vendor_is_named(other: Origin) -> None:
    novel = Unknown(dialect="anthropic_messages", vendor_type="hologram", raw={})

    encoded = DIALECT.encode_response(
        Response(Message("assistant", (novel,), origin=other), Outcome(OutcomeKind.COMPLETED), origin=other)
    )

    assert ("unknown_part", "message.parts[0]") in [(loss.code, loss.path) for loss in encoded.losses]
    assert encoded.body["choices"][0]["message"] == {"role": "assistant", "content": "", "refusal": None}
