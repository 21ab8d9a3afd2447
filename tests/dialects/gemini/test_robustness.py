"""Unknown keys survive or are named; malformed shapes never crash and come back as they were."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from offramp.contracts.provider import Target
from offramp.types import Batch, KeepAlive, Origin, OutcomeKind, ResponseFailed, WireEvent, fold
from offramp_providers.dialects.gemini import DIALECT
from support.cassettes import answers, requests, streams

API, STREAM = "gemini.generateContent", "gemini.streamGenerateContent"
POISON = "zz_unknown"


def _issuer(model: Any) -> Origin:
    return Origin(
        developer="google", host="google", dialect=DIALECT.name, model=model if isinstance(model, str) else None
    )


def _objects(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for child in list(node.values()):
            yield from _objects(child)
    elif isinstance(node, list):
        for child in node:
            yield from _objects(child)


def _poisoned(body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """A copy with an unknown key in every object, and how many there are."""
    poisoned = copy.deepcopy(body)
    found = list(_objects(poisoned))
    for number, each in enumerate(found):
        each[POISON] = number
    return poisoned, len(found)


def test_an_unknown_key_in_every_object_of_every_request_comes_back() -> None:
    for name, _, body in requests(API):
        poisoned, _ = _poisoned(body)
        issuer = _issuer("m")

        encoded = DIALECT.encode_request(DIALECT.decode_request(poisoned, {}, issuer), Target(origin=issuer))

        assert (encoded.body, encoded.losses) == (poisoned, ()), name


def test_an_unknown_key_in_every_object_of_every_response_comes_back() -> None:
    for name, _, body in answers(API):
        poisoned, _ = _poisoned(body)

        encoded = DIALECT.encode_response(DIALECT.decode_response(poisoned, {}, _issuer("m")))

        assert (encoded.body, encoded.losses) == (poisoned, ()), name


def test_an_unknown_key_in_every_object_of_every_event_comes_back() -> None:
    for name, events in streams(STREAM):
        decoder, encoder = DIALECT.stream_decoder({}, _issuer("m")), DIALECT.stream_encoder()
        for event in events:
            assert isinstance(event.data, dict)
            poisoned = WireEvent(data=_poisoned(event.data)[0], event=event.event)

            assert encoder.encode(decoder.decode(poisoned)) == (poisoned,), name


def test_residue_of_the_models_is_named_at_another_host_and_never_sent() -> None:
    elsewhere = Origin(developer="google", host="cloud", dialect=DIALECT.name, model="m")
    named = 0
    for name, _, body in requests(API):
        poisoned, _ = _poisoned(body)
        request = DIALECT.decode_request(poisoned, {}, _issuer("m"))

        encoded = DIALECT.encode_request(request, Target(origin=elsewhere))

        paths = [loss.path for loss in encoded.losses]
        for position, message in enumerate(request.messages):
            if message.role == "assistant":
                assert f"messages[{position}].wire.fields.{POISON}" in paths, name
                named += 1
        sent = [each for each in encoded.body["contents"] if each.get("role") == "model"]
        arguments = [id(each) for call in _calls(sent) for each in _objects(call.get("args", {}))]
        leaked = [each for content in sent for each in _objects(content) if POISON in each]
        assert all(id(each) in arguments for each in leaked), name
        assert "thoughtSignature" not in str(sent), name

    assert named > 50


def _calls(contents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [part["functionCall"] for each in contents for part in each["parts"] if "functionCall" in part]


GARBAGE = st.sampled_from(
    [None, True, 7, 1.5, "", "x", [], [None], ["x"], {}, {"type": 3}, {"a": None}, [{"type": "text"}]]
).map(copy.deepcopy)


def _places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield (*path, key)
        yield from _places(child, (*path, key))


def _mutated(draw: st.DrawFn, body: dict[str, Any]) -> dict[str, Any]:
    """A copy with garbage in up to three places."""
    mutated = copy.deepcopy(body)
    for _ in range(draw(st.integers(1, 3))):
        *way, last = draw(st.sampled_from(list(_places(mutated))))
        node: Any = mutated
        for step in way:
            node = node[step]
        node[last] = draw(GARBAGE)
    return mutated


FAST = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@FAST
@given(st.data())
def test_a_malformed_request_never_crashes_and_comes_back(data: st.DataObject) -> None:
    _, _, body = data.draw(st.sampled_from(_small(list(requests(API)))))
    mutated = data.draw(st.composite(_mutated)(body))
    issuer = _issuer("m")

    request = DIALECT.decode_request(mutated, {}, issuer)
    encoded = DIALECT.encode_request(request, Target(origin=issuer))

    assert json.dumps(encoded.body, sort_keys=True) == json.dumps(mutated, sort_keys=True)


@FAST
@given(st.data())
def test_a_malformed_request_crosses_to_another_host_without_a_crash(data: st.DataObject) -> None:
    _, _, body = data.draw(st.sampled_from(_small(list(requests(API)))))
    mutated = data.draw(st.composite(_mutated)(body))
    elsewhere = Origin(developer="google", host="cloud", dialect=DIALECT.name, model="m")

    request = DIALECT.decode_request(mutated, {}, _issuer("m"))

    DIALECT.encode_request(request, Target(origin=elsewhere))


@FAST
@given(st.data())
def test_a_malformed_response_never_crashes_and_comes_back(data: st.DataObject) -> None:
    _, _, body = data.draw(st.sampled_from(_small(list(answers(API)))))
    mutated = data.draw(st.composite(_mutated)(body))

    encoded = DIALECT.encode_response(DIALECT.decode_response(mutated, {}, _issuer("m")))

    assert json.dumps(encoded.body, sort_keys=True) == json.dumps(mutated, sort_keys=True)


@FAST
@given(st.data())
def test_a_malformed_stream_never_crashes_and_comes_back(data: st.DataObject) -> None:
    _, events = data.draw(st.sampled_from([each for each in streams(STREAM) if 0 < len(each[1]) < 40]))
    at = data.draw(st.integers(0, len(events) - 1))
    assert isinstance(events[at].data, dict)
    broken = WireEvent(data=data.draw(st.composite(_mutated)(events[at].data)), event=events[at].event)
    decoder, encoder = DIALECT.stream_decoder({}, _issuer("m")), DIALECT.stream_encoder()

    batches = [decoder.decode(event) for event in (*events[:at], broken, *events[at + 1 :])]
    back = [encoder.encode(batch) for batch in batches]

    assert back[at] == (broken,)
    fold([*batches, decoder.finish()])


def _small(recorded: list[Any]) -> list[Any]:
    return [each for each in recorded if len(json.dumps(each[2])) < 6000]


@pytest.mark.parametrize("data", ["[DONE]", "", "not json"])
def test_an_event_that_is_no_object_is_kept(data: str) -> None:
    event = WireEvent(data=data, event="odd", id="7")

    batch = DIALECT.stream_decoder({}, _issuer("m")).decode(event)

    assert batch.events == (KeepAlive(),)
    assert DIALECT.stream_encoder().encode(batch) == (event,)


def test_a_novel_part_and_a_novel_event_are_kept_and_named() -> None:
    parts = [{"hologram": {"beam": 1}}, {"text": "hi"}]
    events = [
        {"candidates": [{"content": {"role": "model", "parts": parts}, "index": 0}], "responseId": "r"},
        {"overture": 1},
        {"candidates": "none"},
    ]
    wire = [WireEvent(data=each) for each in events]
    decoder, encoder = DIALECT.stream_decoder({}, _issuer("m")), DIALECT.stream_encoder()

    batches = [decoder.decode(each) for each in wire]
    response = fold(batches)

    assert [encoder.encode(batch) for batch in batches] == [(each,) for each in wire]
    assert [part.type for part in response.message.parts] == ["unknown", "text"]
    assert response.outcome.kind is OutcomeKind.UNKNOWN


def test_a_stream_that_ends_without_an_outcome_is_interrupted() -> None:
    decoder = DIALECT.stream_decoder({}, _issuer("m"))
    decoder.decode(WireEvent(data={"candidates": [{"content": {"parts": [{"text": "half"}]}}]}))

    batch = decoder.finish()

    failed = batch.events[0]
    assert isinstance(failed, ResponseFailed)
    assert (failed.error.kind, failed.error.phase) == ("stream_interrupted", "mid_stream")
    assert decoder.finish() == Batch(())
