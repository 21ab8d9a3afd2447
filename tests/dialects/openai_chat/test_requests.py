"""What a request written elsewhere becomes here, and what the wire's own spellings become in our words."""

from typing import Any

import pytest

from offramp.contracts.dialect import Target
from offramp.errors import CapabilityError
from offramp.types import (
    Cache,
    Citation,
    Compaction,
    DataSource,
    FileSource,
    FunctionTool,
    GenerateRequest,
    JsonOutput,
    Logprobs,
    Media,
    Message,
    Opaque,
    Origin,
    Reasoning,
    ReasoningBudget,
    ReasoningOff,
    ReasoningSettings,
    Refusal,
    RoutingField,
    SchemaOutput,
    Text,
    TextSource,
    ToolCall,
    ToolChoiceAny,
    ToolChoiceNamed,
    ToolResult,
    Unknown,
    UrlSource,
    VendorTool,
    Wire,
    assistant,
    system,
    user,
)
from offramp_providers.dialects.openai_chat import DIALECT

PNG = "iVBORw0KGgoAAAANSUhEUg=="


def _decode(body: dict[str, Any], issuer: Origin) -> GenerateRequest:
    return DIALECT.decode_request({"model": "m", "messages": [], **body}, {}, issuer)


def test_a_plain_conversation_needs_no_list_and_no_loss(encode: Any) -> None:
    request = GenerateRequest((system("Be brief."), user("Hello"), assistant("Hi"), user("Bye")), model="m")

    body, losses = encode(request)

    assert body == {
        "model": "m",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Hello"},
            {"role": "assistant", "content": "Hi"},
            {"role": "user", "content": "Bye"},
        ],
    }
    assert losses == []


def test_usage_of_a_stream_is_always_asked_for_and_never_seen(encode: Any, issuer: Origin) -> None:
    body, losses = encode(GenerateRequest((user("Hello"),), stream=True))

    assert body["stream_options"] == {"include_usage": True}
    assert losses == []
    assert _decode({"stream": True, "stream_options": {"include_usage": True}}, issuer).stream is True


def test_an_authors_own_choice_on_usage_is_kept(issuer: Origin) -> None:
    body = {"model": "m", "messages": [], "stream": True}

    encoded = DIALECT.encode_request(_decode(body, issuer), Target(origin=issuer))

    assert encoded.body == body


def test_results_of_a_turn_stand_in_one_message(encode: Any, issuer: Origin) -> None:
    results = [{"role": "tool", "tool_call_id": name, "content": f"result {name}"} for name in ("a", "b")]

    request = _decode({"messages": results}, issuer)
    body, losses = encode(request)

    assert [message.role for message in request.messages] == ["tool"]
    assert [part.call_id for part in request.messages[0].parts if isinstance(part, ToolResult)] == ["a", "b"]
    assert (body["messages"], losses) == (results, [])


def test_a_failed_result_says_so_in_its_text(encode: Any) -> None:
    failed = ToolResult("c1", (Text("no such file"),), status="error")

    body, losses = encode(GenerateRequest((Message("tool", (failed,)),)))

    assert body["messages"][0]["content"] == [
        {"type": "text", "text": "[error]"},
        {"type": "text", "text": "no such file"},
    ]
    assert losses == [("tool_result.status", "messages[0].parts[0].status")]


def test_images_of_results_move_behind_all_results_of_the_turn(encode: Any) -> None:
    image = Media(DataSource(PNG), kind="image", media_type="image/png")
    results = (ToolResult("c1", (Text("a map"), image)), ToolResult("c2", (Text("fine"),)))

    body, losses = encode(GenerateRequest((Message("tool", results),)))

    assert [message["role"] for message in body["messages"]] == ["tool", "tool", "user"]
    assert body["messages"][0] == {"role": "tool", "tool_call_id": "c1", "content": "a map"}
    assert body["messages"][2]["content"][1]["image_url"]["url"] == f"data:image/png;base64,{PNG}"
    assert losses == [("media.moved", "messages[0].parts[0].parts[1]")]


