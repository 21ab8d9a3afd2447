"""Unknown keys survive or are named; malformed shapes never crash and come back as they were."""

import copy
import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from offramp.contracts.dialect import Target
from offramp.types import GenerateRequest, Origin, WireEvent
from offramp_providers.dialects.ollama_native import DIALECT
from support.cassettes import answers, requests, streams
from support.poison import poisoned
from support.strategies import values

API = "ollama.chat"
ISSUER = Origin(developer="acme", host="self", dialect=DIALECT.name, model="m")
ELSEWHERE = Origin(developer="acme", host="other", dialect=DIALECT.name, model="m")


def test_an_unknown_key_in_every_object_of_every_request_comes_back() -> None:
    for name, _, body in requests(API):
        bad, _ = poisoned(body)

        encoded = DIALECT.encode_request(DIALECT.decode_request(bad, {}, ISSUER), Target(origin=ISSUER))

        assert (encoded.body, encoded.losses) == (bad, ()), name


def test_an_unknown_key_in_every_object_of_every_answer_comes_back() -> None:
    for name, _, body in answers(API):
        bad, _ = poisoned(body)

        encoded = DIALECT.encode_response(DIALECT.decode_response(bad, {}, ISSUER))

        assert (encoded.body, encoded.losses) == (bad, ()), name


def test_an_unknown_key_in_every_object_of_every_line_comes_back() -> None:
    for name, events in streams(API):
        decoder, encoder = DIALECT.stream_decoder({}, ISSUER), DIALECT.stream_encoder()
        for event in events:
            bad = WireEvent(data=poisoned(event.data)[0])

            assert encoder.encode(decoder.decode(bad)) == (bad,), name


def test_residue_of_the_models_message_is_named_at_another_host_and_not_sent() -> None:
    body = {"model": "m", "messages": [{"role": "assistant", "content": "a", "thinking": "b", "odd": 1}]}

    encoded = DIALECT.encode_request(DIALECT.decode_request(body, {}, ISSUER), Target(origin=ELSEWHERE))

    assert encoded.body["messages"] == [{"role": "assistant", "content": "a"}]
    assert {(loss.code, loss.path) for loss in encoded.losses} == {
        ("vendor_field", "messages[0].wire.fields.odd"),
        ("reasoning.foreign", "messages[0].parts[0]"),
    }


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["role", "content", "function", "name", "id", "x", "type", "arguments"]), inner
        )
    ),
    max_leaves=8,
)
REQUEST_KEYS = ["model", "messages", "tools", "format", "options", "think", "stream", "logprobs", "keep_alive", "odd"]
ANSWER_KEYS = ["model", "message", "done", "done_reason", "error", "eval_count", "prompt_eval_count", "created_at"]
MESSAGE_KEYS = ["role", "content", "thinking", "images", "videos", "tool_calls", "tool_name", "tool_call_id", "odd"]
MESSAGES = st.dictionaries(st.sampled_from(MESSAGE_KEYS), JSON | st.sampled_from(["user", "assistant", "tool"]))
MANY = settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def spelled(body: Any) -> str:
    return json.dumps(body, sort_keys=True)


@MANY
@given(st.dictionaries(st.sampled_from(REQUEST_KEYS), JSON), st.lists(MESSAGES, max_size=3))
def test_any_request_at_all_comes_back_as_it_was(found: dict[str, Any], messages: list[Any]) -> None:
    body = {**found, "messages": [*messages, found.get("messages")]}
    kept = copy.deepcopy(body)
    issuer = Origin(developer="acme", host="self", dialect=DIALECT.name)

    encoded = DIALECT.encode_request(DIALECT.decode_request(body, {}, issuer), Target(origin=issuer))

    assert (spelled(encoded.body), encoded.losses, body) == (spelled(kept), (), kept)


@MANY
@given(st.dictionaries(st.sampled_from(ANSWER_KEYS), JSON), MESSAGES)
def test_any_answer_at_all_comes_back_as_it_was(found: dict[str, Any], message: dict[str, Any]) -> None:
    for body in (found, {**found, "message": message}):
        encoded = DIALECT.encode_response(DIALECT.decode_response(body, {}, ISSUER))

        assert (spelled(encoded.body), encoded.losses) == (spelled(body), ())


@MANY
@given(st.lists(st.dictionaries(st.sampled_from(ANSWER_KEYS), JSON | MESSAGES), max_size=4))
def test_any_lines_at_all_come_back_as_they_were(lines: list[dict[str, Any]]) -> None:
    decoder, encoder = DIALECT.stream_decoder({}, ISSUER), DIALECT.stream_encoder()

    back = [encoder.encode(decoder.decode(WireEvent(data=each))) for each in lines]

    assert [spelled([event.data for event in events]) for events in back] == [spelled([each]) for each in lines]
    assert encoder.losses == ()


@settings(max_examples=50, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(values(GenerateRequest))
def test_any_request_of_ours_is_encoded_and_each_loss_has_a_place(request_: GenerateRequest) -> None:
    losses = DIALECT.encode_request(request_, Target(origin=ISSUER)).losses

    assert all(loss.path for loss in losses)
