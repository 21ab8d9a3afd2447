"""Whatever JSON comes as a request, an answer or lines comes back as it was."""

import copy
import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from offramp.contracts.dialect import Target
from offramp.types import Origin, WireEvent
from offramp_providers.dialects.ollama_native import DIALECT

ISSUER = Origin(developer="acme", host="self", dialect=DIALECT.name, model="m")

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