@pytest.mark.parametrize(
    ("treatment", "kinds", "code"),
    [("keep", ["image_url"], None), ("drop", [], "media.unsupported")],
)
def test_a_host_may_keep_or_drop_images_of_results(
    encode: Any, treatment: str, kinds: list[str], code: str | None
) -> None:
    image = Media(UrlSource("https://x.example/a.png"), kind="image")

    body, losses = encode(
        GenerateRequest((Message("tool", (ToolResult("c1", (image,)),)),)), {"tool_result_media": treatment}
    )

    assert [block["type"] for block in body["messages"][0]["content"]] == kinds
    assert [found for found, _ in losses] == ([code] if code else [])


def test_reasoning_goes_back_to_its_own_host_in_its_own_field(issuer: Origin, router: Origin) -> None:
    wire = [{"role": "assistant", "content": "4", "reasoning": "2 and 2"}]
    request = DIALECT.decode_request({"model": "m", "messages": wire}, {}, router)

    own = DIALECT.encode_request(request, Target(origin=router))
    foreign = DIALECT.encode_request(request, Target(origin=issuer))

    assert own.body["messages"] == wire
    assert foreign.body["messages"] == [{"role": "assistant", "content": "4"}]
    assert [(loss.code, loss.path) for loss in foreign.losses] == [("reasoning.foreign", "messages[0].parts[0]")]


def test_foreign_reasoning_and_state_never_turn_into_text(encode: Any, other: Origin) -> None:
    thought = Reasoning("secret plan", opaque=(Opaque("signature", "sig-1"),))
    said = Text("Done.", opaque=(Opaque("item_id", "id-1"),))
    request = GenerateRequest((user("Go"), Message("assistant", (thought, said), origin=other)))

    body, losses = encode(request)

    assert "secret plan" not in str(body)
    assert "sig-1" not in str(body)
    assert "id-1" not in str(body)
    assert losses == [("reasoning.foreign", "messages[1].parts[0]"), ("opaque.foreign", "messages[1].parts[1].opaque")]


def test_an_official_profile_sends_no_reasoning_even_to_its_issuer(encode: Any, issuer: Origin) -> None:
    request = GenerateRequest((Message("assistant", (Reasoning("hm"), Text("4")), origin=issuer),))

    body, losses = encode(request, {"reasoning_field": ""})

    assert body["messages"] == [{"role": "assistant", "content": "4"}]
    assert losses == [("reasoning.foreign", "messages[0].parts[0]")]


def test_the_order_of_an_assistants_parts_is_fixed(encode: Any) -> None:
    call = ToolCall("c1", "f", "{}")

    body, losses = encode(GenerateRequest((assistant("a", call, "b"),)))

    message = body["messages"][0]
    assert [block["text"] for block in message["content"]] == ["a", "b"]
    assert message["tool_calls"][0]["function"] == {"name": "f", "arguments": "{}"}
    assert losses == [("part_order", "messages[0].parts[2]")]


def test_arguments_are_kept_to_the_letter_and_injected_only_elsewhere(encode: Any, issuer: Origin) -> None:
    strange = ToolCall("c1", "f", '{"a" : 1,')
    silent = ToolCall("c2", "f", None)

    body, losses = encode(GenerateRequest((assistant(strange, silent),)))
    own, _ = encode(GenerateRequest((Message("assistant", (silent,), origin=issuer),)))

    arguments = [call["function"]["arguments"] for call in body["messages"][0]["tool_calls"]]
    assert arguments == ['{"a" : 1,', "{}"]
    assert losses == [("arguments.injected", "messages[0].parts[1].arguments_json")]
    assert own["messages"][0]["tool_calls"][0]["function"] == {"name": "f"}


