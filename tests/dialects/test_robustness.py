"""Unknown keys survive or are named; malformed shapes never crash and come back as they were: in every dialect."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, replace
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.contracts.dialect import Target
from offramp.types import Batch, KeepAlive, Origin, OutcomeKind, ResponseFailed, WireEvent, fold
from offramp_conformance.accounting.dialects import SPOKEN
from support.cassettes import answers, requests, streams
from support.malformed import FAST, mutated, small, spelled
from support.poison import ARGUMENTS, KEY, objects, poisoned


def _messages(body: Any) -> list[Any]:
    return [each for each in body["messages"] if each.get("role") == "assistant"]


def _items(body: Any) -> list[Any]:
    ours = [each for each in body.get("input", ()) if isinstance(each, dict)]
    return [each for each in ours if each.get("role") == "assistant" or each.get("type") in _ASSISTANTS]


_ASSISTANTS = ("function_call", "reasoning")
_CHUNK = {"id": "c1", "model": "m", "choices": [{"index": 0, "delta": {"content": "Hel"}, "finish_reason": None}]}


@dataclass(frozen=True)
class Wire:
    """What differs from dialect to dialect."""

    half: WireEvent
    """An event that says half a word."""
    least_named: int
    """Residue of the assistant's that is named in all recordings together, at least."""
    _: KW_ONLY
    assistants: Callable[[Any], list[Any]] = _messages
    """What the assistant has said, in the body of a request."""
    on_messages: bool = True
    """Whether a message is an object on this wire, which can hold residue."""
    sealed: str | None = None
    """The key of opaque state."""


WIRES: Mapping[str, Wire] = {
    "anthropic_messages": Wire(
        WireEvent(
            data={"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hel"}},
            event="content_block_delta",
        ),
        100,
        sealed="signature",
    ),
    "bedrock_converse": Wire(
        WireEvent(data={"delta": {"text": "Hel"}, "contentBlockIndex": 0}, event="contentBlockDelta"),
        16,
        sealed="signature",
    ),
    "cohere_v2": Wire(WireEvent(data={"type": "tool-plan-delta", "delta": {"message": {"tool_plan": "Hel"}}}), 6),
    "gemini": Wire(
        WireEvent(data={"candidates": [{"content": {"parts": [{"text": "Hel"}]}}]}),
        51,
        assistants=lambda body: [each for each in body["contents"] if each.get("role") == "model"],
        sealed="thoughtSignature",
    ),
    "mistral": Wire(WireEvent(data=_CHUNK), 22),
    "ollama_native": Wire(WireEvent(data={"message": {"role": "assistant", "content": "Hel"}, "done": False}), 1),
    "openai_chat": Wire(WireEvent(data=_CHUNK), 101),
    "openai_responses": Wire(
        WireEvent(data={"type": "response.output_text.delta", "output_index": 0, "content_index": 0, "delta": "Hel"}),
        101,
        assistants=_items,
        on_messages=False,
        sealed="encrypted_content",
    ),
}
DIALECTS = pytest.mark.parametrize("name", list(SPOKEN))


def test_every_dialect_stands_in_the_table() -> None:
    assert WIRES.keys() == SPOKEN.keys()


def issuer(name: str, model: Any = "m") -> Origin:
    """The vendor itself. A model of another shape than a text is none."""
    return replace(SPOKEN[name].origin, model=model if isinstance(model, str) else None)


def elsewhere(name: str) -> Origin:
    """Another host of the same dialect, with another developer's model."""
    return replace(SPOKEN[name].origin, developer="acme", host="elsewhere", model="n")


def issuer_of(name: str, body: Any) -> Origin:
    """The vendor of a request, which names the model where its wire does."""
    return issuer(name, body.get("model") if name in _MODEL_IN_BODY else "m")


_MODEL_IN_BODY = SPOKEN.keys() - {"bedrock_converse", "gemini"}


# Poison.


