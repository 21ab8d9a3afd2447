"""A call through LiteLLM: what leaves, what comes back, and that nothing in it is LiteLLM's invention."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from offramp.errors import ConfigurationError, LossExceeded, ProviderError, ProviderErrorKind, StateError
from offramp.types import (
    AnyResponse,
    Event,
    GenerateRequest,
    Message,
    OutcomeKind,
    ResponseEnd,
    ResponseFailed,
    RoutingField,
    Text,
    TextDelta,
    ToolCall,
    Usage,
    Wire,
    user,
)
from support.long_tail import KEY, TailVendor, completion, http, pieces, tail_vendor
from support.open_token import OpenToken

pytestmark = pytest.mark.usefixtures("litellm")
K = ProviderErrorKind
ASK = GenerateRequest((Message("system", (Text("Be brief."),)), user("Hi there.")), temperature=0.3)


async def sent(vendor: TailVendor, request: GenerateRequest = ASK, token: OpenToken | None = None) -> AnyResponse:
    provider = vendor.provider
    return await provider.send(provider.prepare(request), token=token or OpenToken(provider.endpoint.identity))


async def streamed(vendor: TailVendor, token: OpenToken | None = None) -> list[Event]:
    provider = vendor.provider
    call = provider.prepare(replace(ASK, stream=True))
    async with provider.stream(call, token=token or OpenToken(provider.endpoint.identity)) as reads:
        return [event async for batches in reads for batch in batches for event in batch.events]


def last_error(events: Sequence[Event]) -> ProviderError:
    failed = events[-1]
    assert isinstance(failed, ResponseFailed)
    return failed.error


# What leaves.


async def test_the_request_says_what_was_asked_under_the_endpoint_s_own_key():
    async with tail_vendor(http(completion())) as vendor:
        await sent(vendor)

    assert vendor.heads[0].startswith("POST /v1/chat/completions HTTP/1.1")
    assert f"authorization: Bearer {KEY}\r\n" in vendor.heads[0]
    assert vendor.bodies == [
        {
            "model": "m1",
            "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi there."}],
            "temperature": 0.3,
        }
    ]


async def test_the_vendor_learns_nothing_of_the_software_and_the_machine():
    async with tail_vendor(http(completion()), model="openrouter/m1") as vendor:
        await sent(vendor)

    told = vendor.heads[0].lower()
    assert [word for word in ("litellm", "stainless", "python", "openai/", "referer") if word in told] == []


async def test_without_a_key_no_credential_leaves():
    async with tail_vendor(http(completion()), key=lambda: None) as vendor:
        await sent(vendor)

    assert "authorization" not in vendor.heads[0].lower()


async def test_the_prepared_call_holds_no_key_and_shows_no_prompt():
    async with tail_vendor(http(completion())) as vendor:
        call = vendor.provider.prepare(ASK)

    assert KEY not in repr(call)
    assert "Hi there" not in repr(call)
    assert KEY.encode() not in call.http.body


async def test_what_litellm_has_no_argument_for_is_a_named_loss():
    origin_wire = Wire(dialect="openai_chat", fields={"logit_bias": {"5": 1}}, form=())
    async with tail_vendor(http(completion())) as vendor:
        call = vendor.provider.prepare(replace(ASK, wire=origin_wire, metadata={"a": "b"}))

    assert {loss.path for loss in call.losses} == {"wire.fields.logit_bias", "metadata"}


@pytest.mark.parametrize(
    "option", ["fallbacks", "api_base", "model_list", "mock_response", "extra_headers", "custom_llm_provider", "top_k"]
)
async def test_no_vendor_option_reaches_litellm(option: str):
    async with tail_vendor(http(completion())) as vendor:
        with pytest.raises(ConfigurationError, match=option):
            vendor.provider.prepare(ASK, {option: "x"})


async def test_a_field_that_routes_is_refused():
    async with tail_vendor(http(completion())) as vendor:
        routed = replace(ASK, routing=(RoutingField(dialect="openai_chat", name="fallbacks", raw=["m2"]),))
        with pytest.raises(ConfigurationError, match="fallbacks"):
            vendor.provider.prepare(routed)


async def test_a_parameter_that_litellm_would_drop_ends_the_call_before_a_byte_leaves():
    async with tail_vendor(http(completion()), model="text-completion-inception/m1") as vendor:
        token = OpenToken(vendor.provider.endpoint.identity)
        with pytest.raises(ConfigurationError, match="UnsupportedParamsError"):
            await sent(vendor, token=token)

    assert (token.spent, token.released, vendor.heads) == (0, 1, [])


async def test_a_prompt_that_litellm_would_mend_does_not_leave():
    async with tail_vendor(http(completion()), model="anthropic_text/m1", developer="anthropic") as vendor:
        with pytest.raises(LossExceeded, match=r"engine\.injected at prompt") as raised:
            await sent(vendor)

    assert [loss.code for loss in raised.value.losses] == ["engine.injected"]
    assert vendor.heads == []


@pytest.mark.parametrize("model", ["sagemaker_chat/m1", "replicate/m1", "gigachat/m1"])
async def test_a_way_around_the_address_is_refused_and_named(model: str):
    async with tail_vendor(http(completion()), model=model) as vendor:
        token = OpenToken(vendor.provider.endpoint.identity)
        with pytest.raises(ConfigurationError, match=r"it goes around api_base, to .*; nothing was sent"):
            await sent(vendor, token=token)

    assert (token.spent, vendor.heads) == (0, [])


async def test_litellm_asks_once_whatever_the_answer():
    async with tail_vendor(http({"error": {"message": "later"}}, status="503 Busy")) as vendor:
        with pytest.raises(ProviderError):
            await sent(vendor)

    assert len(vendor.heads) == 1


async def test_a_token_of_another_endpoint_is_refused():
    async with tail_vendor(http(completion())) as vendor:
        token = OpenToken()
        with pytest.raises(StateError):
            await sent(vendor, token=token)

    assert (token.spent, token.released, vendor.heads) == (0, 1, [])


# What comes back.


async def test_an_answer_is_read_with_its_outcome_usage_and_model():
    async with tail_vendor(http(completion())) as vendor:
        answer = await sent(vendor)

    assert (answer.text, answer.outcome.kind, answer.outcome.raw) == ("hello", OutcomeKind.COMPLETED, "stop")
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (3, 2)
    assert answer.origin is not None
    assert (answer.origin.model, answer.origin.response_id) == ("openai/m1", "c-1")
    assert (answer.losses, answer.warnings, answer.raw) == ((), (), completion())


async def test_a_tool_call_is_read():
    call = {"id": "call_1", "type": "function", "function": {"name": "near", "arguments": '{"a": 1}'}}
    async with tail_vendor(http(completion(None, stop="tool_calls", calls=[call]))) as vendor:
        answer = await sent(vendor)

    assert answer.outcome.kind is OutcomeKind.TOOL_CALLS
    assert [(part.name, part.arguments_json) for part in answer.message.parts if isinstance(part, ToolCall)] == [
        ("near", '{"a": 1}')
    ]


@pytest.mark.parametrize("stop", ["weird", "eos_but_new", None])
async def test_a_stop_reason_that_nobody_knows_stays_unknown(stop: str | None):
    async with tail_vendor(http(completion(stop=stop))) as vendor:
        answer = await sent(vendor)

    assert (answer.outcome.kind, answer.outcome.raw) == (OutcomeKind.UNKNOWN, stop)


async def test_a_stop_reason_of_another_vendor_is_read_by_its_own_word():
    async with tail_vendor(http(completion(stop="max_tokens"))) as vendor:
        answer = await sent(vendor)

    assert (answer.outcome.kind, answer.outcome.raw) == (OutcomeKind.MAX_OUTPUT, "max_tokens")
    assert answer.message.status == "incomplete"


@pytest.mark.parametrize("body", [{"choices": []}, {"choices": None}])
async def test_an_answer_without_a_choice_is_no_success(body: Any):
    async with tail_vendor(http(completion(**body))) as vendor:
        try:
            answer = await sent(vendor)
        except ProviderError as error:
            assert error.kind is K.MALFORMED  # noqa: PT017  # either is honest
        else:
            assert answer.outcome.kind not in (OutcomeKind.COMPLETED, OutcomeKind.TOOL_CALLS)


async def test_an_empty_choice_is_empty():
    async with tail_vendor(http(completion(None))) as vendor:
        answer = await sent(vendor)

    assert (answer.outcome.kind, answer.message.parts) == (OutcomeKind.EMPTY, ())


async def test_what_the_vendor_does_not_say_is_unknown():
    async with tail_vendor(http(completion(model=None, usage=None, id=None))) as vendor:
        answer = await sent(vendor)

    assert answer.usage == Usage()
    assert answer.origin is not None
    assert (answer.origin.model, answer.origin.response_id) == (None, None)


async def test_another_model_that_answers_is_told():
    async with tail_vendor(http(completion(model="m2"))) as vendor:
        answer = await sent(vendor)

    assert answer.origin is not None
    assert answer.origin.model == "openai/m2"


async def test_an_answer_that_litellm_cannot_read_is_read_without_it():
    async with tail_vendor(http(completion()), model="anthropic/m1", developer="anthropic") as vendor:
        answer = await sent(vendor)

    assert (answer.text, answer.outcome.kind) == ("hello", OutcomeKind.COMPLETED)
    assert "LiteLLM could not read the answer" in answer.warnings[0]


async def test_an_error_under_a_status_of_success_is_an_error():
    async with tail_vendor(http({"error": {"code": "insufficient_quota", "message": "no"}})) as vendor:
        with pytest.raises(ProviderError) as raised:
            await sent(vendor)

    assert raised.value.kind is K.QUOTA_EXHAUSTED


async def test_what_litellm_asks_for_after_an_answer_blocks_no_later_call():
    # It looks up the price of this vendor's answers at the vendor, in the midst of its event loop.
    async with tail_vendor(http(completion()), model="lemonade/m1") as vendor:
        await sent(vendor)
    async with tail_vendor(http(completion())) as other:
        answer = await sent(other)

    assert (answer.text, len(vendor.heads)) == ("hello", 1)


# Streams.


async def test_a_stream_is_read_as_it_comes():
    async with tail_vendor(http(pieces("hel", "lo"))) as vendor:
        events = await streamed(vendor)

    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == "hello"
    ends = [event.outcome for event in events if isinstance(event, ResponseEnd)]
    assert [(end.kind, end.raw) for end in ends] == [(OutcomeKind.COMPLETED, "stop")]


async def test_a_stream_s_unknown_stop_reason_stays_unknown():
    async with tail_vendor(http(pieces("hello", stop="weird"))) as vendor:
        events = await streamed(vendor)

    ends = [event.outcome for event in events if isinstance(event, ResponseEnd)]
    assert [(end.kind, end.raw) for end in ends] == [(OutcomeKind.UNKNOWN, "weird")]


@pytest.mark.parametrize("done", [True, False])
@pytest.mark.parametrize("model", ["openai/m1", "groq/m1", "hosted_vllm/m1", "deepinfra/m1"])
async def test_a_stream_without_an_ending_is_a_failure(model: str, done: bool):
    async with tail_vendor(http(pieces("hel", stop=None, done=done)), model=model) as vendor:
        events = await streamed(vendor)

    assert last_error(events).kind is K.STREAM_INTERRUPTED
    assert not any(isinstance(event, ResponseEnd) for event in events)


async def test_a_stream_that_breaks_off_is_a_failure():
    whole = http(pieces("hel", "lo"))
    async with tail_vendor(whole.replace(b"Content-Length: ", b"Content-Length: 9")) as vendor:
        provider = vendor.provider
        call = provider.prepare(replace(ASK, stream=True))
        async with provider.stream(call, token=OpenToken(provider.endpoint.identity)) as reads:
            first = [event for batch in await anext(reads) for event in batch.events]

    assert any(isinstance(event, TextDelta) for event in first)


# Errors.

CHAT = "application/json"
ERRORS: list[tuple[str, str, dict[str, Any], str, ProviderErrorKind]] = [
    ("openai/m1", "401 X", {"error": {"code": "invalid_api_key"}}, "", K.AUTHENTICATION),
    ("openai/m1", "429 X", {"error": {"code": "insufficient_quota"}}, "", K.QUOTA_EXHAUSTED),
    ("openai/m1", "429 X", {"error": {"code": "rate_limit_exceeded"}}, "", K.RATE_LIMITED),
    ("openai/m1", "400 X", {"error": {"code": "context_length_exceeded"}}, "", K.CONTEXT_EXCEEDED),
    ("openai/m1", "404 X", {"error": {"code": "model_not_found"}}, "", K.MODEL_NOT_FOUND),
    ("groq/m1", "503 X", {"error": {"message": "busy"}}, "", K.OVERLOADED),
    ("groq/m1", "500 X", {"error": {"message": "oops"}}, "", K.SERVER),
    ("anthropic/m1", "529 X", {"type": "error", "error": {"type": "overloaded_error"}}, "", K.OVERLOADED),
    ("anthropic/m1", "403 X", {"type": "error", "error": {"type": "permission_error"}}, "", K.PERMISSION),
    ("gemini/m1", "429 X", {"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}}, "", K.RATE_LIMITED),
]


@pytest.mark.parametrize(("model", "status", "body", "headers", "kind"), ERRORS)
async def test_an_error_is_told_by_its_own_status_and_code(
    model: str, status: str, body: Any, headers: str, kind: ProviderErrorKind
):
    whose = {"anthropic/m1": "anthropic", "gemini/m1": "google"}.get(model, "acme")
    answer = http(body, status=status, headers="Retry-After: 7\r\n")
    async with tail_vendor(answer, model=model, developer=whose) as vendor:
        with pytest.raises(ProviderError) as raised:
            await sent(vendor)

    error = raised.value
    assert (error.kind, error.status, error.retry_after_s) == (kind, int(status[:3]), 7)
    assert (error.endpoint, error.phase) == ("a", "before_first_output")


async def test_an_error_in_place_of_a_stream_is_told_on_entering():
    async with tail_vendor(http({"error": {"code": "slow_down"}}, status="429 X")) as vendor:
        with pytest.raises(ProviderError) as raised:
            await streamed(vendor)

    assert raised.value.kind is K.RATE_LIMITED


async def test_every_way_out_gives_the_token_back():
    for answer in (http(completion()), http({"error": {}}, status="500 X")):
        async with tail_vendor(answer) as vendor:
            token = OpenToken(vendor.provider.endpoint.identity)
            with suppress(ProviderError):
                await sent(vendor, token=token)
        assert (token.spent, token.released > 0) == (1, True)