def test_custom_calls_and_tools_come_back(issuer: Origin) -> None:
    body = {
        "model": "m",
        "messages": [
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": "c1", "type": "custom", "custom": {"name": "sql", "input": "select 1"}}],
            },
            {"role": "tool", "tool_call_id": "c1", "content": "1"},
        ],
        "tools": [{"type": "custom", "custom": {"name": "sql"}}],
        "tool_choice": {"type": "custom", "custom": {"name": "sql"}},
    }

    request = _decode(body, issuer)
    encoded = DIALECT.encode_request(request, Target(origin=issuer))

    call = request.messages[0].parts[0]
    assert isinstance(call, ToolCall)
    assert call.arguments_json == "select 1"
    assert isinstance(request.tool_choice, ToolChoiceNamed)
    assert (encoded.body, encoded.losses) == (body, ())


def test_deprecated_functions_pair_calls_and_results(issuer: Origin) -> None:
    body = {
        "model": "m",
        "functions": [{"name": "f", "parameters": {"type": "object"}}],
        "function_call": {"name": "f"},
        "messages": [
            {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}},
            {"role": "function", "name": "f", "content": "1"},
            {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}},
        ],
    }

    request = _decode(body, issuer)
    encoded = DIALECT.encode_request(request, Target(origin=issuer))

    first, result, second = (message.parts[0] for message in request.messages)
    assert isinstance(first, ToolCall)
    assert isinstance(second, ToolCall)
    assert isinstance(result, ToolResult)
    assert result.call_id == first.call_id != second.call_id
    assert (encoded.body, encoded.losses) == (body, ())


def test_a_new_result_answers_a_deprecated_call_in_kind(issuer: Origin) -> None:
    call = {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}}
    request = _decode({"messages": [call]}, issuer)
    asked = request.messages[0].parts[0]
    assert isinstance(asked, ToolCall)
    answered = GenerateRequest((*request.messages, Message("tool", (ToolResult(asked.call_id, (Text("1"),)),))))

    encoded = DIALECT.encode_request(answered, Target(origin=issuer))

    assert encoded.body["messages"] == [call, {"role": "function", "name": "f", "content": "1"}]


def test_bounds_and_persons_have_two_spellings(encode: Any, issuer: Origin) -> None:
    old = _decode({"max_tokens": 5, "user": "u"}, issuer)

    kept, _ = encode(old)
    profiled, _ = encode(old, {"max_tokens_field": "max_completion_tokens", "end_user_field": "safety_identifier"})
    usual, _ = encode(GenerateRequest((), max_output_tokens=5, end_user="u"))

    assert (old.max_output_tokens, old.end_user) == (5, "u")
    assert (kept["max_tokens"], kept["user"]) == (5, "u")
    assert (profiled["max_completion_tokens"], profiled["safety_identifier"]) == (5, "u")
    assert (usual["max_completion_tokens"], usual["safety_identifier"]) == (5, "u")


def test_a_canonical_setting_wins_over_residue_of_its_name(issuer: Origin) -> None:
    wire = Wire(dialect=DIALECT.name, fields={"temperature": None, "model": "other", "messages": "x"})

    encoded = DIALECT.encode_request(
        GenerateRequest((user("hi"),), model="m", temperature=0.5, wire=wire), Target(origin=issuer)
    )

    assert (encoded.body["temperature"], encoded.body["model"]) == (0.5, "m")
    assert encoded.body["messages"] == [{"role": "user", "content": "hi"}]


def test_fields_that_decide_who_sees_the_data_are_typed(issuer: Origin, encode: Any) -> None:
    request = _decode({"models": ["x/y"], "provider": {"order": ["z"]}}, issuer)
    foreign = RoutingField(dialect="anthropic_messages", name="mcp_servers", raw=[])

    body, losses = encode(GenerateRequest((), routing=(*request.routing, foreign)))

    assert [field.name for field in request.routing] == ["models", "provider"]
    assert request.wire is not None
    assert request.wire.fields == {}
    assert (body["models"], body["provider"]) == (["x/y"], {"order": ["z"]})
    assert losses == [("routing_field", "routing[2]")]


def test_what_the_host_rejects_is_left_out_and_named(encode: Any) -> None:
    body, losses = encode(
        GenerateRequest((), temperature=0.0, stop=("x",), max_output_tokens=4), {"rejects": ("temperature", "stop")}
    )

    assert body == {"model": "gpt-5.4", "messages": [], "max_completion_tokens": 4}
    assert losses == [("setting.unsupported", "temperature"), ("setting.unsupported", "stop")]


