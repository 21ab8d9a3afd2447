"""Unknown keys survive or are named; malformed shapes never crash and come back as they were."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.contracts.dialect import Target
from offramp.types import Batch, KeepAlive, Origin, OutcomeKind, ResponseFailed, WireEvent, fold
from offramp_providers.dialects.bedrock_converse import DIALECT
from support.cassettes import answers, requests, streams
from support.malformed import FAST, mutated, small, spelled
from support.poison import KEY, objects, poisoned

API, STREAM = "bedrock.converse", "bedrock.converse-stream"
ISSUER = Origin(developer="amazon", host="bedrock", dialect=DIALECT.name, model="m")
ELSEWHERE = Origin(developer="anthropic", host="bedrock", dialect=DIALECT.name, model="n")


def test_an_unknown_key_in_every_object_of_every_request_comes_back() -> None:
    for name, _, body in requests(API):
        bad, _ = poisoned(body)

        encoded = DIALECT.encode_request(DIALECT.decode_request(bad, {}, ISSUER), Target(origin=ISSUER))

        assert (encoded.body, encoded.losses) == (bad, ()), name


def test_an_unknown_key_in_every_object_of_every_response_comes_back() -> None:
    for name, _, body in answers(API):
        bad, _ = poisoned(body)

        encoded = DIALECT.encode_response(DIALECT.decode_response(bad, {}, ISSUER))

        assert (encoded.body, encoded.losses) == (bad, ()), name


def test_an_unknown_key_in_every_object_of_every_event_comes_back() -> None:
    for name, events in streams(STREAM):
        decoder, encoder = DIALECT.stream_decoder({}, ISSUER), DIALECT.stream_encoder()
        for event in events:
            assert isinstance(event.data, dict)
            bad = WireEvent(data=poisoned(event.data)[0], event=event.event)

            assert encoder.encode(decoder.decode(bad)) == (bad,), name


def test_residue_of_one_developers_model_is_named_at_anothers_and_never_sent() -> None:
    named = 0
    for name, _, body in requests(API):
        bad, _ = poisoned(body)
        request = DIALECT.decode_request(bad, {}, ISSUER)

        encoded = DIALECT.encode_request(request, Target(origin=ELSEWHERE))

        paths = [loss.path for loss in encoded.losses]
        for position, message in enumerate(request.messages):
            if message.role == "assistant":
                assert f"messages[{position}].wire.fields.{KEY}" in paths, name
                named += 1
        sent = [each for each in encoded.body["messages"] if each.get("role") == "assistant"]
        inputs = [block["toolUse"]["input"] for each in sent for block in each["content"] if "toolUse" in block]
        arguments = [id(each) for found in inputs for each in objects(found)]
        leaked = [each for content in sent for each in objects(content) if KEY in each]
        assert all(id(each) in arguments for each in leaked), name
        assert "signature" not in str(sent), name

    assert named > 15


@cache
def _small(recorded: Callable[[str], Iterator[Any]]) -> list[Any]:
    return small(recorded(API))


@FAST
@given(st.data())
def test_a_malformed_request_never_crashes_and_comes_back(data: st.DataObject) -> None:
    _, _, body = data.draw(st.sampled_from(_small(requests)))
    garbled = data.draw(mutated(body, removing=False))

    request = DIALECT.decode_request(garbled, {}, ISSUER)
    encoded = DIALECT.encode_request(request, Target(origin=ISSUER))

    assert spelled(encoded.body) == spelled(garbled)


@FAST
@given(st.data())
def test_a_malformed_request_crosses_to_another_model_without_a_crash(data: st.DataObject) -> None:
    _, _, body = data.draw(st.sampled_from(_small(requests)))
    garbled = data.draw(mutated(body, removing=False))

    request = DIALECT.decode_request(garbled, {}, ISSUER)

    DIALECT.encode_request(request, Target(origin=ELSEWHERE))


@FAST
@given(st.data())
def test_a_malformed_response_never_crashes_and_comes_back(data: st.DataObject) -> None:
    _, _, body = data.draw(st.sampled_from(_small(answers)))
    garbled = data.draw(mutated(body, removing=False))

    encoded = DIALECT.encode_response(DIALECT.decode_response(garbled, {}, ISSUER))

    assert spelled(encoded.body) == spelled(garbled)


@FAST
@given(st.data())
def test_a_malformed_stream_never_crashes_and_comes_back(data: st.DataObject) -> None:
    _, events = data.draw(st.sampled_from([each for each in streams(STREAM) if 0 < len(each[1]) < 40]))
    at = data.draw(st.integers(0, len(events) - 1))
    assert isinstance(events[at].data, dict)
    broken = WireEvent(data=data.draw(mutated(events[at].data, removing=False)), event=events[at].event)
    decoder, encoder = DIALECT.stream_decoder({}, ISSUER), DIALECT.stream_encoder()

    batches = [decoder.decode(event) for event in (*events[:at], broken, *events[at + 1 :])]
    back = [encoder.encode(batch) for batch in batches]

    assert back[at] == (broken,)
    fold([*batches, decoder.finish()])


@pytest.mark.parametrize("data", ["[DONE]", "", "not json"])
def test_an_event_that_is_no_object_is_kept(data: str) -> None:
    event = WireEvent(data=data, event="odd", id="7")

    batch = DIALECT.stream_decoder({}, ISSUER).decode(event)

    assert batch.events == (KeepAlive(),)
    assert DIALECT.stream_encoder().encode(batch) == (event,)


def test_a_novel_block_and_a_novel_event_are_kept_and_named() -> None:
    blocks = [{"hologram": {"beam": 1}}, {"text": "hi"}, {"cachePoint": {"type": "eternal"}}]
    body = {"output": {"message": {"role": "assistant", "content": blocks}}, "stopReason": "soared"}
    event = WireEvent(data={"overture": 1}, event="overture")

    response = DIALECT.decode_response(body, {}, ISSUER)
    batch = DIALECT.stream_decoder({}, ISSUER).decode(event)

    assert [part.type for part in response.message.parts] == ["unknown", "text", "unknown"]
    assert (response.outcome.kind, response.outcome.raw) == (OutcomeKind.UNKNOWN, "soared")
    assert DIALECT.encode_response(response).body == body
    assert DIALECT.stream_encoder().encode(batch) == (event,)


def test_a_stream_that_ends_without_an_outcome_is_interrupted() -> None:
    decoder = DIALECT.stream_decoder({}, ISSUER)
    decoder.decode(WireEvent(data={"delta": {"text": "half"}, "contentBlockIndex": 0}, event="contentBlockDelta"))
    decoder.decode(WireEvent(data={"contentBlockIndex": 0}, event="contentBlockStop"))

    batch = decoder.finish()

    failed = batch.events[0]
    assert isinstance(failed, ResponseFailed)
    assert (failed.error.kind, failed.error.phase) == ("stream_interrupted", "mid_stream")
    assert decoder.finish() == Batch(())