@DIALECTS
def test_an_unknown_key_in_every_object_of_every_request_comes_back(name: str) -> None:
    dialect = SPOKEN[name].dialect
    for recording, request, body in requests(SPOKEN[name].recordings):
        bad, _ = poisoned(body)
        whose = issuer_of(name, body)

        decoded = dialect.decode_request(bad, request.get("headers") or {}, whose)
        encoded = dialect.encode_request(decoded, Target(origin=whose))

        assert (encoded.body, encoded.losses) == (bad, ()), recording


@DIALECTS
def test_an_unknown_key_in_every_object_of_every_response_comes_back(name: str) -> None:
    dialect = SPOKEN[name].dialect
    for recording, _, body in answers(SPOKEN[name].recordings):
        bad, _ = poisoned(body)

        encoded = dialect.encode_response(dialect.decode_response(bad, {}, issuer(name)))

        assert (encoded.body, encoded.losses) == (bad, ()), recording


@DIALECTS
def test_an_unknown_key_in_every_object_of_every_event_comes_back(name: str) -> None:
    dialect = SPOKEN[name].dialect
    for recording, events in _streams(name):
        decoder, encoder = dialect.stream_decoder({}, issuer(name)), dialect.stream_encoder()
        for event in events:
            bad = replace(event, data=poisoned(event.data)[0])

            assert encoder.encode(decoder.decode(bad)) == (bad,), recording


@DIALECTS
def test_residue_of_the_assistant_s_is_named_at_another_host_and_never_sent(name: str) -> None:
    dialect, wire, named = SPOKEN[name].dialect, WIRES[name], 0
    for recording, _, body in requests(SPOKEN[name].recordings):
        bad, _ = poisoned(body)
        request = dialect.decode_request(bad, {}, issuer_of(name, body))

        encoded = dialect.encode_request(request, Target(origin=elsewhere(name), default_max_output_tokens=9))

        paths = [loss.path for loss in encoded.losses]
        for position, message in enumerate(request.messages):
            if message.role == "assistant":
                within = [path for path in paths if path.startswith(f"messages[{position}]")]
                assert within, recording
                own = f"messages[{position}].wire.fields.{KEY}"
                named += own in within if wire.on_messages else len(within)
        said = wire.assistants(encoded.body)
        leaked = [each for unit in said for each in objects(unit, without=ARGUMENTS) if KEY in each]
        assert leaked == [], recording
        assert wire.sealed is None or not [each for each in objects(said) if wire.sealed in each], recording
    assert named >= wire.least_named


# Garbage.


@cache
def _small(name: str, recorded: Callable[[str], Iterator[Any]]) -> list[Any]:
    return small(recorded(SPOKEN[name].recordings))


@cache
def _failed(name: str) -> list[Any]:
    made_up = ("", {"headers": {}}, {"error": {"message": "m", "type": "t", "code": 1}})
    return list(answers(SPOKEN[name].recordings, failed=True)) or [made_up]


_SHORT = 70
"""Events of a stream that is mutated many times."""


@cache
def _streams(name: str) -> list[Any]:
    return list(streams(SPOKEN[name].streams or SPOKEN[name].recordings))


def _is_unbounded(body: Any, garbled: Any) -> bool:
    """Whether a bound was taken away, which is injected where the dialect requires one: that is no matter of shapes."""
    return "max_tokens" in body and garbled.get("max_tokens") is None


@DIALECTS
@FAST
@given(data=st.data())
def test_a_malformed_request_never_crashes_and_comes_back(name: str, data: st.DataObject) -> None:
    dialect = SPOKEN[name].dialect
    _, _, body = data.draw(st.sampled_from(_small(name, requests)))
    garbled = data.draw(mutated(body))
    whose = issuer_of(name, garbled)

    decoded = dialect.decode_request(garbled, {}, whose)
    encoded = dialect.encode_request(decoded, Target(origin=whose, default_max_output_tokens=9))

    if not _is_unbounded(body, garbled):
        assert (spelled(encoded.body), encoded.losses) == (spelled(garbled), ())


