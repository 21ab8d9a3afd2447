"""What the encoders write fits the types of the vendors' own packages, save for what was reviewed."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any, Final, Required, get_args

import pytest
from pydantic_core import SchemaValidator
from typing_extensions import TypedDict

from offramp.contracts.operations import COUNT_TOKENS, EMBED
from offramp.errors import CapabilityError
from offramp.types import AnyResponse, Batch, EmbedInput, EmbedPurpose, EmbedRequest, GenerateRequest, Text
from offramp_conformance.accounting.crossing import DIALECTS, origin_in, sent, streamed, target_in
from support.must_keep import REQUESTS, RESPONSES
from support.operations import codec_of
from support.published import faults, judge
from support.recorded import recorded_answers, recorded_requests, recorded_streams
from support.saturated import request_cases, response_cases


@dataclass(frozen=True, kw_only=True)
class Published:
    """The types of a package, each as a judge."""

    request: SchemaValidator
    streamed_request: SchemaValidator
    response: SchemaValidator
    event: SchemaValidator


def _openai_chat() -> Published:
    chat: Any = pytest.importorskip("openai.types.chat", reason="the package openai is not installed")
    params: Any = pytest.importorskip("openai.types.chat.completion_create_params")
    return Published(
        request=judge(params.CompletionCreateParamsNonStreaming),
        streamed_request=judge(params.CompletionCreateParamsStreaming),
        response=judge(chat.ChatCompletion),
        event=judge(chat.ChatCompletionChunk),
    )


def _openai_responses() -> Published:
    responses: Any = pytest.importorskip("openai.types.responses", reason="the package openai is not installed")
    params: Any = pytest.importorskip("openai.types.responses.response_create_params")
    return Published(
        request=judge(params.ResponseCreateParamsNonStreaming),
        streamed_request=judge(params.ResponseCreateParamsStreaming),
        response=judge(responses.Response),
        event=judge(responses.ResponseStreamEvent),
    )


def _anthropic_messages() -> Published:
    types: Any = pytest.importorskip("anthropic.types", reason="the package anthropic is not installed")
    params: Any = pytest.importorskip("anthropic.types.message_create_params")
    return Published(
        request=judge(params.MessageCreateParamsNonStreaming),
        streamed_request=judge(params.MessageCreateParamsStreaming),
        response=judge(types.Message),
        event=judge(types.RawMessageStreamEvent),
    )


def _gemini() -> Published:
    types: Any = pytest.importorskip("google.genai.types", reason="the package google-genai is not installed")
    # The package has no type for the body as a whole, only for what is in it.
    body: Any = TypedDict(
        "body",
        {
            "contents": Required[list[types.Content]],
            "systemInstruction": types.Content,
            "tools": list[types.Tool],
            "toolConfig": types.ToolConfig,
            "generationConfig": types.GenerationConfig,
            "serviceTier": str,
            "store": bool,
            "labels": dict[str, str],
        },
        total=False,
    )
    answer = judge(types.GenerateContentResponse)
    return Published(request=judge(body), streamed_request=judge(body), response=answer, event=answer)


PUBLISHED: Final[Mapping[str, Callable[[], Published]]] = {
    "anthropic_messages": cache(_anthropic_messages),
    "gemini": cache(_gemini),
    "openai_chat": cache(_openai_chat),
    "openai_responses": cache(_openai_responses),
}
"""Those of anthropic, openai and google-genai; AWS's stand in botocore (`dialects/bedrock_converse/test_schema.py`)."""

_MADE_UP: Final = {r".*: none is 't'": "the vendor's own, which goes as its author wrote it; these were made up"}
_UNCOUNTED: Final = "a count that is not known is never invented"

REVIEWED: Final[Mapping[str, Mapping[str, str]]] = {
    "anthropic_messages": {
        **_MADE_UP,
        r"temperature: extra_forbidden|top_[kp]: extra_forbidden": "the package offers them no more; models up to 4.6 "
        "take them still",
        r"(message\.)?usage\.(in|out)put_tokens: int_type": _UNCOUNTED,
        r"(id|model): string_type": "an answer of this vendor itself that named none is repeated so",
        r": none is '(ping|error)'": "the package takes these two before it looks at the type of an event",
    },
    "gemini": _MADE_UP,
    "openai_chat": {
        **_MADE_UP,
        r"usage\.(prompt|completion|total)_tokens: missing": _UNCOUNTED,
        r"choices\[\]\.finish_reason: literal_error": "an ending that the vendor has no word for keeps its own",
        r"choices\[\]\.(message|delta)\.reasoning_content: extra_forbidden": "where hosts of open models, and their "
        "clients, have reasoning; the vendor itself shows none",
    },
    "openai_responses": {
        **_MADE_UP,
        r"(response\.)?usage\.((in|out)put_tokens(_details)?|total_tokens): missing": _UNCOUNTED,
        r"(response\.)?usage\.input_tokens_details\.(cached|cache_write)_tokens: missing": _UNCOUNTED,
        r"name: extra_forbidden": "the vendor's schema of August 2026 demands it with the finished arguments of a call",
    },
}
"""Accepted deviations, each with its reason."""