def test_values_outside_of_the_range_are_clamped_and_named(encode: Any) -> None:
    request = GenerateRequest((), temperature=3.0, presence_penalty=-9, stop=tuple("abcde"), logprobs=Logprobs(top=99))

    body, losses = encode(request)

    assert (body["temperature"], body["presence_penalty"], body["stop"]) == (2.0, -2.0, ["a", "b", "c", "d"])
    assert (body["logprobs"], body["top_logprobs"]) == (True, 20)
    assert {code for code, _ in losses} == {"setting.clamped"}
    assert [path for _, path in losses] == ["temperature", "presence_penalty", "stop", "logprobs.top"]


def test_roles_are_written_as_the_host_knows_them(encode: Any) -> None:
    request = GenerateRequest((Message("developer", (Text("a"),)), system("b")))

    plain, none = encode(request)
    old, losses = encode(request, {"developer_role": False})
    new, _ = encode(request, {"system_role": False})

    assert ([each["role"] for each in plain["messages"]], none) == (["developer", "system"], [])
    assert [each["role"] for each in old["messages"]] == ["system", "system"]
    assert [each["role"] for each in new["messages"]] == ["developer", "developer"]
    assert losses == [("role.rewritten", "messages[0].role")]


def test_effort_is_moved_to_the_nearest_that_the_model_takes(encode: Any) -> None:
    request = GenerateRequest((), reasoning=ReasoningSettings(effort="max"))

    body, losses = encode(request, {"efforts": ("low", "high")})
    refused, named = encode(request, {"efforts": ()})

    assert (body["reasoning_effort"], losses) == ("high", [("reasoning.effort", "reasoning.effort")])
    assert ("reasoning_effort" in refused, named) == (False, [("setting.unsupported", "reasoning.effort")])


def test_modes_of_reasoning_are_named_or_said_by_effort(encode: Any) -> None:
    off = GenerateRequest((), reasoning=ReasoningSettings(mode=ReasoningOff()))
    budget = GenerateRequest((), reasoning=ReasoningSettings(mode=ReasoningBudget(100)))

    assert encode(off)[1] == [("setting.unsupported", "reasoning.mode")]
    assert encode(off, {"efforts": ("none", "low")})[0]["reasoning_effort"] == "none"
    assert encode(budget)[1] == [("reasoning.budget", "reasoning.mode")]


@pytest.mark.parametrize(
    "spelled",
    [
        {"reasoning": {"effort": "low", "exclude": True}},
        {"thinking": {"type": "disabled"}},
        {"reasoning": {"max_tokens": 9}},
    ],
)
def test_hosts_own_words_for_reasoning_are_understood(spelled: dict[str, Any], issuer: Origin, encode: Any) -> None:
    request = _decode(spelled, issuer)

    body, losses = encode(request)

    assert request.reasoning is not None
    assert ({key: body[key] for key in spelled}, losses) == (spelled, [])


def test_a_schema_gets_a_name_and_strict_only_where_it_can_be_held(encode: Any) -> None:
    fits = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
    optional = {"type": "object", "properties": {"a": {"type": "integer"}}}

    closed, losses = encode(GenerateRequest((), output=SchemaOutput(fits, strict=True)))
    loose, named = encode(GenerateRequest((), output=SchemaOutput(optional, name="a b", strict=True)))

    assert closed["response_format"]["json_schema"] == {
        "name": "response",
        "schema": {**fits, "additionalProperties": False},
        "strict": True,
    }
    assert losses == [("schema.injected", "output.schema"), ("output.name.injected", "output.name")]
    assert loose["response_format"]["json_schema"] == {
        "name": "a_b",
        "schema": {
            "type": "object",
            "properties": {"a": {"type": ["integer", "null"]}},
            "required": ["a"],
            "additionalProperties": False,
        },
        "strict": True,
    }
    assert named == [("schema.nullable", "output.schema"), ("output.name.rewritten", "output.name")]


