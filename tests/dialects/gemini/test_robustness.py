"""Unknown keys survive or are named; malformed shapes never crash and come back as they were."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.contracts.dialect import Target
from offramp.types import Batch, KeepAlive, Origin, OutcomeKind, ResponseFailed, WireEvent, fold
from offramp_providers.dialects.gemini import DIALECT
from support.cassettes import answers, requests, streams
from support.malformed import FAST, mutated, small, spelled
from support.poison import KEY, objects, poisoned

API, STREAM = "gemini.generateContent", "gemini.streamGenerateContent"


def _issuer(model: Any) -> Origin:
    return Origin(
        developer="google", host="google", dialect=DIALECT.name, model=model if isinstance(model, str) else None
    )


def test_an_unknown_key_in_every_object_of_every_request_comes_back() -> None:
    for name, _, body in requests(API):
        bad, _ = poisoned(body)
        issuer = _issuer("m")

        encoded = DIALECT.encode_request(DIALECT.decode_request(bad, {}, issuer), Target(origin=issuer))

        assert (encoded.body, encoded.losses) == (bad, ()), name


def test_an_unknown_key_in_every_object_of_every_response_comes_back() -> None:
    for name, _, body in answers(API):
        bad, _ = poisoned(body)

        encoded = DIALECT.encode_response(DIALECT.decode_response(bad, {}, _issuer("m")))

        assert (encoded.body, encoded.losses) == (bad, ()), name


def test_an_unknown_key_in_every_object_of_every_event_comes_back() -> None:
    for name, events in streams(STREAM):
        decoder, encoder = DIALECT.stream_decoder({}, _issuer("m")), DIALECT.stream_encoder()
        for event in events:
            assert isinstance(event.data, dict)
            bad = WireEvent(data=poisoned(event.data)[0], event=event.event)

            assert encoder.encode(decoder.decode(bad)) == (bad,), name


def test_residue_of_the_models_is_named_at_another_host_and_never_sent() -> None:
    elsewhere = Origin(developer="google", host="cloud", dialect=DIALECT.name, model="m")
    named = 0
    for name, _, body in requests(API):
        bad, _ = poisoned(body)
        request = DIALECT.decode_request(bad, {}, _issuer("m"))

        encoded = DIALECT.encode_request(request, Target(origin=elsewhere))

        paths = [loss.path for loss in encoded.losses]
        for position, message in enumerate(request.messages):
            if message.role == "assistant":
                assert f"messages[{position}].wire.fields.{KEY}" in paths, name
                named += 1
        sent = [each for each in encoded.body["contents"] if each.get("role") == "model"]
        arguments = [id(each) for call in _calls(sent) for each in objects(call.get("args", {}))]
        leaked = [each for content in sent for each in objects(content) if KEY in each]
        assert all(id(each) in arguments for each in leaked), name
        assert "thoughtSignature" not in str(sent), name

    assert named > 50


def _calls(contents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [part["functionCall"] for each in contents for part in each["parts"] if "functionCall" in part]


@cache
def _small(recorded: Callable[[str], Iterator[Any]]) -> list[Any]:
    return small(recorded(API))


@FAST
@given(st.data())
def test_a_malformed_request_never_crashes_and_comes_back(data: st.DataObject) -> None:
    _, _, body = data.draw(st.sampled_from(_small(requests)))
    garbled = data.draw(mutated(body, removing=False))
    issuer = _issuer("m")

    request = DIALECT.decode_request(garbled, {}, issuer)
    encoded = DIALECT.encode_request(request, Target(origin=issuer))

    assert spelled(encoded.body) == spelled(garbled)


@FAST
@given(st.data())
def test_a_malformed_request_crosses_to_another_host_without_a_crash(data: st.DataObject) -> None:
    _, _, body = data.draw(st.sampled_from(_small(requests)))
    garbled = data.draw(mutated(body, removing=False))
    elsewhere = Origin(developer="google", host="cloud", dialect=DIALECT.name, model="m")

    request = DIALECT.decode_request(garbled, {}, _issuer("m"))

    DIALECT.encode_request(request, Target(origin=elsewhere))


@FAST
@given(st.data())
def test_a_malformed_response_never_crashes_and_comes_back(data: st.DataObject) -> None:
    _, _, body = data.draw(st.sampled_from(_small(answers)))
    garbled = data.draw(mutated(body, removing=False))

    encoded = DIALECT.encode_response(DIALECT.decode_response(garbled, {}, _issuer("m")))

    assert spelled(encoded.body) == spelled(garbled)


@FAST
@given(st.data())
def test_a_malformed_stream_never_crashes_and_comes_back(data: st.DataObject) -> None:
    _, events = data.draw(st.sampled_from([each for each in streams(STREAM) if 0 < len(each[1]) < 40]))
    at = data.draw(st.integers(0, len(events) - 1))
    assert isinstance(events[at].data, dict)
    broken = WireEvent(data=data.draw(mutated(events[at].data, removing=False)), event=events[at].event)
    decoder, encoder = DIALECT.stream_decoder({}, _issuer("m")), DIALECT.stream_encoder()

    batches = [decoder.decode(event) for event in (*events[:at], broken, *events[at + 1 :])]
    back = [encoder.encode(batch) for batch in batches]

    assert back[at] == (broken,)
    fold([*batches, decoder.finish()])


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
