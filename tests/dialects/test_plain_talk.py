"""Plain text is written once and kept with its message: the same on the wire as if it were written every time."""

import json
from copy import copy, deepcopy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from offramp.contracts.dialect import Target
from offramp.types import GenerateRequest, Message, Origin, Text, assistant, changed, system, user
from offramp_providers.installed import find_dialect
from offramp_providers.wire_json import dump_json
from offramp_providers.written import Written, keep, written_before

DIALECTS = [
    "anthropic_messages",
    "bedrock_converse",
    "cohere_v2",
    "gemini",
    "mistral",
    "ollama_native",
    "openai_chat",
    "openai_responses",
]
TEXTS = st.text(max_size=12)
MESSAGES = st.lists(
    st.builds(lambda role, text: Message(role, (Text(text),)), st.sampled_from(["user", "assistant", "system"]), TEXTS),
    min_size=1,
    max_size=14,
)


def target(dialect: str) -> Target:
    who = Origin(developer="acme", host="acme", dialect=dialect, model="m-1")
    return Target(origin=who, default_max_output_tokens=100)


def talk(count: int) -> tuple[Message, ...]:
    return tuple((assistant if place % 2 else user)(f"word {place}") for place in range(count))


@pytest.mark.parametrize("dialect", DIALECTS)
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(messages=MESSAGES)
def test_a_second_time_says_the_same_as_the_first_and_as_one_of_new_messages(dialect: str, messages: list[Message]):
    def encode(given: list[Message]) -> tuple[object, object]:
        encoded = find_dialect(dialect).encode_request(GenerateRequest(tuple(given), model="m-1"), target(dialect))
        return json.loads(dump_json(encoded.body)), encoded.losses

    first = encode(messages)

    assert encode(messages) == first
    assert encode(messages) == first  # from what was kept the second time
    assert encode([replace(each) for each in messages]) == first


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_long_plain_talk_is_encoded_and_dumped_once(dialect: str, monkeypatch: pytest.MonkeyPatch):
    messages, codec = talk(21), find_dialect(dialect)
    codec.encode_request(GenerateRequest(messages, model="m-1"), target(dialect))
    assert not any(written_before(each, dialect) for each in messages)  # once is not worth it
    first = dump_json(codec.encode_request(GenerateRequest(messages, model="m-1"), target(dialect)).body)
    kept = [written_before(each, dialect) for each in messages[1:-1]]
    assert all(each is not None for each in kept)

    again = codec.encode_request(GenerateRequest(messages, model="m-1"), target(dialect)).body

    (items,) = (each for each in again.values() if isinstance(each, list))
    assert all(one is other for one, other in zip(items[1:-1], kept, strict=True))
    assert dump_json(again) == first
    assert json.loads(first) == again


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_the_talk_turns_into_is_not_what_was_kept(dialect: str):
    """A changed copy of a message keeps nothing, and another dialect does not read what the first has kept."""
    messages = (system("Be brief."), *talk(9))
    codec = find_dialect(dialect)
    for _ in range(2):
        codec.encode_request(GenerateRequest(messages, model="m-1"), target(dialect))

    other = changed(messages[3], parts=(Text("another word"),))
    body = codec.encode_request(
        GenerateRequest((*messages[:3], other, *messages[4:]), model="m-1"), target(dialect)
    ).body

    assert written_before(messages[3], "elsewhere") is None
    assert "another word" in json.dumps(body)
    assert "word 2" not in json.dumps(body)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("change", ["parts", "text", "role"])
def test_what_was_said_before_a_change_in_place_is_not_sent(dialect: str, change: str):
    """A value is not to be changed in place; who does it all the same must not have the old words sent."""
    codec, messages = find_dialect(dialect), talk(9)
    for _ in range(2):
        codec.encode_request(GenerateRequest(messages, model="m-1"), target(dialect))

    message: Any = messages[3]
    if change == "parts":
        message.parts = (Text("another word"),)
    elif change == "text":
        message.parts[0].text = "another word"
    else:
        message.role = "user"
    sent = codec.encode_request(GenerateRequest(messages, model="m-1"), target(dialect)).body
    fresh = tuple(Message(each.role, tuple(map(copy, each.parts))) for each in messages)

    assert sent == codec.encode_request(GenerateRequest(fresh, model="m-1"), target(dialect)).body


def test_what_is_kept_is_shared_and_cannot_be_changed():
    message, content = user("hello"), {"role": "user", "content": "hello"}
    assert keep(message, "openai_chat", content, "hello") is content
    written = keep(message, "openai_chat", content, "hello")

    assert isinstance(written, Written)
    with pytest.raises(TypeError):
        written["role"] = "system"
    with pytest.raises(TypeError):
        written.pop("role")
    with pytest.raises(TypeError):
        written |= {"role": "system"}
    for copied in (copy(written), deepcopy(written)):
        assert (type(copied), copied) == (dict, written)


def test_half_of_a_surrogate_pair_is_not_kept_and_still_sent():
    messages = (*talk(20), user("\ud83d"))
    body = (
        find_dialect("openai_chat").encode_request(GenerateRequest(messages, model="m-1"), target("openai_chat")).body
    )

    assert written_before(messages[-1], "openai_chat") is None
    assert json.loads(dump_json(body))["messages"][-1]["content"] == "\ud83d"