@pytest.mark.parametrize(
    ("optional", "sent"),
    [
        ({"type": "string", "default": "x"}, {"type": ["string", "null"]}),
        ({"type": ["string", "null"]}, {"type": ["string", "null"]}),
        ({"enum": ["a"], "type": "string"}, {"anyOf": [{"enum": ["a"], "type": "string"}, {"type": "null"}]}),
        ({"$ref": "#/$defs/p"}, {"anyOf": [{"$ref": "#/$defs/p"}, {"type": "null"}]}),
    ],
)
def test_an_optional_property_of_an_answer_is_asked_for_as_nullable(
    encode: Any, optional: dict[str, Any], sent: dict[str, Any]
) -> None:
    definition = {"type": "object", "properties": {}, "additionalProperties": False}
    schema = {"type": "object", "properties": {"a": optional}, "$defs": {"p": definition}}

    body, losses = encode(GenerateRequest((), output=SchemaOutput(schema, name="n", strict=True)))

    written = body["response_format"]["json_schema"]
    assert (written["schema"]["properties"]["a"], written["schema"]["required"], written["strict"]) == (
        sent,
        ["a"],
        True,
    )
    assert losses == [("schema.nullable", "output.schema")]


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {"a": {"oneOf": []}}, "required": ["a"]},
        {"type": "object", "properties": {"a": {"type": "object", "properties": {"b": {}}}}, "required": ["a"]},
        {"type": "object", "additionalProperties": {"type": "string"}},
        {"anyOf": [{"type": "object"}]},
        {"type": "object", "$defs": {"x": {"not": {}}}},
        {"type": "object", "properties": {"a": {"items": {"default": 1}}}, "required": ["a"]},
    ],
)
def test_strict_is_dropped_for_what_the_subset_cannot_say(schema: dict[str, Any], encode: Any) -> None:
    body, losses = encode(GenerateRequest((), tools=(FunctionTool("f", schema=schema, strict=True),)))

    assert body["tools"][0]["function"] == {"name": "f", "parameters": schema, "strict": False}
    assert losses == [("schema.strict", "tools[0].strict")]


def test_settings_of_tools_are_not_sent_without_tools(encode: Any) -> None:
    tool = VendorTool(dialect="anthropic_messages", vendor_type="bash_1", raw={})
    request = GenerateRequest((), tools=(tool,), tool_choice=ToolChoiceAny(), parallel_tool_calls=False)

    body, losses = encode(request)

    assert body == {"model": "gpt-5.4", "messages": []}
    assert losses == [
        ("vendor_tool", "tools[0]"),
        ("setting.unsupported", "tool_choice"),
        ("setting.unsupported", "parallel_tool_calls"),
    ]


def test_a_tool_name_that_the_vendor_refuses_is_an_error_before_sending(encode: Any) -> None:
    with pytest.raises(CapabilityError, match="letters, digits"):
        encode(GenerateRequest((), tools=(FunctionTool("a.b"),)))


def test_documents_travel_as_files_or_as_text(encode: Any) -> None:
    pdf = Media(DataSource("JVBERi0="), kind="document", media_type="application/pdf")
    note = Media(TextSource("a note"), kind="document")
    link = Media(UrlSource("https://x.example/a.pdf"), kind="document")

    body, losses = encode(GenerateRequest((user(pdf, note, link),)))
    linked, _ = encode(GenerateRequest((user(link),)), {"document_urls": True})

    file = {"file_data": "data:application/pdf;base64,JVBERi0=", "filename": "document.pdf"}
    assert body["messages"][0]["content"] == [{"type": "file", "file": file}, {"type": "text", "text": "a note"}]
    assert losses == [
        ("media_name.injected", "messages[0].parts[0].name"),
        ("media.rewritten", "messages[0].parts[1]"),
        ("media.unsupported", "messages[0].parts[2]"),
    ]
    assert linked["messages"][0]["content"] == [{"type": "file", "file": {"file_data": "https://x.example/a.pdf"}}]


