"""Unknown keys survive or are named; malformed shapes never crash and come back as they were."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.contracts.dialect import Target
from offramp.types import Batch, KeepAlive, Origin, OutcomeKind, ResponseFailed, WireEvent, fold
from offramp_providers.dialects.mistral import DIALECT
from support.cassettes import answers, requests, streams
from support.malformed import FAST, mutated, small, spelled
from support.poison import KEY, objects, poisoned

API = "mistral.chat"
ELSEWHERE = Origin(developer="mistral", host="elsewhere", dialect=DIALECT.name, model="m")


def _issuer(model: Any) -> Origin:
    return Origin(
        developer="mistral", host="mistral", dialect=DIALECT.name, model=model if isinstance(model, str) else None
    )


def test_an_unknown_key_in_every_object_of_every_request_comes_back() -> None:
    for name, _, body in requests(API):
        bad, _ = poisoned(body)
        issuer = _issuer(body["model"])

        encoded = DIALECT.encode_request(DIALECT.decode_request(bad, {}, issuer), Target(origin=issuer))

        assert (encoded.body, encoded.losses) == (bad, ()), name


def test_an_unknown_key_in_every_object_of_every_response_comes_back() -> None:
    for name, _, body in answers(API):
        bad, _ = poisoned(body)

        encoded = DIALECT.encode_response(DIALECT.decode_response(bad, {}, _issuer("m")))

        assert (encoded.body, encoded.losses) == (bad, ()), name


def test_an_unknown_key_in_every_object_of_every_event_comes_back() -> None:
    for name, events in streams(API):
        decoder, encoder = DIALECT.stream_decoder({}, _issuer("m")), DIALECT.stream_encoder()
        for event in events:
            bad = WireEvent(data=poisoned(event.data)[0], event=event.event) if event.data != "[DONE]" else event  # type: ignore[arg-type]

            assert encoder.encode(decoder.decode(bad)) == (bad,), name


def test_residue_of_the_assistants_is_named_at_another_host_and_never_sent() -> None:
    named = 0
    for name, _, body in requests(API):
        bad, _ = poisoned(body)
        request = DIALECT.decode_request(bad, {}, _issuer(body["model"]))

        encoded = DIALECT.encode_request(request, Target(origin=ELSEWHERE))

        paths = [loss.path for loss in encoded.losses]
        for position, message in enumerate(request.messages):
            if message.role == "assistant":
                assert any(path.startswith(f"messages[{position}]") for path in paths), name
                named += any(path == f"messages[{position}].wire.fields.{KEY}" for path in paths)
        leaked = [each for each in encoded.body["messages"] if each["role"] == "assistant"]
        assert [each for message in leaked for each in objects(message) if KEY in each] == [], name
    assert named == 22


@cache
def _small(recorded: Callable[[str], Iterator[Any]]) -> list[Any]:
    return small(recorded(API))


@cache
def _failed() -> list[Any]:
    return list(answers(API, failed=True))


@cache
def _short_streams() -> list[Any]:
    return [each for each in streams(API) if len(each[1]) < 40]


@FAST
@given(st.data())
def test_a_malformed_request_never_crashes_and_comes_back(data: st.DataObject) -> None:
    _, _, body = data.draw(st.sampled_from(_small(requests)))
    garbled = data.draw(mutated(body))
    issuer = _issuer(garbled.get("model"))

    encoded = DIALECT.encode_request(DIALECT.decode_request(garbled, {}, issuer), Target(origin=issuer))

    assert (spelled(encoded.body), encoded.losses) == (spelled(garbled), ())


@FAST
@given(st.data())
def test_a_malformed_request_crosses_to_another_host_without_a_crash(data: st.DataObject) -> None:
    _, _, body = data.draw(st.sampled_from(_small(requests)))
    garbled = data.draw(mutated(body))
    request = DIALECT.decode_request(garbled, {}, _issuer(None))

    encoded = DIALECT.encode_request(request, Target(origin=ELSEWHERE))

    assert "messages" in encoded.body or "messages" not in garbled


@FAST
@given(st.data())
def test_a_malformed_response_never_crashes_and_comes_back(data: st.DataObject) -> None:
    _, _, body = data.draw(st.sampled_from(_small(answers)))
    garbled = data.draw(mutated(body))

    encoded = DIALECT.encode_response(DIALECT.decode_response(garbled, {}, _issuer("m")))

    assert (spelled(encoded.body), encoded.losses) == (spelled(garbled), ())


@FAST
@given(st.data())
def test_a_malformed_stream_never_crashes_and_comes_back(data: st.DataObject) -> None:
    _, events = data.draw(st.sampled_from(_short_streams()))
    at = data.draw(st.integers(0, len(events) - 1))
    if isinstance(events[at].data, str):
        return
    broken = WireEvent(data=data.draw(mutated(events[at].data)), event=events[at].event)  # type: ignore[arg-type]
    events = [*events[:at], broken, *events[at + 1 :]]
    decoder, encoder = DIALECT.stream_decoder({}, _issuer("m")), DIALECT.stream_encoder()

    batches = [decoder.decode(event) for event in events]
    back = [encoder.encode(batch) for batch in batches]

    assert back == [(event,) for event in events]
    fold([*batches, decoder.finish()])


@FAST
@given(st.integers(100, 599), st.data())
def test_a_malformed_error_never_crashes(status: int, data: st.DataObject) -> None:
    _, response, body = data.draw(st.sampled_from(_failed()))
    garbled = data.draw(mutated(body))

    error = DIALECT.decode_error(status, response["headers"], garbled)

    assert (error.status, error.body) == (status, garbled)
    encoded = DIALECT.encode_error(error).body
    assert "detail" in encoded or encoded["object"] == "error"


@pytest.mark.parametrize("data", ["", "not json"])
def test_an_event_that_is_no_object_is_kept(data: str) -> None:
    event = WireEvent(data=data, event="odd", id="7")

    batch = DIALECT.stream_decoder({}, _issuer("m")).decode(event)

    assert batch.events == (KeepAlive(),)
    assert DIALECT.stream_encoder().encode(batch) == (event,)


def test_a_terminator_claims_nothing() -> None:
    decoder = DIALECT.stream_decoder({}, _issuer("m"))
    chunk = {"id": "c1", "model": "m", "choices": [{"index": 0, "delta": {"content": "Hel"}, "finish_reason": None}]}

    batches = [decoder.decode(WireEvent(data=chunk)), decoder.decode(WireEvent(data="[DONE]")), decoder.finish()]

    failed = batches[-1].events[0]
    assert isinstance(failed, ResponseFailed)
    assert (failed.error.kind, failed.error.phase) == ("stream_interrupted", "mid_stream")
    assert decoder.finish() == Batch(())
    assert fold(batches).outcome.kind is OutcomeKind.UNKNOWN


def test_an_empty_stream_is_interrupted_before_the_first_output() -> None:
    batch = DIALECT.stream_decoder({}, _issuer("m")).finish()

    failed = batch.events[0]
    assert isinstance(failed, ResponseFailed)
    assert failed.error.phase == "before_first_output"
