"""Counts of tokens, in every dialect that has them: recorded traffic comes back as it was."""

import copy
import json
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.contracts.dialect import Dialect, Target
from offramp.contracts.operations import COUNT_TOKENS
from offramp.contracts.profile import Option
from offramp.types import FunctionTool, GenerateRequest, TokenCount, Wire, system, user
from offramp_providers.dialects.anthropic_messages import DIALECT as ANTHROPIC
from offramp_providers.dialects.bedrock_converse import DIALECT as BEDROCK
from offramp_providers.dialects.gemini import DIALECT as GEMINI
from offramp_providers.dialects.openai_responses import DIALECT as RESPONSES
from support.cassettes import recordings
from support.operations import answered, asked, codec_of, host_of

COUNTED: Final = {
    "anthropic.count_tokens": (ANTHROPIC, 3),
    "bedrock.count-tokens": (BEDROCK, 3),
    "gemini.countTokens": (GEMINI, 5),
    "openai.responses.input_tokens": (RESPONSES, 3),
}
"""Each recorded API: its dialect, and how many requests there are at least."""

COUNTERS: Final = (ANTHROPIC, BEDROCK, GEMINI, RESPONSES)


@pytest.mark.parametrize("api", COUNTED)
def test_every_recorded_count_comes_back_exactly(api: str) -> None:
    dialect, least = COUNTED[api]
    found = recordings(api)

    for each in found:
        before, after = asked(dialect, COUNT_TOKENS, each)
        assert after == before, each["id"]
        if each["response"]["status"] < 400:
            before, after = answered(dialect, COUNT_TOKENS, each["response"]["json"])
            assert after == before, each["id"]

    assert len(found) >= least


@pytest.mark.parametrize("api", COUNTED)
def test_every_recorded_count_is_read(api: str) -> None:
    dialect, _ = COUNTED[api]
    decode = codec_of(dialect, COUNT_TOKENS).decode_response

    for each in recordings(api):
        body = each["response"]["json"]
        if each["response"]["status"] < 400:
            told = decode(body, {}, host_of(dialect, "m"))
            assert told.input_tokens == next(
                body[key] for key in ("input_tokens", "totalTokens", "inputTokens") if key in body
            )
            assert told.origin == host_of(dialect)  # who counted is known; which model's tokens, nobody has said


SETTINGS: Final[dict[str, Any]] = {
    "temperature": 0.1,
    "top_p": 0.5,
    "top_k": 3,
    "seed": 1,
    "frequency_penalty": 0.1,
    "presence_penalty": 0.1,
    "stop": ("END",),
    "candidates": 2,
    "max_output_tokens": 9,
    "stream": True,
    "end_user": "u",
    "metadata": {"k": "v"},
    "store": False,
}
TOOL = FunctionTool("f", description="d", schema={"type": "object", "properties": {}})
FULL = GenerateRequest((system("Be brief."), user("Hello")), tools=(TOOL,), **SETTINGS)
TAKEN: Final = {
    "anthropic_messages": {"model", "messages", "system", "tools"},
    "bedrock_converse": {"input"},
    "gemini": {"generateContentRequest"},
    "openai_responses": {"model", "input", "instructions", "tools"},
}


@pytest.mark.parametrize("dialect", COUNTERS, ids=lambda each: each.name)
def test_a_counter_is_sent_what_it_reads_and_nothing_of_the_answers_settings(dialect: Dialect) -> None:
    encoded = codec_of(dialect, COUNT_TOKENS).encode_request(FULL, Target(origin=host_of(dialect, "m")))

    text = json.dumps(encoded.body)
    assert set(encoded.body) <= TAKEN[dialect.name]
    assert all(word in text for word in ("Be brief.", "Hello", '"f"'))
    assert {loss.path for loss in encoded.losses} <= {"tools[0].strict"}  # which one dialect requires of every tool
    assert not any(word in text for word in ("temperature", "max_", "maxOutput", "stop", "END", "store", "stream"))


def test_google_cloud_counts_the_fields_beside_each_other() -> None:
    options: dict[str, Option] = {"count_whole": False}
    target = Target(origin=host_of(GEMINI, "m"), options=options)

    encoded = codec_of(GEMINI, COUNT_TOKENS).encode_request(FULL, target)

    assert encoded.path == "/models/m:countTokens"
    assert set(encoded.body) == {"contents", "systemInstruction", "tools"}


