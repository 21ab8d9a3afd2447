"""What a conversation becomes on the wire, and what comes back from it."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from offramp.contracts.dialect import Target
from offramp.errors import CapabilityError
from offramp.types import (
    DataSource,
    FileSource,
    GenerateRequest,
    Media,
    Message,
    Opaque,
    Origin,
    Reasoning,
    RoutingField,
    Text,
    TextSource,
    ToolCall,
    ToolResult,
    UrlSource,
    assistant,
    system,
    user,
)
from offramp_providers.dialects.gemini import DIALECT

Encode = Callable[..., tuple[Any, list[str]]]
STAND_IN = "skip_thought_signature_validator"
CALL = ToolCall("c1", "look", '{"at":"x"}')
SIGNED = replace(CALL, opaque=(Opaque("signature", "s1", scope="model"),))


def asked(*messages: Message, **settings: Any) -> GenerateRequest:
    return GenerateRequest(messages, **settings)


def model(*parts: Any, origin: Origin | None = None) -> Message:
    return Message("assistant", parts, origin=origin)


def results(*parts: Any) -> Message:
    return Message("tool", parts)


def read(body: Any, issuer: Origin, path: str = "") -> GenerateRequest:
    return DIALECT.decode_request(body, {":path": path}, issuer)


# The path.


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("gemini-x", "/models/gemini-x:generateContent"),
        ("models/gemini-x", "/models/gemini-x:generateContent"),
        ("tunedModels/mine", "/tunedModels/mine:generateContent"),
        ("a/../b", "/models/a%2F..%2Fb:generateContent"),
        ("a?b#c", "/models/a%3Fb%23c:generateContent"),
    ],
)
def test_the_model_stands_in_the_path_and_cannot_leave_it(issuer: Origin, name: str, path: str) -> None:
    encoded = DIALECT.encode_request(asked(user("hi"), model=name), Target(origin=issuer))

    assert encoded.path == path
    assert "model" not in encoded.body


def test_a_stream_is_asked_for_in_the_path(issuer: Origin) -> None:
    encoded = DIALECT.encode_request(asked(user("hi"), stream=True), Target(origin=issuer))

    assert encoded.path == "/models/gemini-3-flash:streamGenerateContent?alt=sse"
    assert "stream" not in encoded.body
    assert read(encoded.body, issuer, encoded.path).stream is True


@pytest.mark.parametrize("name", [None, "..", ""])
def test_a_request_without_a_model_is_refused_with_a_mend(issuer: Origin, name: str | None) -> None:
    with pytest.raises(CapabilityError) as caught:
        DIALECT.encode_request(asked(user("hi"), model=name), Target(origin=replace(issuer, model=None)))

    assert caught.value.mend


# Roles.


def test_system_messages_stand_apart_and_a_later_one_is_moved(encode: Encode) -> None:
    body, losses = encode(asked(system("one"), user("hi"), system("two")))

    assert body["systemInstruction"] == {"parts": [{"text": "one"}, {"text": "two"}]}
    assert body["contents"] == [{"role": "user", "parts": [{"text": "hi"}]}]
    assert losses == ["role.moved", "message.merged"]


def test_the_models_neighbouring_turns_are_joined_and_its_last_word_is_answered(encode: Encode) -> None:
    body, losses = encode(asked(user("hi"), assistant("a"), assistant("b")))

    assert [each["role"] for each in body["contents"]] == ["user", "model", "user"]
    assert body["contents"][1]["parts"] == [{"text": "a"}, {"text": "b"}]
    assert losses == ["message.merged", "text.injected"]


def test_a_host_that_continues_the_model_gets_nothing_injected(encode: Encode) -> None:
    body, losses = encode(asked(user("hi"), assistant("a")), {"prefill": True})

    assert [each["role"] for each in body["contents"]] == ["user", "model"]
    assert losses == []


def test_both_spellings_and_an_absent_role_come_back_as_they_were(issuer: Origin) -> None:
    body = {
        "system_instruction": {"role": "user", "parts": [{"text": "s"}]},
        "contents": [
            {"parts": [{"text": "hi"}, {"inline_data": {"mime_type": "image/png", "data": "AA=="}}]},
            {"role": "model", "parts": [{"function_call": {"name": "f", "args": {}}, "thought_signature": "q"}]},
            {"role": "function", "parts": [{"functionResponse": {"name": "f", "response": {"a": 1}}}]},
        ],
        "generation_config": {"max_output_tokens": 5, "thinking_config": {"thinking_level": "low"}},
        "tool_config": {"function_calling_config": {"mode": "any", "allowed_function_names": ["f"]}},
        "tools": {"function_declarations": [{"name": "f", "parameters_json_schema": {"type": "object"}}]},
    }

    request = read(body, issuer)
    encoded = DIALECT.encode_request(request, Target(origin=issuer))

    assert (encoded.body, encoded.losses) == (body, ())
    assert request.max_output_tokens == 5
    assert request.reasoning is not None
    assert request.reasoning.effort == "low"
    assert [message.role for message in request.messages] == ["system", "user", "assistant", "tool"]


# Calls and results.


def test_a_call_without_an_id_gets_the_same_one_each_time_and_its_result_finds_it(issuer: Origin) -> None:
    call = {"functionCall": {"name": "look", "args": {}}}
    other = {"functionCall": {"name": "hear", "args": {}}}
    said = [{"functionResponse": {"name": name, "response": {"output": name}}} for name in ("hear", "look")]
    body = {"contents": [{"role": "model", "parts": [call, other]}, {"role": "user", "parts": said}]}

    first, again = read(body, issuer), read(body, issuer)

    ids = [part.call_id for part in first.messages[0].parts if isinstance(part, ToolCall)]
    answered = [part.call_id for part in first.messages[1].parts if isinstance(part, ToolResult)]
    assert first == again
    assert len(set(ids)) == 2
    assert answered == [ids[1], ids[0]]
    assert DIALECT.encode_request(first, Target(origin=issuer)).body == body


def test_our_result_of_a_call_without_an_id_has_none_either(issuer: Origin, encode: Encode) -> None:
    answer = {"candidates": [{"content": {"role": "model", "parts": [{"functionCall": {"name": "look"}}]}}]}
    message = DIALECT.decode_response(answer, {}, issuer).message
    call = message.parts[0]
    assert isinstance(call, ToolCall)

    body, losses = encode(asked(user("hi"), message, results(ToolResult(call.call_id, (Text("seen"),)))))

    assert body["contents"][1]["parts"][0]["functionCall"] == {"name": "look"}
    assert body["contents"][2]["parts"] == [{"functionResponse": {"name": "look", "response": {"output": "seen"}}}]
    assert "call_id.rewritten" not in losses


@pytest.mark.parametrize(
    ("result", "response"),
    [
        (ToolResult("c1", (Text("ok"),)), {"output": "ok"}),
        (ToolResult("c1", ()), {}),
        (ToolResult("c1", (Text("no"),), status="error"), {"error": "no"}),
        (ToolResult("c1", (), status="error"), {"status": "error"}),
        (ToolResult("c1", (Text("no"),), status="denied"), {"status": "denied", "error": "no"}),
        (ToolResult("c1", (), status="interrupted"), {"status": "interrupted"}),
    ],
)
def test_every_status_is_said_in_the_object_and_read_from_it(
    issuer: Origin, encode: Encode, result: ToolResult, response: Any
) -> None:
    body, losses = encode(asked(user("hi"), model(SIGNED, origin=issuer), results(result)))

    back = read(body, issuer).messages[2].parts[0]

    assert body["contents"][2]["parts"][0]["functionResponse"] == {"name": "look", "id": "c1", "response": response}
    assert back == result
    assert losses == []


def test_an_object_that_is_not_ours_is_kept_as_json_and_sent_as_an_object(issuer: Origin) -> None:
    part = {"functionResponse": {"name": "f", "id": "i", "response": {"rows": [1, 2.5], "error": "half"}}}
    body = {"contents": [{"role": "user", "parts": [part]}]}

    request = read(body, issuer)

    result = request.messages[0].parts[0]
    assert isinstance(result, ToolResult)
    assert result.status == "error"
    assert json.loads(result.parts[0].text) == {"rows": [1, 2.5], "error": "half"}  # type: ignore[union-attr]
    assert DIALECT.encode_request(request, Target(origin=issuer)).body == body


def test_results_come_right_after_their_calls_in_their_order_and_none_is_missing(
    issuer: Origin, encode: Encode
) -> None:
    calls = (SIGNED, ToolCall("c2", "hear", "{}"), ToolCall("c3", "feel", "{}"))
    said = results(ToolResult("c2", (Text("2"),)), ToolResult("c1", (Text("1"),)), ToolResult("c9", (Text("9"),)))

    body, losses = encode(asked(user("hi"), model(*calls, origin=issuer), said, user("and?")))

    responses = [part["functionResponse"] for part in body["contents"][2]["parts"]]
    assert [each["id"] for each in responses] == ["c1", "c2", "c3"]
    assert "error" in responses[2]["response"]
    assert body["contents"][3]["parts"] == [{"text": "and?"}]
    assert sorted(losses) == ["part_order", "part_order", "tool_result.injected", "tool_result.orphan"]


@pytest.mark.parametrize("name", ["", "another"])
def test_a_result_that_names_another_function_than_its_call_keeps_the_name(issuer: Origin, name: str) -> None:
    said = {"functionResponse": {"name": name, "response": {"output": "x"}}}
    call = {"functionCall": {"name": "look", "args": {}}}
    body = {"contents": [{"role": "model", "parts": [call]}, {"role": "user", "parts": [said]}]}

    assert DIALECT.encode_request(read(body, issuer), Target(origin=issuer)).body == body


@pytest.mark.parametrize(
    ("option", "kept", "moved", "loss"),
    [("keep", True, False, []), ("move", False, True, ["media.moved"]), ("drop", False, False, ["media.unsupported"])],
)
def test_media_in_a_result_goes_where_the_host_takes_it(
    issuer: Origin, encode: Encode, option: str, kept: bool, moved: bool, loss: list[str]
) -> None:
    picture = Media(DataSource("iVBORw0KGgo="), kind="image", media_type="image/png")
    said = results(ToolResult("c1", (Text("see"), picture)))

    body, losses = encode(
        asked(user("hi"), model(SIGNED, origin=issuer), said), {"tool_result_media": option, "signed_calls": False}
    )

    response = body["contents"][2]["parts"][0]["functionResponse"]
    assert ("parts" in response, len(body["contents"]) == 4, losses) == (kept, moved, loss)


# Signatures.


def test_a_signature_goes_back_to_its_model_and_a_version_of_it(issuer: Origin, encode: Encode) -> None:
    for name in ("gemini-3-flash", "gemini-3-flash-001"):
        message = model(Reasoning("hm"), SIGNED, origin=replace(issuer, model=name))

        body, losses = encode(asked(user("hi"), message, results(ToolResult("c1", (Text("ok"),)))))

        assert body["contents"][1]["parts"][1]["thoughtSignature"] == "s1"
        assert losses == []


def test_a_signature_never_leaves_its_model_its_host_or_its_dialect(
    issuer: Origin, reseller: Origin, other: Origin, encode: Encode
) -> None:
    for origin in (replace(issuer, model="gemini-3-pro"), replace(issuer, model=None), reseller, other, None):
        message = model(SIGNED, origin=origin)

        body, losses = encode(asked(user("hi"), message, results(ToolResult("c1", (Text("ok"),)))))

        assert body["contents"][1]["parts"][0]["thoughtSignature"] == STAND_IN
        assert losses == ["opaque.foreign", "signature.injected"]


def test_a_profile_says_whose_signatures_else_a_model_takes(issuer: Origin, encode: Encode) -> None:
    message = model(SIGNED, origin=replace(issuer, model="gemini-flash-served"))

    body, losses = encode(
        asked(user("hi"), message, results(ToolResult("c1", (Text("ok"),)))), {"signature_models": ("*-served",)}
    )

    assert body["contents"][1]["parts"][0]["thoughtSignature"] == "s1"
    assert losses == []


def test_only_the_first_call_of_each_step_of_the_current_turn_gets_the_stand_in(other: Origin, encode: Encode) -> None:
    step = [model(CALL, ToolCall("c2", "hear", "{}"), origin=other)]
    step += [results(ToolResult("c1", (Text("1"),)), ToolResult("c2", (Text("2"),)))]

    body, losses = encode(asked(user("old"), *step, user("new"), *step, *step))

    calls = [part for each in body["contents"] for part in each["parts"] if "functionCall" in part]
    assert ["thoughtSignature" in part for part in calls] == [False, False, True, False, True, False]
    assert losses == ["signature.injected", "signature.injected"]


def test_a_model_that_demands_no_signature_gets_no_stand_in(other: Origin, encode: Encode) -> None:
    messages = (user("hi"), model(CALL, origin=other), results(ToolResult("c1", (Text("ok"),))))

    body, losses = encode(asked(*messages), {"signed_calls": False})

    assert STAND_IN not in str(body)
    assert losses == []


def test_an_empty_text_is_kept_for_its_signature_alone(issuer: Origin, encode: Encode) -> None:
    signed = Text("", opaque=(Opaque("signature", "s", scope="model"),))

    body, losses = encode(asked(user("hi"), model(Text("a"), signed, Text(""), origin=issuer), user("go")))

    assert body["contents"][1]["parts"] == [{"text": "a"}, {"text": "", "thoughtSignature": "s"}]
    assert losses == ["text.empty"]


def test_foreign_reasoning_is_lost_by_name_and_never_turned_into_text(other: Origin, encode: Encode) -> None:
    body, losses = encode(asked(user("hi"), model(Reasoning("secret thought"), Text("a"), origin=other), user("go")))

    assert "secret thought" not in str(body)
    assert losses == ["reasoning.foreign"]


# Media.


def test_media_is_data_a_link_or_a_file_of_the_vendors_own(issuer: Origin, encode: Encode) -> None:
    parts = (
        Media(DataSource("iVBORw0KGgo="), kind="image"),
        Media(UrlSource("https://example.org/a.pdf"), kind="document", media_type="application/pdf"),
        Media(FileSource("gs://bucket/a.mp4"), kind="video", media_type="video/mp4", origin=issuer),
        Media(FileSource("file-1"), kind="image"),
        Media(TextSource("plain"), kind="document"),
    )

    body, losses = encode(asked(Message("user", parts)))

    assert body["contents"][0]["parts"] == [
        {"inlineData": {"data": "iVBORw0KGgo=", "mimeType": "image/png"}},
        {"fileData": {"fileUri": "https://example.org/a.pdf", "mimeType": "application/pdf"}},
        {"fileData": {"fileUri": "gs://bucket/a.mp4", "mimeType": "video/mp4"}},
        {"text": "plain"},
    ]
    assert losses == ["media_type.injected", "file.foreign", "media.rewritten"]


# Who sees the data.


def test_what_routes_is_typed_and_goes_to_the_same_dialect_alone(issuer: Origin, other: Origin) -> None:
    body = {
        "contents": [{"role": "user", "parts": [{"text": "hi"}]}],
        "cachedContent": "cachedContents/1",
        "generationConfig": {"routingConfig": {"autoMode": {}}},
        "tools": [{"googleSearch": {}}, {"mcpServers": [{"name": "m"}]}],
    }

    request = read(body, issuer)

    assert {field.name for field in request.routing} == {"cachedContent", "routingConfig", "mcpServers"}
    assert DIALECT.encode_request(request, Target(origin=issuer)).body == body
    foreign = replace(request, wire=None, routing=(RoutingField(dialect=other.dialect, name="models", raw=["x"]),))
    encoded = DIALECT.encode_request(foreign, Target(origin=issuer))
    assert [loss.code for loss in encoded.losses] == ["routing_field"]
