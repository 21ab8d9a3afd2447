"""What this wire demands of what was written for another: order, names, tools, media, and what it cannot say."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offramp.contracts.dialect import Target
from offramp.errors import CapabilityError
from offramp.types import (
    Cache,
    DataSource,
    FileSource,
    FunctionTool,
    GenerateRequest,
    Media,
    Message,
    Opaque,
    Origin,
    Reasoning,
    RoutingField,
    SchemaOutput,
    Severity,
    Text,
    TextSource,
    ToolCall,
    ToolChoiceNamed,
    ToolChoiceNone,
    ToolResult,
    assistant,
    system,
    user,
)
from offramp_providers.dialects.bedrock_converse import DIALECT

Encode = Callable[..., Any]
LOOK = FunctionTool("look", schema={"type": "object"})
CALL = ToolCall("c", "look", "{}")
RESULT = Message("tool", (ToolResult("c", (Text("two units"),)),))
PDF = Media(DataSource("JVBERi0="), kind="document", media_type="application/pdf", name="report.pdf")
OWN = Origin(developer="anthropic", host="bedrock", dialect=DIALECT.name, model="m")


def ask(*messages: Message, **fields: Any) -> GenerateRequest:
    return GenerateRequest(messages or (user("a"),), **fields)


# Order.


def test_results_stand_first_in_the_user_s_turn_and_are_read_back_apart(encode: Encode) -> None:
    body, lost = encode(ask(user("a"), assistant(CALL), RESULT, user("b"), tools=(LOOK,)))

    assert [block.keys() for block in body["messages"][-1]["content"]] == [{"toolResult"}, {"text"}]
    assert lost == []
    assert [each.role for each in DIALECT.decode_request(body, {}, OWN).messages] == [
        "user",
        "assistant",
        "tool",
        "user",
    ]


def test_a_call_without_its_result_gets_one_by_name(encode: Encode) -> None:
    body, lost = encode(ask(user("a"), assistant(CALL), user("b"), tools=(LOOK,)))

    assert body["messages"][-1]["content"][0]["toolResult"]["status"] == "error"
    assert lost == ["tool_result.injected"]


def test_a_result_without_its_call_is_named_and_left_out(encode: Encode) -> None:
    body, lost = encode(ask(user("a"), RESULT, user("b")))

    assert "toolResult" not in str(body)
    assert {"tool_result.orphan", "message.empty"} <= set(lost)


@given(st.lists(st.sampled_from(["user", "assistant", "call", "result", "system"]), max_size=6))
def test_turns_always_alternate_and_each_call_has_its_result_next(roles: list[str]) -> None:
    made = {"user": user("u"), "assistant": assistant("s"), "result": RESULT, "system": system("y")}
    made["call"] = assistant(CALL)
    request = ask(*(made[role] for role in roles), tools=(LOOK,))

    messages = DIALECT.encode_request(request, Target(origin=OWN)).body["messages"]

    assert [m["role"] for m in messages] == ["user", "assistant"] * (len(messages) // 2) + ["user"]
    for before, after in pairwise(messages):
        called = [b["toolUse"]["toolUseId"] for b in before["content"] if "toolUse" in b]
        answered = [b["toolResult"]["toolUseId"] for b in after["content"] if "toolResult" in b]
        assert sorted(set(called)) == sorted(answered)


# Tools.


def test_without_a_choice_of_none_the_tools_are_not_offered(encode: Encode) -> None:
    body, lost = encode(ask(tools=(LOOK,), tool_choice=ToolChoiceNone()))

    assert "toolConfig" not in body
    assert lost == ["tools.withheld", "tools.withheld"]


def test_calls_that_cannot_be_forbidden_are_a_material_loss() -> None:
    request = ask(user("a"), assistant(CALL), RESULT, tools=(LOOK,), tool_choice=ToolChoiceNone())

    encoded = DIALECT.encode_request(request, Target(origin=OWN))

    assert [(loss.code, loss.severity) for loss in encoded.losses] == [("setting.unsupported", Severity.MATERIAL)]


def test_tools_of_the_history_stay_declared(encode: Encode) -> None:
    body, lost = encode(ask(user("a"), assistant(CALL), RESULT))

    assert [tool["toolSpec"]["name"] for tool in body["toolConfig"]["tools"]] == ["look"]
    assert lost == ["tools.injected"]


def test_a_choice_that_the_model_does_not_take_is_named(encode: Encode) -> None:
    body, lost = encode(ask(tools=(LOOK,), tool_choice=ToolChoiceNamed("look")), {"tool_choices": ("auto", "any")})

    assert "toolChoice" not in body["toolConfig"]
    assert lost == ["setting.unsupported"]


@pytest.mark.parametrize("name", ["", "a b", "x" * 65])
def test_a_tool_name_that_the_vendor_refuses_is_refused_before_the_call(name: str, encode: Encode) -> None:
    with pytest.raises(CapabilityError, match="is not accepted"):
        encode(ask(tools=(FunctionTool(name),)))


@given(st.text(min_size=1, max_size=80), st.text(min_size=1, max_size=80))
def test_ids_are_what_the_vendor_takes_and_stay_distinct(one: str, other: str) -> None:
    calls = tuple(ToolCall(each, "look", "{}") for each in dict.fromkeys((one, other)))
    request = ask(user("a"), assistant(*calls), tools=(LOOK,))

    sent = DIALECT.encode_request(request, Target(origin=OWN)).body["messages"][1]["content"]

    ids = [block["toolUse"]["toolUseId"] for block in sent]
    assert len(set(ids)) == len(calls)
    assert all(0 < len(each) <= 64 and each.isascii() for each in ids)


# Media.


def test_a_document_gets_a_name_that_the_vendor_takes_and_a_text_beside_it(encode: Encode) -> None:
    body, lost = encode(ask(Message("user", (PDF,))))

    document, text = body["messages"][0]["content"]
    assert document["document"]["name"] == "report pdf"
    assert text == {"text": "(See the document.)"}
    assert lost == ["media_name.rewritten", "text.injected"]


def test_names_of_documents_are_given_once_and_invented_by_name(encode: Encode) -> None:
    nameless = replace(PDF, name=None)
    body, lost = encode(ask(Message("user", (Text("See."), nameless, nameless, PDF, PDF))))

    names = [block["document"]["name"] for block in body["messages"][0]["content"][1:]]
    assert len(set(names)) == 4
    assert lost.count("media_name.injected") == lost.count("media_name.rewritten") == 2


@given(st.lists(st.text(max_size=220), min_size=1, max_size=4))
def test_any_name_becomes_one_that_the_vendor_takes(names: list[str]) -> None:
    documents = tuple(Media(TextSource("t"), kind="document", name=name) for name in names)

    body = DIALECT.encode_request(ask(Message("user", (Text("See."), *documents))), Target(origin=OWN)).body

    sent = [block["document"]["name"] for block in body["messages"][0]["content"][1:]]
    assert len(set(sent)) == len(names)
    assert all(0 < len(each) <= 200 and each == " ".join(each.split()) and each.isascii() for each in sent)


def test_one_s_own_storage_is_named_and_another_s_file_is_not(encode: Encode) -> None:
    stored = Media(FileSource("s3://bucket/map.png"), kind="image", media_type="image/png")
    body, lost = encode(ask(Message("user", (Text("See."), stored, replace(stored, source=FileSource("file-1"))))))

    assert body["messages"][0]["content"][1]["image"]["source"] == {"s3Location": {"uri": "s3://bucket/map.png"}}
    assert len(body["messages"][0]["content"]) == 2
    assert lost == ["file.foreign"]


# Caching, reasoning, structure, routing.


def test_cache_points_stand_behind_what_they_mark_where_the_model_takes_them(encode: Encode) -> None:
    request = ask(
        Message("system", (Text("Be brief.", cache=Cache()),)),
        Message("user", (Text("a", cache=Cache(3600)), Text("b"))),
        tools=(replace(LOOK, cache=Cache(300)),),
    )

    body, lost = encode(request, {"cache_points": True})
    _, without = encode(request)

    assert body["system"][1] == {"cachePoint": {"type": "default"}}
    assert body["messages"][0]["content"][1] == {"cachePoint": {"type": "default", "ttl": "1h"}}
    assert body["toolConfig"]["tools"][1] == {"cachePoint": {"type": "default", "ttl": "5m"}}
    assert lost == []
    assert without == ["cache"] * 3
    assert DIALECT.decode_request(body, {}, OWN).messages == request.messages


def test_reasoning_goes_back_to_its_issuer_only(encode: Encode, other: Origin, neighbour: Origin) -> None:
    thought = Reasoning("hm", opaque=(Opaque("signature", "s"),))

    def said_by(origin: Origin | None) -> Any:
        return encode(ask(user("a"), replace(assistant(thought, "b"), origin=origin), user("c")))

    own = Origin(developer="anthropic", host="bedrock", dialect=DIALECT.name, model="other")
    body, lost = said_by(own)
    assert body["messages"][1]["content"][0] == {
        "reasoningContent": {"reasoningText": {"text": "hm", "signature": "s"}}
    }
    assert lost == []
    for origin, code in ((other, "reasoning.foreign"), (neighbour, "reasoning.foreign"), (None, "reasoning.unsigned")):
        body, lost = said_by(origin)
        assert "reasoning" not in str(body)
        assert lost == [code]


def test_reasoning_without_its_signature_is_kept_from_a_model_that_demands_one(encode: Encode) -> None:
    message = replace(assistant(Reasoning("hm"), "b"), origin=OWN)

    _, free = encode(ask(user("a"), message, user("c")))
    _, lost = encode(ask(user("a"), message, user("c")), {"unsigned_reasoning": False})

    assert (free, lost) == ([], ["reasoning.unsigned"])


def test_the_schema_of_an_answer_travels_as_a_text(encode: Encode) -> None:
    body, lost = encode(ask(output=SchemaOutput({"type": "object"}, name="n", description="d", strict=True)))

    described = {"schema": '{"type":"object"}', "name": "n", "description": "d"}
    assert body["outputConfig"] == {"textFormat": {"type": "json_schema", "structure": {"jsonSchema": described}}}
    assert lost == []


def test_a_guardrail_is_a_routing_field_and_leaving_it_behind_is_material() -> None:
    body = {"messages": [], "guardrailConfig": {"guardrailIdentifier": "g", "guardrailVersion": "1"}}

    request = DIALECT.decode_request(body, {}, OWN)

    (field,) = request.routing
    assert (field.name, field.raw["guardrailIdentifier"]) == ("guardrailConfig", "g")
    assert DIALECT.encode_request(request, Target(origin=OWN)).body == body
    foreign = ask(routing=(RoutingField(dialect="openai_chat", name="provider", raw={}),))
    assert [loss.severity for loss in DIALECT.encode_request(foreign, Target(origin=OWN)).losses] == [Severity.MATERIAL]


def test_text_for_a_guardrail_is_text_and_its_mark_is_named_elsewhere(neighbour: Origin) -> None:
    block = {"guardContent": {"text": {"text": "secret", "qualifiers": ["query"]}}}
    body = {"messages": [{"role": "user", "content": [block]}]}

    request = DIALECT.decode_request(body, {}, OWN)

    assert request.messages[0].text == "secret"
    assert DIALECT.encode_request(request, Target(origin=OWN)).body == body
    assert request.messages[0].parts[0].wire is not None
    assert "guardContent" in request.messages[0].parts[0].wire.fields


@pytest.mark.parametrize(
    "model", ["m", "us.amazon.nova-micro-v1:0", "arn:aws:bedrock:us-east-1:1:inference-profile/a.b"]
)
def test_the_model_is_one_step_of_the_path(model: str) -> None:
    encoded = DIALECT.encode_request(ask(stream=True, model=model), Target(origin=OWN))

    assert encoded.path.count("/") == 3
    read = DIALECT.decode_request(encoded.body, {":path": encoded.path}, OWN)
    assert (read.model, read.stream) == (model, True)


@pytest.mark.parametrize("model", [None, "", ".", ".."])
def test_without_a_model_there_is_no_path(model: str | None) -> None:
    with pytest.raises(CapabilityError):
        DIALECT.encode_request(ask(model=model), Target(origin=replace(OWN, model=None)))
