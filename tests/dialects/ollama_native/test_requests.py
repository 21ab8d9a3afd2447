"""What a request says here, and what it loses on the way from elsewhere."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from offramp.contracts.dialect import Target
from offramp.types import (
    DataSource,
    FunctionTool,
    GenerateRequest,
    JsonOutput,
    Logprobs,
    Media,
    Message,
    Origin,
    Reasoning,
    ReasoningAdaptive,
    ReasoningBudget,
    ReasoningOff,
    ReasoningSettings,
    SchemaOutput,
    Text,
    TextOutput,
    ToolCall,
    ToolChoiceAny,
    ToolChoiceAuto,
    ToolChoiceNone,
    ToolResult,
    UrlSource,
    assistant,
    system,
    user,
)
from offramp_providers.dialects.ollama_native import DIALECT

Encode = Callable[..., Any]
PLAIN = GenerateRequest((user("hi"),))
LOOK = FunctionTool("look", schema={"type": "object", "properties": {}})
CALLS = assistant(ToolCall("c1", "look", '{"a":1}'), ToolCall("c2", "look", '{"a":2}'))


def decode(body: dict[str, Any], issuer: Origin) -> GenerateRequest:
    return DIALECT.decode_request(body, {}, issuer)


def again(body: dict[str, Any], issuer: Origin) -> Any:
    encoded = DIALECT.encode_request(decode(body, issuer), Target(origin=issuer))
    return encoded.body, encoded.losses


def said(**message: Any) -> dict[str, Any]:
    return {"model": "m", "messages": [message], "stream": False}


@pytest.mark.parametrize(
    "body",
    [
        said(role="user", content="a", images=["AAAA", "BBBB"]),
        said(role="user", content="", images=[]),
        said(role="User", content="a"),
        said(role="assistant", content="a", thinking="b"),
        said(role="assistant", thinking=""),
        said(role="assistant", content=None, tool_calls=[{"function": {"name": "f", "arguments": {}}}]),
        said(role="assistant", tool_calls=[{"type": "function", "function": {"index": 0, "name": "f"}}]),
        said(role="assistant", content="", tool_calls=[{"id": "", "function": {"name": "f", "arguments": {"a": 1.0}}}]),
        said(role="assistant", content="", tool_calls=[{"function": {"name": 1}}]),
        said(role="assistant", content="", tool_calls=[]),
        said(role="tool", content="x", tool_name="f", tool_call_id="c"),
        said(role="tool", content="x", tool_name="f", images=["AAAA"]),
        said(role="critic", content="x"),
        {"model": "m", "messages": ["x", 3, None], "stream": True},
        {"model": "m", "messages": [], "keep_alive": 0},
        {"model": "m"},
        {"model": "m", "messages": {}},
        {"model": "m", "messages": [], "stream": None, "format": "", "options": {}, "tools": []},
        {"model": "m", "messages": [], "format": "xml", "options": None, "tools": [3], "think": "deep"},
        {"model": "m", "messages": [], "options": {"num_predict": -1, "stop": "a", "num_ctx": 8192, "seed": 1.0}},
        {"model": "m", "messages": [], "options": {"stop": [], "min_p": 0.1, "top_k": 40, "temperature": 0}},
        {"model": "m", "messages": [], "logprobs": True, "top_logprobs": 3, "truncate": True, "shift": False},
        {"model": "m", "messages": [], "logprobs": False, "top_logprobs": 0, "think": False},
        {"model": "m", "messages": [], "tools": [{"function": {"name": "f"}}, {"type": "search"}, {"type": None}]},
    ],
    ids=str,
)
def test_what_its_own_clients_write_comes_back_as_it_was(body: dict[str, Any], issuer: Origin) -> None:
    assert again(body, issuer) == (body, ())


def test_streaming_is_what_happens_when_nobody_speaks_of_it(issuer: Origin) -> None:
    assert decode({"model": "m", "messages": []}, issuer).stream is True
    assert decode({"model": "m", "messages": [], "stream": False}, issuer).stream is False


def test_a_request_that_does_not_speak_of_streaming_asks_for_none(encode: Encode) -> None:
    assert encode(PLAIN)[0]["stream"] is False
    assert encode(replace(PLAIN, stream=True))[0]["stream"] is True


# What is too long is refused, and never cut in silence.


def test_a_prompt_from_elsewhere_is_never_cut(encode: Encode) -> None:
    body, codes = encode(PLAIN)

    assert (body["truncate"], body["shift"], codes) == (False, False, [])


def test_the_host_may_allow_the_cutting(encode: Encode) -> None:
    assert "truncate" not in encode(PLAIN, {"cuts_history": True})[0]


def test_an_author_of_this_dialect_is_not_corrected_unless_the_host_says_so(issuer: Origin) -> None:
    own = decode({"model": "m", "messages": [], "truncate": True}, issuer)

    free = DIALECT.encode_request(own, Target(origin=issuer)).body
    bound = DIALECT.encode_request(own, Target(origin=issuer, options={"cuts_history": False})).body

    assert (free["truncate"], bound["truncate"]) == (True, False)


def test_the_context_that_the_endpoint_sets_wins(issuer: Origin) -> None:
    own = decode({"model": "m", "messages": [], "options": {"num_ctx": 8}}, issuer)

    body = DIALECT.encode_request(own, Target(origin=issuer, options={"num_ctx": 4096})).body

    assert body["options"]["num_ctx"] == 4096


# Settings.


def test_what_samples_the_answer_stands_in_the_options(encode: Encode) -> None:
    asked = replace(PLAIN, max_output_tokens=9, temperature=0.5, top_p=0.9, top_k=4, seed=7, stop=("a",))
    asked = replace(asked, frequency_penalty=1.5, presence_penalty=-1)

    body, codes = encode(asked)

    assert codes == []
    assert body["options"] == {
        "num_predict": 9, "temperature": 0.5, "top_p": 0.9, "top_k": 4, "seed": 7, "stop": ["a"],
        "frequency_penalty": 1.5, "presence_penalty": -1,
    }  # fmt: skip


def test_a_bound_below_one_has_another_meaning_here(encode: Encode, issuer: Origin) -> None:
    body, codes = encode(replace(PLAIN, max_output_tokens=-1))

    assert ("options" in body, codes) == (False, ["setting.unsupported"])
    assert decode({"model": "m", "messages": [], "options": {"num_predict": -1}}, issuer).max_output_tokens is None


@pytest.mark.parametrize(
    ("settings", "think", "codes"),
    [
        (ReasoningSettings(mode=ReasoningOff()), False, []),
        (ReasoningSettings(mode=ReasoningAdaptive()), True, []),
        (ReasoningSettings(mode=ReasoningAdaptive(display="full")), True, []),
        (ReasoningSettings(mode=ReasoningAdaptive(display="omitted")), True, ["setting.unsupported"]),
        (ReasoningSettings(mode=ReasoningBudget(1024)), True, ["reasoning.budget"]),
        (ReasoningSettings(mode=ReasoningBudget(0)), False, ["reasoning.budget"]),
        (ReasoningSettings(effort="high"), "high", []),
        (ReasoningSettings(effort="minimal"), "low", ["reasoning.effort"]),
        (ReasoningSettings(effort="xhigh"), "high", ["reasoning.effort"]),
        (ReasoningSettings(effort="none"), False, ["reasoning.effort"]),
        (ReasoningSettings(mode=ReasoningOff(), effort="high"), False, ["reasoning.effort"]),
        (ReasoningSettings(mode=ReasoningAdaptive(), effort="low"), "low", []),
    ],
)
def test_mode_and_effort_share_one_field(
    settings: ReasoningSettings, think: Any, codes: list[str], encode: Encode
) -> None:
    body, found = encode(replace(PLAIN, reasoning=settings))

    assert (body["think"], found) == (think, codes)


def test_a_model_without_levels_is_told_to_think(encode: Encode) -> None:
    body, codes = encode(replace(PLAIN, reasoning=ReasoningSettings(effort="high")), {"efforts": ()})

    assert (body["think"], codes) == (True, ["reasoning.effort"])


def test_the_format_is_the_schema_itself(encode: Encode) -> None:
    schema = {"type": "object", "properties": {"a": {"const": 1}}}

    assert encode(replace(PLAIN, output=JsonOutput()))[0]["format"] == "json"
    assert encode(replace(PLAIN, output=SchemaOutput(schema, strict=True))) == (
        {**encode(PLAIN)[0], "format": schema},
        [],
    )
    assert encode(replace(PLAIN, output=TextOutput())) == encode(PLAIN)
    body, codes = encode(replace(PLAIN, output=SchemaOutput(schema, name="n", description="d")))
    assert (body["format"]["description"], codes) == ("d", ["output.name", "output.description"])


def test_log_probabilities_are_bounded(encode: Encode) -> None:
    body, codes = encode(replace(PLAIN, logprobs=Logprobs(top=21)))

    assert (body["logprobs"], body["top_logprobs"], codes) == (True, 20, ["setting.clamped"])


# Tools.


def test_keywords_that_the_server_drops_are_named(encode: Encode) -> None:
    schema = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "a": {"type": "integer", "minimum": 1},
            "b": {"anyOf": [{"const": 2}, True]},
            "c": {"items": {"const": 3}},
        },
    }
    tool = FunctionTool("f", schema=schema)
    target = Target(origin=Origin(developer="a", host="self", dialect=DIALECT.name))

    encoded = DIALECT.encode_request(replace(PLAIN, tools=(tool,)), target)

    assert encoded.body["tools"][0]["function"]["parameters"] == {
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {"anyOf": [{}, {}]}, "c": {"items": {"const": 3}}},
    }
    assert [(loss.code, loss.path) for loss in encoded.losses] == [
        ("schema.keyword", "tools[0].schema.additionalProperties"),
        ("schema.keyword", "tools[0].schema.properties.a.minimum"),
        ("schema.keyword", "tools[0].schema.properties.b.anyOf[0].const"),
        ("schema.keyword", "tools[0].schema.properties.b.anyOf[1]"),
    ]


def test_no_call_may_be_made_where_none_is_wanted(encode: Encode) -> None:
    body, codes = encode(replace(PLAIN, tools=(LOOK,), tool_choice=ToolChoiceNone()))

    assert ("tools" in body, codes) == (False, ["tool_choice.emulated", "tool_choice.emulated"])


def test_a_choice_that_cannot_be_said_is_named(encode: Encode) -> None:
    asked = replace(PLAIN, tools=(LOOK,))

    assert encode(replace(asked, tool_choice=ToolChoiceAny()))[1] == ["setting.unsupported"]
    assert encode(replace(asked, tool_choice=ToolChoiceAuto(), parallel_tool_calls=True))[1] == []
    assert encode(replace(asked, parallel_tool_calls=False))[1] == ["setting.unsupported"]


def test_calls_and_results_carry_id_and_name(encode: Encode) -> None:
    results = Message("tool", (ToolResult("c1", (Text("x"),)), ToolResult("c2", ())))

    body, codes = encode(replace(PLAIN, messages=(user("a"), CALLS, results), tools=(LOOK,)))

    assert codes == []
    assert body["messages"][1:] == [
        {
            "content": "",
            "role": "assistant",
            "tool_calls": [
                {"id": "c1", "function": {"name": "look", "arguments": {"a": 1}}},
                {"id": "c2", "function": {"name": "look", "arguments": {"a": 2}}},
            ],
        },
        {"role": "tool", "tool_name": "look", "tool_call_id": "c1", "content": "x"},
        {"role": "tool", "tool_name": "look", "tool_call_id": "c2", "content": ""},
    ]


def test_results_without_ids_answer_the_open_calls_of_their_name(issuer: Origin) -> None:
    function = [{"function": {"name": name, "arguments": {}}} for name in ("a", "b", "a")]
    results = [{"role": "tool", "tool_name": name, "content": name} for name in ("b", "a", "a")]
    body = {"model": "m", "messages": [{"role": "assistant", "content": "", "tool_calls": function}, *results]}

    called, answered = decode(body, issuer).messages

    ids = [part.call_id for part in called.parts if isinstance(part, ToolCall)]
    assert len(set(ids)) == 3
    assert [part.call_id for part in answered.parts if isinstance(part, ToolResult)] == [ids[1], ids[0], ids[2]]


def test_a_result_says_in_its_text_that_the_tool_failed(encode: Encode) -> None:
    failed = Message("tool", (ToolResult("c1", (Text("no water"),), status="error"),))

    body, codes = encode(replace(PLAIN, messages=(user("a"), CALLS, failed)))

    assert body["messages"][2]["content"] == "[error] no water"
    assert codes == ["tool_result.status"]


@pytest.mark.parametrize(
    ("treatment", "codes", "messages"),
    [("move", ["media.moved", "media_type"], 4), ("keep", ["media_type"], 3), ("drop", ["media.unsupported"], 3)],
)
def test_media_of_a_result_go_where_the_host_takes_them(
    treatment: str, codes: list[str], messages: int, encode: Encode
) -> None:
    image = Media(DataSource("AAAA"), kind="image", media_type="image/png")
    shown = Message("tool", (ToolResult("c1", (Text("x"), image)),))

    body, found = encode(replace(PLAIN, messages=(user("a"), CALLS, shown)), {"tool_result_media": treatment})

    assert len(body["messages"]) == messages
    assert set(found) - {"part_order"} == set(codes)


# Messages.


def test_every_role_stays_where_it_is(encode: Encode) -> None:
    asked = replace(PLAIN, messages=(system("a"), user("b"), system("c"), Message("developer", (Text("d"),))))

    body, codes = encode(asked)

    assert [(each["role"], each["content"]) for each in body["messages"]] == [
        ("system", "a"), ("user", "b"), ("system", "c"), ("system", "d"),
    ]  # fmt: skip
    assert codes == ["role.rewritten"]


def test_texts_become_one_and_images_come_first(encode: Encode) -> None:
    said = user("a", Media(DataSource("AAAA"), kind="image"), "b")

    body, codes = encode(replace(PLAIN, messages=(said,)))

    assert body["messages"] == [{"role": "user", "content": "ab", "images": ["AAAA"]}]
    assert codes == ["part_order", "text.joined"]


def test_an_image_by_its_address_is_refused_by_the_server_and_named(encode: Encode) -> None:
    body, codes = encode(
        replace(PLAIN, messages=(user("a", Media(UrlSource("https://a.example/b.png"), kind="image")),))
    )

    assert (body["messages"], codes) == ([{"role": "user", "content": "a"}], ["media.unsupported"])


def test_thinking_goes_back_to_the_server_that_thought_it_and_nowhere_else(
    encode: Encode, issuer: Origin, other: Origin
) -> None:
    def thought(origin: Origin | None) -> GenerateRequest:
        message = Message("assistant", (Reasoning("hm"), Text("b")), origin=origin)
        return replace(PLAIN, messages=(user("a"), message))

    assert encode(thought(issuer))[0]["messages"][1]["thinking"] == "hm"
    assert encode(thought(issuer))[1] == []
    assert "thinking" not in encode(thought(other))[0]["messages"][1]
    assert (encode(thought(other))[1], encode(thought(None))[1]) == (["reasoning.foreign"], ["reasoning.unsigned"])
