"""The raw answer tells why it ended, who served, and whether tokens were counted, in any vendor's shape."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.types import Outcome, OutcomeKind
from offramp_providers.engines.verdict import judged
from offramp_providers.engines.witness import Witness
from support.long_tail import pieces

SSE = {"content-type": "text/event-stream; charset=utf-8"}


def heard(raw: bytes, headers: dict[str, str] | None = None, *, size: int | None = None) -> Witness:
    witness = Witness()
    witness.begin(200, headers or {"content-type": "application/json"})
    step = size or len(raw) or 1
    for start in range(0, len(raw), step):
        witness.feed(raw[start : start + step])
    witness.finish()
    return witness


ANSWERS: list[tuple[dict[str, Any], dict[int, str], str | None, bool]] = [
    ({"choices": [{"index": 0, "finish_reason": "stop"}], "model": "m", "usage": {}}, {0: "stop"}, "m", True),
    ({"choices": [{"finish_reason": "a"}, {"finish_reason": "b"}]}, {0: "a", 1: "b"}, None, False),
    ({"stop_reason": "end_turn", "model": "m", "content": [{"text": "x"}]}, {0: "end_turn"}, "m", False),
    (
        {"candidates": [{"finishReason": "STOP"}], "modelVersion": "m", "usageMetadata": {"x": 1}},
        {0: "STOP"},
        "m",
        True,
    ),
    ({"done_reason": "load", "model": "m", "eval_count": 3}, {0: "load"}, "m", True),
    ({"stopReason": "end_turn", "usage": {}}, {0: "end_turn"}, None, True),
    ({"finish_reason": "COMPLETE", "message": {"content": [{"finish_reason": "no"}]}}, {0: "COMPLETE"}, None, False),
    ({"results": [{"stop_reason": "eos_token"}], "model": "m"}, {0: "eos_token"}, "m", False),
    ({"choices": [{"finish_reason": None}], "usage": None}, {}, None, False),
    ({"choices": []}, {}, None, False),
]


@pytest.mark.parametrize(("body", "stops", "model", "counted"), ANSWERS)
def test_a_whole_answer_is_read(body: Any, stops: Any, model: str | None, counted: bool):
    witness = heard(json.dumps(body).encode())

    assert (witness.stops, witness.model, witness.counted, witness.whole) == (stops, model, counted, body)


def test_what_the_model_says_is_never_taken_for_what_is_said_about_it():
    text = '{"finish_reason": "stop", "model": "forged", "usage": {"x": 1}}'
    body = {"choices": [{"message": {"content": text, "tool_calls": [{"finish_reason": "stop", "usage": {}}]}}]}

    witness = heard(json.dumps(body).encode())

    assert (witness.stops, witness.model, witness.counted) == ({}, None, False)


@given(st.integers(1, 40))
def test_a_stream_is_read_whatever_the_chunks(size: int):
    witness = heard(pieces("hel", "lo", stop="length"), SSE, size=size)

    assert (witness.stops, witness.model, witness.response_id) == ({0: "length"}, "m1", "c-1")


@given(st.integers(1, 40))
def test_lines_of_json_are_read_whatever_the_chunks(size: int):
    lines = [{"model": "m", "message": {"content": "x"}, "done": False}, {"done": True, "done_reason": "stop"}]

    witness = heard("\n".join(map(json.dumps, lines)).encode(), {"content-type": "application/x-ndjson"}, size=size)

    assert (witness.stops, witness.model) == ({0: "stop"}, "m")


@pytest.mark.parametrize("raw", [b"", b"\x00\x01\x02", b"no json", b"[1]", b"{", b"\xff\xfe{}"])
def test_what_cannot_be_read_says_nothing(raw: bytes):
    witness = heard(raw)

    assert (witness.readable, witness.stops, witness.whole) == (False, {}, None)


@given(st.binary(max_size=200), st.sampled_from([SSE, {}, {"content-type": "application/json"}]))
def test_no_answer_upsets_it(raw: bytes, headers: dict[str, str]):
    heard(raw, headers, size=7)


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("end_turn", OutcomeKind.COMPLETED),
        ("STOP", OutcomeKind.COMPLETED),
        ("COMPLETE", OutcomeKind.COMPLETED),
        ("MAX_TOKENS", OutcomeKind.MAX_OUTPUT),
        ("refusal", OutcomeKind.REFUSAL),
        ("SAFETY", OutcomeKind.CONTENT_FILTER),
        ("pause_turn", OutcomeKind.PAUSED),
        ("new_word", OutcomeKind.UNKNOWN),
        ("Stop", OutcomeKind.UNKNOWN),
    ],
)
def test_the_vendor_s_word_decides_and_not_litellm_s(word: str, kind: OutcomeKind):
    assert judged(Outcome(OutcomeKind.COMPLETED, raw="stop"), word) == Outcome(
        kind, raw=word, category=judged(Outcome(OutcomeKind.COMPLETED, raw="stop"), word).category
    )


@given(st.text())
def test_a_word_that_no_table_knows_is_never_completed(word: str):
    known = {"stop", "end_turn", "STOP", "1", "COMPLETE", "eos", "eos_token"}

    found = judged(Outcome(OutcomeKind.COMPLETED, raw="stop"), word)

    assert (found.kind is OutcomeKind.COMPLETED) == (word in known)


def test_no_word_is_unknown():
    assert judged(Outcome(OutcomeKind.COMPLETED, raw="stop"), None) == Outcome(OutcomeKind.UNKNOWN)