def test_a_cloud_counts_claudes_tokens_at_a_path_of_its_own() -> None:
    options: dict[str, Option] = {
        "path": "/models/{model}:rawPredict",
        "body_version": "vertex-2023-10-16",
        "count_path": "/models/count-tokens:rawPredict",
    }
    codec, target = codec_of(ANTHROPIC, COUNT_TOKENS), Target(origin=host_of(ANTHROPIC, "claude-x"), options=options)

    encoded = codec.encode_request(FULL, target)
    back = codec.decode_request(encoded.body, {":path": encoded.path}, host_of(ANTHROPIC))

    assert encoded.path == "/models/count-tokens:rawPredict"
    assert (encoded.body["model"], encoded.body["anthropic_version"]) == ("claude-x", "vertex-2023-10-16")
    assert back.model == "claude-x"


@pytest.mark.parametrize("dialect", COUNTERS, ids=lambda each: each.name)
@given(
    body=st.dictionaries(
        st.sampled_from(["input_tokens", "totalTokens", "inputTokens", "x"]), st.none() | st.booleans() | st.text()
    )
)
def test_a_count_of_another_shape_is_unknown_and_kept(dialect: Dialect, body: dict[str, Any]) -> None:
    codec = codec_of(dialect, COUNT_TOKENS)

    told = codec.decode_response(copy.deepcopy(body), {}, host_of(dialect))

    assert told.input_tokens is None
    assert codec.encode_response(told).body == body or not body


@pytest.mark.parametrize("dialect", COUNTERS, ids=lambda each: each.name)
def test_what_another_vendor_said_beside_a_count_is_named(dialect: Dialect) -> None:
    told = TokenCount(3, wire=Wire(dialect="elsewhere", fields={"extra": 1}))

    encoded = codec_of(dialect, COUNT_TOKENS).encode_response(told)

    assert [(loss.code, loss.path) for loss in encoded.losses] == [("vendor_field", "wire.fields.extra")]
    assert 3 in encoded.body.values()


@pytest.mark.parametrize(
    "body",
    [
        {"generateContentRequest": {"model": "models/m", "contents": []}, "contents": []},
        {"generateContentRequest": "x"},
    ],
)
def test_a_whole_request_beside_another_stays_as_it_is(body: dict[str, Any]) -> None:
    codec = codec_of(GEMINI, COUNT_TOKENS)
    path = {":path": "/v1beta/models/m:countTokens"}

    request = codec.decode_request(copy.deepcopy(body), path, host_of(GEMINI))

    assert codec.encode_request(request, Target(origin=host_of(GEMINI))).body == body
    assert request.model == "m"


def test_bedrock_counts_no_more_of_its_own_request_than_its_counter_takes() -> None:
    written = {
        "messages": [{"role": "user", "content": [{"text": "Hello"}]}],
        "inferenceConfig": {"maxTokens": 9, "temperature": 0.5},
    }
    request = BEDROCK.decode_request(written, {":path": "/model/m/converse"}, host_of(BEDROCK))

    encoded = codec_of(BEDROCK, COUNT_TOKENS).encode_request(request, Target(origin=host_of(BEDROCK)))

    assert encoded.path == "/model/m/count-tokens"
    assert encoded.body == {"input": {"converse": {"messages": written["messages"]}}}


def test_bedrock_counts_a_models_own_words_as_they_are() -> None:
    body = {"input": {"invokeModel": {"body": "e30="}}}
    codec = codec_of(BEDROCK, COUNT_TOKENS)

    request = codec.decode_request(copy.deepcopy(body), {":path": "/model/m/count-tokens"}, host_of(BEDROCK))

    assert codec.encode_request(request, Target(origin=host_of(BEDROCK))).body == body


def test_a_whole_request_cannot_be_counted_for_another_model() -> None:
    body = {"generateContentRequest": {"model": "models/other", "contents": []}}
    codec = codec_of(GEMINI, COUNT_TOKENS)

    request = codec.decode_request(body, {":path": "/v1beta/models/m:countTokens"}, host_of(GEMINI))
    encoded = codec.encode_request(request, Target(origin=host_of(GEMINI)))

    assert encoded.body == {"generateContentRequest": {"model": "models/m", "contents": []}}
    assert [loss.path for loss in encoded.losses] == ["wire.fields.model"]