WAYS: Final = [(source, wire) for wire in PUBLISHED for source in DIALECTS if source != wire]


def _unreviewed(validator: SchemaValidator, body: Any, wire: str) -> list[str]:
    return [each for each in faults(validator, body) if not any(re.fullmatch(known, each) for known in REVIEWED[wire])]


def faults_of_requests(asked: Iterable[GenerateRequest], wire: str) -> dict[str, Any]:
    """Each deviation of what is written, with a body that shows it."""
    published, found = PUBLISHED[wire](), dict[str, Any]()
    for request in asked:
        try:
            body, _, _ = sent(request, wire)
        except CapabilityError:
            continue
        validator = published.streamed_request if body.get("stream") is True else published.request
        found |= dict.fromkeys(_unreviewed(validator, body, wire), body)
    return found


def faults_of_answers(answers: Iterable[AnyResponse], wire: str) -> dict[str, Any]:
    """The same of answers."""
    published, found = PUBLISHED[wire](), dict[str, Any]()
    for answer in answers:
        body = DIALECTS[wire].encode_response(answer).body
        found |= dict.fromkeys(_unreviewed(published.response, body, wire), body)
    return found


def faults_of_streams(streams: Iterable[list[Batch]], wire: str) -> dict[str, Any]:
    """The same of each event of a stream."""
    published, found = PUBLISHED[wire](), dict[str, Any]()
    for batches in streams:
        for event in streamed(batches, wire)[0]:
            if isinstance(event.data, Mapping) and event.data.keys() != {"error"}:  # a failure has no type of its own
                found |= dict.fromkeys(_unreviewed(published.event, event.data, wire), event.data)
    return found


def _foreign_to(wire: str) -> Any:
    return origin_in(next(name for name in DIALECTS if name != wire))


@pytest.mark.parametrize(("source", "wire"), WAYS)
def test_every_recorded_request_fits_the_published_types_elsewhere(source: str, wire: str) -> None:
    assert faults_of_requests(recorded_requests(source).values(), wire) == {}


@pytest.mark.parametrize("wire", PUBLISHED)
def test_every_request_of_an_application_fits_the_published_types(wire: str) -> None:
    assert faults_of_requests([*request_cases(_foreign_to(wire)), *REQUESTS.values()], wire) == {}


@pytest.mark.parametrize(("source", "wire"), WAYS)
def test_every_recorded_answer_fits_the_published_types_elsewhere(source: str, wire: str) -> None:
    assert faults_of_answers(recorded_answers(source).values(), wire) == {}


@pytest.mark.parametrize("wire", PUBLISHED)
def test_every_possible_answer_fits_the_published_types(wire: str) -> None:
    assert faults_of_answers([*response_cases(_foreign_to(wire)), *RESPONSES.values()], wire) == {}


@pytest.mark.parametrize(("source", "wire"), WAYS)
def test_every_event_of_a_recorded_stream_fits_the_published_types_elsewhere(source: str, wire: str) -> None:
    assert faults_of_streams(recorded_streams(source).values(), wire) == {}


@pytest.mark.parametrize(
    ("wire", "module", "name"),
    [
        ("anthropic_messages", "anthropic.types.message_count_tokens_params", "MessageCountTokensParams"),
        ("openai_responses", "openai.types.responses.input_token_count_params", "InputTokenCountParams"),
    ],
)
def test_every_count_that_is_asked_for_fits_the_published_types(wire: str, module: str, name: str) -> None:
    published = judge(getattr(pytest.importorskip(module, reason="the vendor's package is not installed"), name))
    encode = codec_of(DIALECTS[wire], COUNT_TOKENS).encode_request
    found = dict[str, Any]()
    recorded = [each for source in DIALECTS if source != wire for each in recorded_requests(source).values()]

    for request in [*recorded, *request_cases(_foreign_to(wire)), *REQUESTS.values()]:
        try:
            body = encode(request, target_in(wire)).body
        except CapabilityError:
            continue
        found |= dict.fromkeys(_unreviewed(published, body, wire), body)

    assert found == {}


@pytest.mark.parametrize("wire", ["openai_chat", "openai_responses"])
def test_every_embedding_that_is_asked_for_fits_the_published_types(wire: str) -> None:
    params: Any = pytest.importorskip("openai.types.embedding_create_params", reason="the package openai is missing")
    published, encode = judge(params.EmbeddingCreateParams), codec_of(DIALECTS[wire], EMBED).encode_request
    texts = [EmbedInput((Text("a"),)), EmbedInput((Text("b"),))]
    asked = product((texts[:1], texts), (None, *get_args(EmbedPurpose)), (None, 8))

    bodies = [
        encode(EmbedRequest(tuple(inputs), purpose=purpose, dimensions=size), target_in(wire)).body
        for inputs, purpose, size in asked
    ]

    assert [told for body in bodies for told in faults(published, body)] == []