def test_a_stored_file_goes_to_its_issuer_only(issuer: Origin, router: Origin) -> None:
    wire = [{"role": "user", "content": [{"type": "file", "file": {"file_id": "file-1"}}]}]
    request = DIALECT.decode_request({"model": "m", "messages": wire}, {}, issuer)

    own = DIALECT.encode_request(request, Target(origin=issuer))
    elsewhere = DIALECT.encode_request(request, Target(origin=router))

    assert own.body["messages"] == wire
    assert "file-1" not in str(elsewhere.body)
    assert [loss.code for loss in elsewhere.losses] == ["file.foreign", "message.empty"]


def test_a_file_of_unknown_issuer_goes_nowhere(encode: Any) -> None:
    body, losses = encode(GenerateRequest((user("see", Media(FileSource("f-1"), kind="document")),)))

    assert body["messages"] == [{"role": "user", "content": "see"}]
    assert losses == [("file.foreign", "messages[0].parts[1]")]


def test_images_and_sound_are_written_as_the_dialect_knows_them(encode: Any) -> None:
    image = Media(DataSource(PNG), kind="image", detail="low")
    sound = Media(DataSource("UklGRg=="), kind="audio", media_type="audio/mpeg")
    film = Media(UrlSource("https://x.example/a.mp4"), kind="video")

    body, losses = encode(GenerateRequest((user(image, sound, film),)))

    assert body["messages"][0]["content"] == [
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}", "detail": "low"}},
        {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "mp3"}},
    ]
    assert losses == [
        ("media_type.injected", "messages[0].parts[0].media_type"),
        ("media.unsupported", "messages[0].parts[2]"),
    ]


def test_cache_marks_are_written_where_the_host_has_them(encode: Any) -> None:
    request = GenerateRequest((user(Text("long", cache=Cache(3600))),), cache=Cache())

    none, losses = encode(request)
    marked, _ = encode(request, {"cache_marks": "cache_control"})

    assert none["messages"][0]["content"] == "long"
    assert losses == [("cache", "messages[0].parts[0].cache"), ("cache", "cache")]
    assert marked["messages"][0]["content"][0]["cache_control"] == {"type": "ephemeral", "ttl": "1h"}


def test_cache_marks_of_the_wire_are_understood(issuer: Origin, encode: Any) -> None:
    blocks = [
        {"type": "text", "text": "a", "cache_control": {"type": "ephemeral", "ttl": "5m"}},
        {"type": "text", "text": "b", "prompt_cache_breakpoint": {"mode": "explicit"}},
    ]
    request = _decode({"messages": [{"role": "user", "content": blocks}]}, issuer)

    body, losses = encode(request)

    assert [part.cache for part in request.messages[0].parts] == [Cache(300), Cache()]
    assert (body["messages"][0]["content"], losses) == (blocks, [])


def test_refusals_of_the_history_keep_their_field(encode: Any) -> None:
    body, losses = encode(GenerateRequest((assistant(Refusal("No.", category="cyber")), user(Refusal("No.")))))

    assert body["messages"][0] == {"role": "assistant", "content": None, "refusal": "No."}
    assert losses == [
        ("refusal.category", "messages[0].parts[0].category"),
        ("refusal.rewritten", "messages[1].parts[0]"),
    ]


def test_what_is_another_dialects_is_named_part_by_part(encode: Any, other: Origin) -> None:
    wire = Wire(dialect="anthropic_messages", fields={"caller": {"type": "direct"}, "nothing": None})
    call = ToolCall("c1", "f", "{}", wire=wire)
    cited = Text("a", citations=(Citation(dialect="anthropic_messages", raw={}),))
    vendor = ToolCall("s1", "web_search", "{}", executor="vendor")
    novel = Unknown(dialect="anthropic_messages", vendor_type="hologram", raw={})
    message = Message("assistant", (cited, vendor, novel, Compaction("so far"), call), origin=other)

    body, losses = encode(GenerateRequest((message,)))

    assert body["messages"][0]["content"] == "a"
    assert losses == [
        ("citations", "messages[0].parts[0].citations"),
        ("vendor_tool", "messages[0].parts[1]"),
        ("unknown_part", "messages[0].parts[2]"),
        ("compaction", "messages[0].parts[3]"),
        ("vendor_field", "messages[0].parts[4].wire.fields.caller"),
    ]