@DIALECTS
@FAST
@given(data=st.data())
def test_a_malformed_request_crosses_to_another_host_without_a_crash(name: str, data: st.DataObject) -> None:
    dialect = SPOKEN[name].dialect
    _, _, body = data.draw(st.sampled_from(_small(name, requests)))
    garbled = data.draw(mutated(body))
    request = dialect.decode_request(garbled, {}, issuer(name, None))

    encoded = dialect.encode_request(request, Target(origin=elsewhere(name), default_max_output_tokens=9))

    assert all(loss.path for loss in encoded.losses)


@DIALECTS
@FAST
@given(data=st.data())
def test_a_malformed_response_never_crashes_and_comes_back(name: str, data: st.DataObject) -> None:
    dialect = SPOKEN[name].dialect
    _, _, body = data.draw(st.sampled_from(_small(name, answers)))
    garbled = data.draw(mutated(body))

    encoded = dialect.encode_response(dialect.decode_response(garbled, {}, issuer(name)))

    assert (spelled(encoded.body), encoded.losses) == (spelled(garbled), ())


@DIALECTS
@FAST
@given(data=st.data())
def test_a_malformed_stream_never_crashes_and_comes_back(name: str, data: st.DataObject) -> None:
    dialect = SPOKEN[name].dialect
    _, events = data.draw(st.sampled_from([each for each in _streams(name) if 0 < len(each[1]) < _SHORT]))
    at = data.draw(st.integers(0, len(events) - 1))
    if isinstance(events[at].data, str):
        return
    broken = replace(events[at], data=data.draw(mutated(events[at].data)))
    events = [*events[:at], broken, *events[at + 1 :]]
    decoder, encoder = dialect.stream_decoder({}, issuer(name)), dialect.stream_encoder()

    batches = [decoder.decode(event) for event in events]
    back = [encoder.encode(batch) for batch in batches]

    assert back[at] == (broken,)
    # Where the beginning is broken, nothing tells how the rest was framed.
    assert at == 0 or back == [(event,) for event in events]
    fold([*batches, decoder.finish()])


@DIALECTS
@FAST
@given(status=st.integers(100, 599), data=st.data())
def test_a_malformed_error_never_crashes(name: str, status: int, data: st.DataObject) -> None:
    dialect = SPOKEN[name].dialect
    _, response, body = data.draw(st.sampled_from(_failed(name)))
    garbled = data.draw(mutated(body))

    error = dialect.decode_error(status, response["headers"], garbled)

    assert (error.status, error.body) == (status, garbled)
    assert dialect.encode_error(error).body


@DIALECTS
@pytest.mark.parametrize("data", ["", "not json", "[DONE]"])
def test_an_event_that_is_no_object_is_kept(name: str, data: str) -> None:
    # Lines without a frame around them have neither names nor ids.
    named = {} if SPOKEN[name].dialect.framing == "ndjson" else {"event": "odd", "id": "7"}
    event = WireEvent(data=data, **named)

    batch = SPOKEN[name].dialect.stream_decoder({}, issuer(name)).decode(event)

    assert batch.events in ((), (KeepAlive(),))
    assert SPOKEN[name].dialect.stream_encoder().encode(batch) == (event,)


# Ends.


@DIALECTS
def test_a_terminator_claims_nothing(name: str) -> None:
    decoder = SPOKEN[name].dialect.stream_decoder({}, issuer(name))

    batches = [decoder.decode(WIRES[name].half), decoder.decode(WireEvent(data="[DONE]")), decoder.finish()]

    failed = batches[-1].events[-1]
    assert isinstance(failed, ResponseFailed)
    assert (failed.error.kind, failed.error.phase) == ("stream_interrupted", "mid_stream")
    assert decoder.finish() == Batch(())
    assert fold(batches).outcome.kind is OutcomeKind.UNKNOWN


@DIALECTS
def test_an_empty_stream_is_interrupted_before_the_first_output(name: str) -> None:
    batch = SPOKEN[name].dialect.stream_decoder({}, issuer(name)).finish()

    failed = batch.events[0]
    assert isinstance(failed, ResponseFailed)
    assert failed.error.phase == "before_first_output"
