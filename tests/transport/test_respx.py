"""An application's tests stand in for the vendor by respx: the provider asks, answers and fails as over a socket."""

import json
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any

import httpx
import pytest
import respx

from offramp.contracts.scripted import scripted_endpoint
from offramp.contracts.transport import Transport
from offramp.errors import Prohibited, ProviderError, ProviderErrorKind, StateError
from offramp.types import GenerateRequest, Outcome, OutcomeKind, ResponseEnd, ResponseFailed, TextDelta, user
from offramp_providers.http_provider import HttpProvider
from offramp_providers.httpx_transport import HttpxTransport
from support.open_token import OpenToken

HOST = "https://vendor.example"
KEY = "sk-secret"
ASK = GenerateRequest((user("private"),), max_output_tokens=10)

PATHS = {"anthropic_messages": "/v1/messages", "openai_chat": "/chat/completions"}
KEY_HEADERS = {"anthropic_messages": ("x-api-key", KEY), "openai_chat": ("authorization", f"Bearer {KEY}")}

ANSWERS: dict[str, dict[str, Any]] = {
    "anthropic_messages": {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "model-1",
        "content": [{"type": "text", "text": "hello"}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {
            "input_tokens": 3,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "output_tokens": 1,
        },
    },
    "openai_chat": {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "model-1",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "hello"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4},
    },
}


def _chunk(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "model-1", "choices": [choice]}


STREAMS: dict[str, list[dict[str, Any]]] = {
    "anthropic_messages": [
        {"type": "message_start", "message": {**ANSWERS["anthropic_messages"], "content": [], "stop_reason": None}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "hel"}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "lo"}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 1}},
        {"type": "message_stop"},
    ],
    "openai_chat": [
        _chunk({"role": "assistant", "content": ""}),
        _chunk({"content": "hel"}),
        _chunk({"content": "lo"}),
        _chunk({}, "stop"),
    ],
}

ERRORS: dict[str, tuple[int, dict[str, Any]]] = {
    "anthropic_messages": (529, {"type": "error", "error": {"type": "overloaded_error", "message": "busy"}}),
    "openai_chat": (503, {"error": {"type": "server_error", "code": None, "param": None, "message": "busy"}}),
}


def events_of(dialect: str, *, ended: bool = True) -> bytes:
    lines = "".join(
        (f"event: {data['type']}\n" if "type" in data else "") + f"data: {json.dumps(data)}\n\n"
        for data in STREAMS[dialect][: None if ended else 3]
    )
    closes = ended and dialect == "openai_chat"
    return (lines + ("data: [DONE]\n\n" if closes else "")).encode()


