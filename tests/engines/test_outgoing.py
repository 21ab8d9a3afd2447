"""What LiteLLM writes is held against what it was asked, in any vendor's shape."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp_providers.engines.outgoing import differences, in_own_spelling, names_model

TOOL = {
    "type": "function",
    "function": {"name": "near", "description": "Units near a place.", "parameters": {"type": "object"}},
}
ASKED: dict[str, Any] = {
    "model": "x/m1",
    "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi there."}],
    "temperature": 0.3,
    "max_tokens": 50,
    "tools": [TOOL],
}
VERBATIM = {**ASKED, "model": "m1"}
ELSEWHERE: dict[str, Any] = {
    "system": [{"type": "text", "text": "Be brief."}],
    "contents": [{"role": "user", "parts": [{"text": "Hi there."}]}],
    "generationConfig": {"temperature": 0.3, "maxOutputTokens": 50},
    "tools": [{"name": "near", "description": "Units near a place.", "input_schema": {"type": "object"}}],
}


def paths(written: Any, asked: Any = ASKED) -> list[str]:
    return [f"{loss.code} {loss.path}" for loss in differences(asked, written)]


def test_what_is_said_as_asked_differs_in_nothing():
    assert paths(VERBATIM) == []


def test_another_vendor_s_shape_is_no_difference():
    assert paths(ELSEWHERE) == []


@pytest.mark.parametrize("name", ["temperature", "max_tokens"])
def test_a_setting_that_is_left_out_is_named(name: str):
    written = {key: content for key, content in VERBATIM.items() if key != name}

    assert paths(written) == [f"engine.unsaid {name}"]


def test_a_setting_that_is_changed_is_named():
    assert paths({**VERBATIM, "temperature": 1.0}) == ["engine.unsaid temperature"]


def test_a_bound_under_its_other_name_is_the_same():
    written = {**VERBATIM, "max_completion_tokens": 50}
    del written["max_tokens"]

    assert paths(written) == []


@pytest.mark.parametrize("place", [0, 1])
def test_a_message_that_is_left_out_or_cut_is_named(place: int):
    left = [message for index, message in enumerate(ASKED["messages"]) if index != place]
    cut = [{**message, "content": message["content"][:-1]} for message in ASKED["messages"]]

    assert paths({**VERBATIM, "messages": left}) == [f"engine.unsaid messages[{place}]"]
    assert f"engine.unsaid messages[{place}]" in paths({**VERBATIM, "messages": cut})


@pytest.mark.parametrize("filler", [".", "Please continue.", "continue", "Human: "])
def test_a_filler_in_the_prompt_is_named(filler: str):
    filled = [*ASKED["messages"], {"role": "user", "content": filler}]

    assert paths({**VERBATIM, "messages": filled}) == ["engine.injected messages[2].content"]


def test_a_template_around_the_prompt_is_named():
    written = {**VERBATIM, "messages": None, "prompt": "\n\nHuman: Be brief. Hi there.\n\nAssistant:"}

    assert paths(written) == ["engine.injected prompt"]


def test_messages_that_are_joined_by_white_space_are_no_difference():
    joined = [{"role": "user", "content": "Be brief.\nHi there."}]

    assert paths({**VERBATIM, "messages": joined}) == []


@pytest.mark.parametrize("part", ["name", "description", "parameters"])
def test_a_tool_that_is_changed_is_named(part: str):
    changed = {**TOOL["function"], part: {"type": "string"} if part == "parameters" else "another"}  # type: ignore[dict-item]  # a test's own table

    assert "engine.unsaid tools[0]" in paths({**VERBATIM, "tools": [{"type": "function", "function": changed}]})


def test_a_choice_of_tool_that_is_left_out_is_named():
    assert paths(VERBATIM, {**ASKED, "tool_choice": "required"}) == ["engine.unsaid tool_choice"]


@pytest.mark.parametrize("asked", [False, True])
def test_parallel_calls_never_vanish(asked: bool):
    assert paths(VERBATIM, {**ASKED, "parallel_tool_calls": asked}) == ["engine.unsaid parallel_tool_calls"]


def test_arguments_may_be_text_or_an_object():
    call = {"id": "c", "type": "function", "function": {"name": "near", "arguments": '{"place": "the dam"}'}}
    asked = {"messages": [{"role": "assistant", "tool_calls": [call]}]}
    block = {"type": "tool_use", "id": "c", "name": "near", "input": {"place": "the dam"}}

    assert paths({"messages": [{"role": "assistant", "content": [block]}]}, asked) == []
    block["input"] = {"place": "the dyke"}
    assert paths({"messages": [{"role": "assistant", "content": [block]}]}, asked) == [
        "engine.unsaid messages[0]",
        "engine.injected messages[0].content[0].input.place",
    ]


@given(st.lists(st.text(min_size=1), min_size=1, max_size=5), st.data())
def test_no_text_is_changed_in_silence(texts: list[str], data: st.DataObject):
    asked = {"messages": [{"role": "user", "content": text} for text in texts]}
    place = data.draw(st.integers(0, len(texts) - 1))
    other = data.draw(st.text(min_size=1).filter(str.strip))
    written = {"messages": [dict(message) for message in asked["messages"]]}
    written["messages"][place]["content"] = other + texts[place]

    same = all(paths({"messages": [message]}, {"messages": [message]}) == [] for message in asked["messages"])
    rest = other + texts[place]
    for text in sorted({text for text in texts if text.strip()}, key=len, reverse=True):
        rest = rest.replace(text, "")

    assert same
    assert bool(paths(written, asked)) or not rest.strip()


@pytest.mark.parametrize(
    ("asked", "path", "written", "found"),
    [
        ("x/m1", "/v1/chat/completions", {"model": "m1"}, "m1"),
        ("x/acme/m1", "/v1/chat/completions", {"model": "acme/m1"}, "acme/m1"),
        ("x/m1", "/v1/chat/completions", {"model": "accounts/x/models/m1"}, "accounts/x/models/m1"),
        ("x/m1", "/v1/models/m1:generateContent", {}, "m1"),
        ("x/m1", "/v1/chat/completions", {"model": "m2"}, None),
        ("x/m1", "/v1/models/m2:generateContent", {}, None),
        ("x/m1", "/v1/chat/completions", {"model": "xm1"}, None),
        ("x/m1", "/v1/models/m1", {"model": "m2"}, None),
    ],
)
def test_the_model_must_be_the_one_that_was_asked_for(asked: str, path: str, written: Any, found: str | None):
    assert names_model(asked, path, written) == found


@pytest.mark.parametrize(
    ("served", "spelled"), [("m1", "x/m1"), ("m1-20261101", "x/m1-20261101"), ("other", "x/other")]
)
def test_the_served_model_is_told_in_the_endpoint_s_spelling(served: str, spelled: str):
    assert in_own_spelling(served, "x/m1", "m1") == spelled
