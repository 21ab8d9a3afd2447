"""A provider prepares, asks and decodes; what it refuses, it refuses before a byte leaves."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from offramp.contracts.endpoint import Endpoint
from offramp.contracts.scripted import scripted_endpoint
from offramp.contracts.transport import Deadlines
from offramp.errors import CapabilityError, ConfigurationError, Prohibited, ProviderError, ProviderErrorKind, StateError
from offramp.types import (
    Batch,
    Cache,
    GenerateRequest,
    ResponseEnd,
    ResponseFailed,
    RoutingField,
    TextDelta,
    Wire,
    user,
)
from offramp_providers.http_provider import HttpProvider
from support.open_token import OpenToken
from support.raw_server import Peer, raw_server
from support.tiny_dialect import DECODE_LOST, LOST, TINY

KEY = "sk-secret"
ASK = GenerateRequest((user("private"),))
STREAM = GenerateRequest((user("private"),), stream=True)


def endpoint(base_url: str = "https://tiny.example/api/", *, key: str | None = KEY, **profile: Any) -> Endpoint:
    made = scripted_endpoint(dialect="tiny", base_url=base_url)
    settings = {"auth": "bearer", "headers": {"X-Version": "1"}, **profile}
    return replace(made, profile=replace(made.profile, **settings), key=lambda: key)


def provider_for(base_url: str = "https://tiny.example/api/", **settings: Any) -> HttpProvider:
    return HttpProvider(endpoint(base_url, **settings), dialect=TINY)


@asynccontextmanager
async def serving(answer: Callable[[], Sequence[bytes]]) -> AsyncGenerator[HttpProvider]:
    async def handler(peer: Peer) -> None:
        pieces = answer()
        await peer.request()
        await peer.say(*pieces)
        if pieces[-1].endswith(b"0\r\n\r\n") or len(pieces) == 1:
            await handler(peer)

    async with raw_server(handler) as server:
        provider = provider_for(server.url)
        try:
            yield provider
        finally:
            await provider.aclose()


def answered(body: bytes, *, status: str = "200 OK", headers: str = "Content-Type: application/json") -> list[bytes]:
    return [f"HTTP/1.1 {status}\r\n{headers}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body]


def streamed(*events: bytes, ended: bool = True) -> list[bytes]:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunks = [b"%x\r\n%s\r\n" % (len(event), event) for event in events]
    return [head, *chunks, *([b"0\r\n\r\n"] if ended else [])]


async def read(provider: HttpProvider, token: OpenToken | None = None) -> list[Batch]:
    call = provider.prepare(STREAM)
    async with provider.stream(call, token=token or OpenToken(provider.endpoint.identity)) as reads:
        return [batch async for batches in reads for batch in batches]


async def read_from(*events: bytes, ended: bool = True) -> list[Batch]:
    async with serving(lambda: streamed(*events, ended=ended)) as provider:
        return await read(provider)


def failure(batches: Sequence[Batch]) -> ProviderError:
    last = batches[-1].events[-1]
    assert isinstance(last, ResponseFailed)
    return last.error


async def test_a_call_s_own_deadlines_bound_its_stream():
    async def falls_silent(peer: Peer) -> None:
        await peer.request()
        await peer.say(*streamed(b'data: {"text": "a"}\n\n', ended=False))
        await asyncio.Event().wait()

    async with raw_server(falls_silent) as server, aclosing(provider_for(server.url)) as provider:
        call = replace(provider.prepare(STREAM), deadlines=Deadlines(total_s=0.05))
        async with provider.stream(call, token=OpenToken(provider.endpoint.identity)) as reads:
            batches = [batch async for each in reads for batch in each]

    assert failure(batches).kind is ProviderErrorKind.TIMEOUT


# Preparing.


def test_prepared_call_has_url_headers_body_and_losses():
    call = provider_for().prepare(replace(ASK, cache=Cache()))

    assert call.http.url == "https://tiny.example/api/tiny"
    assert call.http.origin == "https://tiny.example/api/"
    assert call.http.headers["authorization"] == f"Bearer {KEY}"
    assert (call.http.headers["x-version"], call.http.headers["x-tiny"]) == ("1", "1")
    assert json.loads(call.http.body) == {"model": "model-1", "text": "private"}
    assert (call.losses, call.stream) == ((LOST,), False)


def test_prepared_call_shows_no_secret_and_no_prompt():
    shown = repr(provider_for().prepare(ASK))

    assert KEY not in shown
    assert "private" not in shown


@pytest.mark.parametrize(("auth", "expected"), [("x-api-key", {"x-api-key": KEY}), ("none", {})])
def test_key_goes_where_the_profile_says(auth: str, expected: dict[str, str]):
    headers = provider_for(auth=auth).prepare(ASK).http.headers

    assert {name: headers[name] for name in ("authorization", "x-api-key") if name in headers} == expected


@pytest.mark.parametrize("key", [None, "", "sk\n", "sk x", "ské"])
def test_missing_or_impossible_key_is_a_configuration_error(key: str | None):
    with pytest.raises(ConfigurationError, match="a: its key") as caught:
        provider_for(key=key).prepare(ASK)

    assert "sk" not in str(caught.value)


@pytest.mark.parametrize("stream", [None, True])
def test_a_key_that_is_changed_is_sent_from_the_next_request_on(stream: bool | None):
    keys = iter(["sk-1", "sk-1", "sk-2", "sk-1"])
    provider = HttpProvider(replace(endpoint(auth="x-api-key"), key=lambda: next(keys)), dialect=TINY)
    asked = replace(ASK, stream=stream)

    sent = [provider.prepare(asked).http.headers["x-api-key"] for _ in range(4)]

    assert sent == ["sk-1", "sk-1", "sk-2", "sk-1"]


def test_no_key_is_read_where_the_host_needs_none():
    assert "authorization" not in provider_for(auth="none", key=None).prepare(ASK).http.headers


@pytest.mark.parametrize("headers", [{"Authorization": "x"}, {"X-API-Key": "x"}])
def test_credential_header_in_a_profile_is_refused(headers: dict[str, str]):
    with pytest.raises(ConfigurationError, match="holds a secret"):
        provider_for(headers=headers).prepare(ASK)


def test_another_model_than_the_endpoints_is_refused():
    with pytest.raises(ConfigurationError, match="the request is for the model 'other', the endpoint for 'model-1'"):
        provider_for().prepare(replace(ASK, model="other"))


def test_numbers_that_json_has_not_are_refused():
    with pytest.raises(ConfigurationError):
        provider_for().prepare(replace(ASK, temperature=float("nan")))


def test_vendor_option_is_added_to_the_body():
    call = provider_for().prepare(ASK, {"tiny_thing": {"a": None}})

    assert json.loads(call.http.body)["tiny_thing"] == {"a": None}


@pytest.mark.parametrize("option", [{"text": "x"}, {"model": "x"}, {"top_k": 3}, {"stream": True}])
def test_vendor_option_that_the_canonical_model_owns_is_refused(option: dict[str, Any]):
    with pytest.raises(ConfigurationError, match=f"the vendor option '{next(iter(option))}' is written by Offramp"):
        provider_for().prepare(ASK, option)


def test_vendor_option_that_is_owned_in_part_is_refused():
    with pytest.raises(ConfigurationError, match="'reasoning' is written by Offramp"):
        provider_for().prepare(ASK, {"reasoning": {"effort": "high", "odd": 1}})


def test_vendor_option_that_routes_is_refused_unless_the_profile_lists_it():
    listed = provider_for(routing_fields=("fallbacks",))

    with pytest.raises(ConfigurationError, match="'fallbacks' may decide who sees the data"):
        provider_for().prepare(ASK, {"fallbacks": ["b"]})
    assert json.loads(listed.prepare(ASK, {"fallbacks": ["b"]}).http.body)["fallbacks"] == ["b"]


def test_unknown_option_to_a_reseller_is_refused():
    with pytest.raises(ConfigurationError, match="'tiny_thing' may decide who sees the data"):
        provider_for(reseller="broker").prepare(ASK, {"tiny_thing": 1})


def test_routing_field_of_a_request_is_refused_unless_the_profile_lists_it():
    request = replace(ASK, routing=(RoutingField(dialect="tiny", name="provider", raw={}),))

    with pytest.raises(ConfigurationError, match="a: the field 'provider' may decide"):
        provider_for().prepare(request)
    assert provider_for(routing_fields=("provider",)).prepare(request).http.body


def test_routing_field_of_another_dialect_is_left_to_the_encoder():
    request = replace(ASK, routing=(RoutingField(dialect="other", name="provider", raw={}),))

    assert provider_for().prepare(request).http.body


def test_unknown_residue_to_a_reseller_is_refused():
    request = replace(ASK, wire=Wire(dialect="tiny", fields={"plain": None, "routes": [1]}))

    with pytest.raises(ConfigurationError, match="'routes' may decide"):
        provider_for(reseller="broker").prepare(request)
    assert provider_for().prepare(request).http.body


def test_dialect_that_is_not_installed_is_a_configuration_error():
    with pytest.raises(ConfigurationError, match="no dialect 'tiny' is installed"):
        HttpProvider(endpoint())


# Sending.


async def test_response_has_both_sides_losses_and_the_raw_payload():
    async with serving(lambda: answered(b'{"text":"hi","id":7}')) as provider:
        call = provider.prepare(replace(ASK, cache=Cache()))
        response = await provider.send(call, token=OpenToken(provider.endpoint.identity))

    assert (response.text, response.raw) == ("hi", {"text": "hi", "id": 7})
    assert response.losses == (LOST, DECODE_LOST)


@pytest.mark.parametrize("body", [b"<html>private</html>", b"", b"[1]", b'"text"'])
async def test_success_that_is_no_json_object_is_malformed(body: bytes):
    async with serving(lambda: answered(body, headers="Request-Id: req_1")) as provider:
        with pytest.raises(ProviderError) as caught:
            await provider.send(provider.prepare(ASK), token=OpenToken(provider.endpoint.identity))

    error = caught.value
    assert (error.kind, error.status, error.request_id, error.endpoint) == (
        ProviderErrorKind.MALFORMED,
        200,
        "req_1",
        "a",
    )
    assert "private" not in str(error)


@pytest.mark.parametrize(("body", "code"), [(b'{"error":"slow_down"}', "slow_down"), (b"upstream gone", None)])
async def test_error_status_is_decoded_by_the_dialect_and_told_where(body: bytes, code: str | None):
    async with serving(lambda: answered(body, status="429 Too Many Requests")) as provider:
        identity = provider.endpoint.identity
        with pytest.raises(ProviderError) as sent:
            await provider.send(provider.prepare(ASK), token=OpenToken(identity))
        with pytest.raises(ProviderError) as streaming:
            await read(provider)

    for error in (sent.value, streaming.value):
        assert (error.kind, error.status, error.vendor_code) == (ProviderErrorKind.RATE_LIMITED, 429, code)
        assert (error.endpoint, error.phase) == ("a", "before_first_output")


async def test_token_for_another_endpoint_is_refused_and_released():
    provider = provider_for()
    token = OpenToken(scripted_endpoint("b").identity)

    with pytest.raises(StateError, match="not for this endpoint"):
        await provider.send(provider.prepare(ASK), token=token)
    await provider.aclose()

    assert (token.spent, token.released) == (0, 1)


# Streaming.


async def test_stream_gives_one_batch_for_each_wire_event():
    batches = await read_from(
        b'data: {"start":2}\n\ndata: {"text":"a"}\n\n', b'data: {"stop":"end"}\n\ndata: [DONE]\n\n'
    )

    assert [len(batch.events) for batch in batches] == [2, 1, 1, 1]
    assert batches[1].events == (TextDelta(0, "a"),)
    assert isinstance(batches[2].events[0], ResponseEnd)
    assert batches[3].wire == Wire(dialect="tiny", fields={"raw": "[DONE]"})


async def test_events_of_one_read_come_together():
    async with serving(lambda: streamed(b'data: {"text":"a"}\n\n' * 50, b'data: {"stop":"end"}\n\n')) as provider:
        call, token = provider.prepare(STREAM), OpenToken(provider.endpoint.identity)
        async with provider.stream(call, token=token) as reads:
            sizes = [len(batches) async for batches in reads]

    assert sizes[0] >= 50
    assert sum(sizes) == 51


async def test_end_without_outcome_is_an_interruption():
    batches = await read_from(b'data: {"text":"a"}\n\n', b'data: {"stop":"end"}\n')

    error = failure(batches)
    assert (error.kind, error.phase, error.endpoint) == (ProviderErrorKind.STREAM_INTERRUPTED, "mid_stream", "a")


async def test_connection_lost_in_mid_stream_is_the_last_batch():
    batches = await read_from(b'data: {"text":"a"}\n\n', ended=False)

    error = failure(batches)
    assert batches[0].events == (TextDelta(0, "a"),)
    assert (error.kind, error.phase) == (ProviderErrorKind.STREAM_INTERRUPTED, "mid_stream")
    assert "the connection closed before the answer's end" in str(error)


async def test_failure_before_any_output_says_so():
    batches = await read_from(b'data: {"start":1}\n\n', ended=False)

    assert failure(batches).phase == "before_first_output"


async def test_connection_lost_after_the_outcome_is_no_failure():
    batches = await read_from(b'data: {"text":"a"}\n\ndata: {"stop":"end"}\n\n', ended=False)

    assert isinstance(batches[-1].events[-1], ResponseEnd)


async def test_broken_json_in_an_event_ends_the_stream_as_malformed():
    batches = await read_from(b'data: {"text":"a"}\n\ndata: {"text":private\n\ndata: {"stop":"end"}\n\n')

    error = failure(batches)
    assert [len(batch.events) for batch in batches] == [1, 1]
    assert (error.kind, error.status, error.endpoint) == (ProviderErrorKind.MALFORMED, 200, "a")
    assert "private" not in str(error)


async def test_error_event_of_the_vendor_is_the_last_batch_and_told_where():
    batches = await read_from(b'data: {"text":"a"}\n\ndata: {"error":"overloaded"}\n\ndata: {"text":"b"}\n\n')

    error = failure(batches)
    assert len(batches) == 2
    assert (error.vendor_code, error.endpoint, error.phase) == ("overloaded", "a", "mid_stream")


async def test_stream_answered_with_json_is_malformed():
    async with serving(lambda: answered(b'{"text":"hi"}')) as provider:
        with pytest.raises(ProviderError, match="answered a stream with application/json") as caught:
            await read(provider)

    assert caught.value.kind is ProviderErrorKind.MALFORMED
    assert caught.value.mend is not None


async def test_order_in_mid_stream_raises_from_the_iterator():
    token = OpenToken(endpoint().identity)

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.say(*streamed(b'data: {"text":"a"}\n\n', ended=False))
        await peer.gone()

    seen: list[Batch] = []

    async def follow(provider: HttpProvider) -> None:
        async with provider.stream(provider.prepare(STREAM), token=token) as reads:
            async for batches in reads:
                seen.extend(batches)
                asyncio.get_running_loop().call_soon(token.order)

    async with raw_server(handler) as server:
        provider = provider_for(server.url)
        with pytest.raises(Prohibited):
            await follow(provider)
        await provider.aclose()

    assert [batch.events for batch in seen] == [(TextDelta(0, "a"),)]
    assert token.released == 1


def test_a_history_that_another_vendor_keeps_is_refused_and_not_lost():
    held = RoutingField(dialect="elsewhere", name="previous_response_id", raw="resp_1", holds_history=True)

    with pytest.raises(CapabilityError, match="a history that another vendor keeps"):
        provider_for().prepare(replace(ASK, routing=(held,)))