@pytest.fixture(params=PATHS)
def dialect(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
async def provider(dialect: str) -> AsyncGenerator[HttpProvider]:
    async with httpx.AsyncClient(trust_env=False) as client:
        yield provider_over(HttpxTransport(client=client), dialect)


def provider_over(transport: Transport, dialect: str) -> HttpProvider:
    endpoint = scripted_endpoint(dialect=dialect, base_url=HOST)
    auth: Any = "x-api-key" if dialect == "anthropic_messages" else "bearer"
    profile = replace(endpoint.profile, auth=auth)
    return HttpProvider(replace(endpoint, profile=profile, key=lambda: KEY), transport=transport)


def token_for(provider: HttpProvider) -> OpenToken:
    return OpenToken(provider.endpoint.identity)


async def test_answer_of_a_mocked_vendor_is_decoded(provider: HttpProvider, dialect: str, respx_mock: respx.MockRouter):
    route = respx_mock.post(HOST + PATHS[dialect]).respond(json=ANSWERS[dialect])
    token = token_for(provider)

    response = await provider.send(provider.prepare(ASK), token=token)

    assert (response.text, response.usage.input_tokens, response.usage.output_tokens) == ("hello", 3, 1)
    assert (token.spent, token.released) == (1, 1)
    asked = route.calls.last.request
    name, content = KEY_HEADERS[dialect]
    assert asked.headers[name] == content
    assert json.loads(asked.content)["model"] == "model-1"


async def test_stream_of_a_mocked_vendor_is_decoded(provider: HttpProvider, dialect: str, respx_mock: respx.MockRouter):
    respx_mock.post(HOST + PATHS[dialect]).respond(content_type="text/event-stream", content=events_of(dialect))
    call = provider.prepare(replace(ASK, stream=True))

    async with provider.stream(call, token=token_for(provider)) as reads:
        events = [event async for batches in reads for batch in batches for event in batch.events]

    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == "hello"
    ends = [event for event in events if isinstance(event, ResponseEnd)]
    assert [end.outcome for end in ends] == [Outcome(OutcomeKind.COMPLETED, raw=ends[0].outcome.raw)]


async def test_stream_that_a_mocked_vendor_breaks_off_is_a_failure(
    provider: HttpProvider, dialect: str, respx_mock: respx.MockRouter
):
    content = events_of(dialect, ended=False)
    respx_mock.post(HOST + PATHS[dialect]).respond(content_type="text/event-stream", content=content)
    call = provider.prepare(replace(ASK, stream=True))

    async with provider.stream(call, token=token_for(provider)) as reads:
        events = [event async for batches in reads for batch in batches for event in batch.events]

    assert isinstance(events[-1], ResponseFailed)
    assert events[-1].error.kind is ProviderErrorKind.STREAM_INTERRUPTED


async def test_error_of_a_mocked_vendor_is_decoded(provider: HttpProvider, dialect: str, respx_mock: respx.MockRouter):
    status, body = ERRORS[dialect]
    respx_mock.post(HOST + PATHS[dialect]).respond(status, json=body, headers={"Retry-After": "3"})

    with pytest.raises(ProviderError) as caught:
        await provider.send(provider.prepare(ASK), token=token_for(provider))

    assert caught.value.kind in (ProviderErrorKind.OVERLOADED, ProviderErrorKind.SERVER)
    assert (caught.value.status, caught.value.retry_after_s) == (status, 3.0)


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (httpx.ConnectError(f"no way to {KEY}"), ProviderErrorKind.CONNECTION),
        (httpx.ReadTimeout(f"no word from {KEY}"), ProviderErrorKind.TIMEOUT),
        (httpx.ProxyError(f"407 for {KEY}"), ProviderErrorKind.CONNECTION),
    ],
)
async def test_failure_of_a_mocked_network_is_named_without_its_text(
    provider: HttpProvider,
    dialect: str,
    respx_mock: respx.MockRouter,
    failure: httpx.TransportError,
    kind: ProviderErrorKind,
):
    respx_mock.post(HOST + PATHS[dialect]).mock(side_effect=failure)

    with pytest.raises(ProviderError) as caught:
        await provider.send(provider.prepare(ASK), token=token_for(provider))

    assert caught.value.kind is kind
    assert KEY not in str(caught.value)


@pytest.mark.respx(assert_all_called=False)
async def test_mocked_vendor_is_not_asked_against_an_order(
    provider: HttpProvider, dialect: str, respx_mock: respx.MockRouter
):
    respx_mock.post(HOST + PATHS[dialect]).respond(json=ANSWERS[dialect])
    token = token_for(provider)
    token.cut = True

    with pytest.raises(Prohibited):
        await provider.send(provider.prepare(ASK), token=token)

    assert not respx_mock.calls


async def test_mock_behind_the_transports_own_connections_is_refused(dialect: str, respx_mock: respx.MockRouter):
    transport = HttpxTransport()
    provider = provider_over(transport, dialect)
    respx_mock.post(HOST + PATHS[dialect]).respond(json=ANSWERS[dialect])

    with pytest.raises(StateError, match="Hand in the client"):
        await provider.send(provider.prepare(ASK), token=token_for(provider))
    await transport.aclose()