def test_a_message_whose_parts_are_all_lost_is_named_too(encode: Any, other: Origin) -> None:
    body, losses = encode(GenerateRequest((user("hi"), Message("assistant", (Reasoning("x"),), origin=other))))

    assert len(body["messages"]) == 1
    assert losses == [("reasoning.foreign", "messages[1].parts[0]"), ("message.empty", "messages[1]")]


def test_plain_json_and_absent_content_keep_their_spelling(issuer: Origin, encode: Any) -> None:
    messages = [
        {"role": "user", "content": None},
        {"role": "user"},
        {"role": "user", "content": []},
        {"role": "user", "content": ""},
        {"role": "user", "content": [{"type": "text", "text": "x"}]},
        {"role": "assistant", "content": "", "tool_calls": [{"id": "a", "function": {"name": "f", "arguments": ""}}]},
    ]
    request = _decode({"messages": messages, "response_format": {"type": "json_object"}, "stop": "x"}, issuer)

    body, losses = encode(request)

    assert request.output == JsonOutput()
    assert request.stop == ("x",)
    assert (body["messages"], body["stop"], losses) == (messages, "x", [])


def test_media_of_the_wire_is_read_into_our_words(issuer: Origin) -> None:
    blocks = [
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}", "detail": "high"}},
        {"type": "image_url", "image_url": {"url": "https://x.example/a.png"}},
        {"type": "image_url", "image_url": {"url": "data:,plain"}},
        {"type": "file", "file": {"file_data": "data:application/pdf;base64,JVBERi0=", "filename": "a.pdf"}},
        {"type": "file", "file": {"file_data": "JVBERi0="}},
        {"type": "input_audio", "input_audio": {"data": "UklGRg==", "format": "wav"}},
    ]

    request = _decode({"messages": [{"role": "user", "content": blocks}]}, issuer)

    parts = request.messages[0].parts
    assert parts[:2] == (
        Media(DataSource(PNG), kind="image", media_type="image/png", detail="high"),
        Media(UrlSource("https://x.example/a.png"), kind="image"),
    )
    assert parts[2].type == "unknown"
    assert parts[3:] == (
        Media(DataSource("JVBERi0="), kind="document", media_type="application/pdf", name="a.pdf"),
        Media(DataSource("JVBERi0="), kind="document"),
        Media(DataSource("UklGRg=="), kind="audio", media_type="audio/wav"),
    )


def test_opaque_state_of_calls_and_results_is_named(encode: Any, other: Origin) -> None:
    state = (Opaque("item_id", "fc_1"),)
    call = Message("assistant", (ToolCall("c1", "f", "{}", opaque=state, cache=Cache()),), origin=other)
    result = Message("tool", (ToolResult("c1", (Text("1"),), opaque=state, cache=Cache()),))

    body, losses = encode(GenerateRequest((call, result)))

    assert "fc_1" not in str(body)
    assert losses == [
        ("cache", "messages[0].parts[0].cache"),
        ("opaque.foreign", "messages[0].parts[0].opaque"),
        ("cache", "messages[1].parts[0].cache"),
        ("opaque.foreign", "messages[1].parts[0].opaque"),
    ]


def test_residue_of_reasoning_and_refusals_that_has_no_place_is_named(encode: Any, issuer: Origin) -> None:
    wire = Wire(dialect=DIALECT.name, fields={"beside": 1})
    message = Message("assistant", (Reasoning("hm", wire=wire), Refusal("No.", wire=wire)), origin=issuer)

    body, losses = encode(GenerateRequest((message,)))

    assert body["messages"] == [{"role": "assistant", "content": None, "reasoning_content": "hm", "refusal": "No."}]
    assert losses == [
        ("vendor_field", "messages[0].parts[0].wire.fields.beside"),
        ("vendor_field", "messages[0].parts[1].wire.fields.beside"),
    ]
