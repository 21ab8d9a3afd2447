"""Documents that stand beside the messages: read into the last question, and beside it again."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from offramp.contracts.dialect import Target
from offramp.types import (
    GenerateRequest,
    Media,
    Message,
    Origin,
    Severity,
    TextSource,
    assistant,
    user,
)
from offramp_providers.dialects.cohere_v2 import DIALECT
from offramp_providers.dialects.openai_chat import DIALECT as OPENAI

Encode = Callable[..., tuple[Any, list[tuple[str, str]]]]


ASK: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}


def read(body: dict[str, Any], issuer: Origin) -> GenerateRequest:
    return DIALECT.decode_request({**ASK, **body}, {}, issuer)


def sent(encode: Encode, *messages: Message, **settings: Any) -> tuple[list[Any], list[tuple[str, str]]]:
    body, losses = encode(GenerateRequest(messages, **settings))
    return body["messages"], losses


DOCUMENTS = [
    "Two units.",
    {"id": "d1", "data": {"text": "Three units.", "title": "log.txt"}},
    {"data": "Four units."},
    {"data": {"snippet": "Five units.", "rank": 2}},
    {"data": 7},
]


def test_documents_are_read_into_the_last_question_and_stand_beside_the_messages_again(issuer: Origin, encode: Encode):
    messages = [
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": "b"},
        {"role": "user", "content": "c"},
    ]

    request = read({"messages": messages, "documents": DOCUMENTS}, issuer)

    asked = request.messages[-1]
    found = [
        part.source.text for part in asked.parts if isinstance(part, Media) and isinstance(part.source, TextSource)
    ]
    assert found == ["Two units.", "Three units.", "Four units.", '{"snippet":"Five units.","rank":2}']
    assert asked.text == "c"
    assert encode(request) == ({"model": "m", "messages": messages, "documents": DOCUMENTS}, [])


def test_documents_are_said_to_another_vendor(issuer: Origin, other: Origin):
    request = read({"documents": DOCUMENTS[:2]}, issuer)

    encoded = OPENAI.encode_request(request, Target(origin=other))

    blocks = [block["text"] for block in encoded.body["messages"][0]["content"]]
    assert blocks == ["Two units.", "Three units.", "hi"]
    assert {loss.severity for loss in encoded.losses} <= {Severity.COSMETIC, Severity.BEHAVIOURAL}


def test_a_document_that_nobody_can_read_is_named_as_missing(issuer: Origin, other: Origin):
    encoded = OPENAI.encode_request(read({"documents": DOCUMENTS[4:]}, issuer), Target(origin=other))

    assert [(loss.code, loss.severity) for loss in encoded.losses] == [("unknown_part", Severity.MATERIAL)]


def test_a_document_of_an_earlier_question_still_stands_beside_and_is_named(issuer: Origin, encode: Encode):
    first = read({"documents": DOCUMENTS[:1]}, issuer).messages[0]

    body, losses = encode(GenerateRequest((first, assistant("two"), user("and now?"))))

    assert body["documents"] == DOCUMENTS[:1]
    assert losses == [("media.moved", "messages[0].parts[0]")]


def test_what_a_document_beside_the_messages_cannot_hold_is_named(issuer: Origin, encode: Encode):
    asked = read({"documents": DOCUMENTS[:1]}, issuer).messages[0]
    edited = replace(asked, parts=(replace(asked.parts[0], media_type="text/plain", name="log.txt"), *asked.parts[1:]))

    body, losses = encode(GenerateRequest((edited,)))

    assert body["documents"] == [{"data": {"text": "Two units.", "title": "log.txt"}}]
    assert losses == [("media_type", "messages[0].parts[0].media_type")]


def test_documents_without_a_question_stay_where_they_are(issuer: Origin, encode: Encode):
    body = {"model": "m", "messages": [{"role": "system", "content": "s"}], "documents": DOCUMENTS}

    assert encode(read(body, issuer)) == (body, [])


def test_a_document_of_another_vendors_is_written_as_text(encode: Encode):
    document = Media(TextSource("Two units."), kind="document", name="log.txt")

    messages, losses = sent(encode, user(document, "hi"))

    assert messages[0]["content"] == [{"type": "text", "text": "Two units."}, {"type": "text", "text": "hi"}]
    assert losses == [("media.rewritten", "messages[0].parts[0]"), ("media.name", "messages[0].parts[0].name")]
