"""Amazon Bedrock: many developers' models at one host, in its dialect or in Claude's own, each request signed."""

import json
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any
from urllib.parse import unquote

import pytest

from offramp.catalog import load_profile, policy_text
from offramp.contracts.transport import HttpStream
from offramp.errors import ConfigurationError, ProviderErrorKind
from offramp.types import (
    GenerateRequest,
    Message,
    Origin,
    ReasoningBudget,
    ReasoningSettings,
    ResponseEnd,
    ResponseFailed,
    TextDelta,
    ToolCall,
    ToolResult,
    WireEvent,
    assistant,
    fold,
    user,
)
from offramp_providers.aws_event_stream import encode_aws_event
from offramp_providers.framings import FRAMINGS
from offramp_providers.installed import find_dialect
from offramp_providers.stream_reader import StreamReader
from support.cassettes import answers, recordings, requests

Make = Callable[..., Any]
ASKED = GenerateRequest((user("hi"),))
STREAMED = GenerateRequest((user("hi"),), stream=True)
NOVA = "us.amazon.nova-micro-v1:0"
CLAUDE = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
AWS = "https://bedrock-runtime.us-east-1.amazonaws.com"


@pytest.mark.parametrize(
    ("vendor", "model", "request_", "path"),
    [
        ("bedrock", NOVA, ASKED, "/model/us.amazon.nova-micro-v1%3A0/converse"),
        ("bedrock", NOVA, STREAMED, "/model/us.amazon.nova-micro-v1%3A0/converse-stream"),
        ("bedrock-claude", CLAUDE, ASKED, "/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/invoke"),
        (
            "bedrock-claude",
            CLAUDE,
            STREAMED,
            "/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/invoke-with-response-stream",
        ),
    ],
)
def test_the_model_stands_in_the_path_and_the_stream_is_amazon_s(
    vendor: str, model: str, request_: Any, path: str, endpoint: Make, prepare: Make
):
    call = prepare(endpoint(vendor, model, region="us-east-1"), request_)

    body = json.loads(call.http.body)
    assert call.http.url == AWS + path
    assert body.keys().isdisjoint({"model", "stream"})
    assert ("eventstream" in call.http.headers["accept"]) == (request_ is STREAMED)
    assert body.get("anthropic_version") == ("bedrock-2023-05-31" if vendor == "bedrock-claude" else None)


@pytest.mark.parametrize(
    ("region", "address"),
    [
        ("eu-central-1", "https://bedrock-runtime.eu-central-1.amazonaws.com"),
        ("us-gov-west-1", "https://bedrock-runtime-fips.us-gov-west-1.amazonaws.com"),
        ("eusc-de-east-1", "https://bedrock-runtime.eusc-de-east-1.amazonaws.eu"),
    ],
)
@pytest.mark.parametrize("vendor", ["bedrock", "bedrock-claude"])
def test_the_region_chooses_the_address(vendor: str, region: str, address: str, endpoint: Make):
    assert endpoint(vendor, NOVA, region=region, developer="amazon").base_url == address


def test_a_model_that_the_profile_does_not_know_needs_its_developer(endpoint: Make):
    with pytest.raises(ConfigurationError, match="nothing says the developer"):
        endpoint("bedrock", "acme.giant-v1:0", region="us-east-1")


def test_orders_and_terms_of_developer_and_host_bind_it(endpoint: Make):
    nova, claude = endpoint("bedrock", NOVA, region="us-east-1"), endpoint("bedrock", CLAUDE, region="us-east-1")
    own = endpoint("bedrock-claude", CLAUDE, region="us-east-1")

    assert [(each.identity.developer, each.identity.host) for each in (nova, claude, own)] == [
        ("amazon", "bedrock"),
        ("anthropic", "bedrock"),
        ("anthropic", "bedrock"),
    ]


def test_terms_that_nobody_has_read_are_not_shipped():
    assert policy_text("bedrock") is policy_text("bedrock-claude") is None


def test_an_arn_is_one_step_of_the_path(endpoint: Make, prepare: Make):
    arn = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-micro-v1:0"

    call = prepare(endpoint("bedrock", arn, region="us-east-1", developer="amazon"), ASKED)

    assert call.http.url.count("/") == 5
    assert unquote(call.http.url).endswith(f"/model/{arn}/converse")


def test_a_model_s_own_rules_are_data_of_its_profile(endpoint: Make, prepare: Make):
    thinking = ReasoningSettings(mode=ReasoningBudget(1024))
    asked = GenerateRequest((user("hi"),), reasoning=thinking, top_k=5)

    claude = prepare(endpoint("bedrock", CLAUDE, region="us-east-1"), asked)
    nova = prepare(endpoint("bedrock", NOVA, region="us-east-1"), asked)

    native = json.loads(claude.http.body)["additionalModelRequestFields"]
    assert native == {"thinking": {"type": "enabled", "budget_tokens": 1024}, "top_k": 5}
    assert claude.losses == ()
    assert json.loads(nova.http.body)["additionalModelRequestFields"] == {"inferenceConfig": {"topK": 5}}
    assert [(loss.code, loss.path) for loss in nova.losses] == [("setting.unsupported", "reasoning.mode")]


def test_a_model_without_a_mark_for_failed_results_is_told_in_words(endpoint: Make, prepare: Make):
    history = (
        user("a"),
        assistant(ToolCall("c", "look", "{}")),
        Message("tool", (ToolResult("c", (), status="error"),)),
    )

    made = prepare(endpoint("bedrock", "us.deepseek.r1-v1:0", region="us-east-1"), GenerateRequest(history))

    result = json.loads(made.http.body)["messages"][-1]["content"][0]["toolResult"]
    assert result == {"toolUseId": "c", "content": [{"text": "The tool call failed."}]}
    assert "tool_result.status" in {loss.code for loss in made.losses}


# Claude in its own dialect, as recorded. Other families at the same paths speak dialects of their own: not covered.


def _is_claude(request: Any) -> bool:
    body = (request or {}).get("body") or {}
    return "anthropic.claude" in request.get("path", "") and "messages" in body


def _recorded() -> Iterator[tuple[str, Any, Any]]:
    for api in ("bedrock.invoke", "bedrock.invoke-with-response-stream"):
        for name, request, body in requests(api):
            if _is_claude(request):
                yield name, request, body


def test_every_recorded_request_to_claude_comes_back_exactly(endpoint: Make):
    dialect, compared = find_dialect("anthropic_messages"), 0
    for name, request, body in _recorded():
        model = unquote(request["path"].split("/")[2])
        target = endpoint("bedrock-claude", model, region="us-east-1").target
        decoded = dialect.decode_request(body, {":path": request["path"]}, target.origin)

        encoded = dialect.encode_request(decoded, target)

        compared += 1
        assert (encoded.body, encoded.losses) == (body, ()), name
        assert unquote(encoded.path) == unquote(request["path"])
    assert compared == 16


def test_every_recorded_answer_of_claude_comes_back_exactly(endpoint: Make):
    dialect, compared = find_dialect("anthropic_messages"), 0
    origin = endpoint("bedrock-claude", CLAUDE, region="us-east-1").origin
    claudes = {name for name, _, _ in _recorded()}
    for name, _, body in answers("bedrock.invoke"):
        if name in claudes:
            encoded = dialect.encode_response(dialect.decode_response(body, {}, origin))
            compared += 1
            assert (encoded.body, encoded.losses) == (body, ()), name
    assert compared == 13


class _Chunks(HttpStream):
    """An answer of given pieces."""

    status = 200
    headers: dict[str, str] = {}  # noqa: RUF012  # never changed

    def __init__(self, *pieces: bytes) -> None:
        self._pieces = pieces

    async def chunks(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece

    async def read(self) -> bytes:
        return b"".join(self._pieces)


async def _read(*pieces: bytes) -> list[Any]:
    profile = load_profile("bedrock-claude")
    decoder = find_dialect(profile.dialect).stream_decoder({}, _origin())
    reader = StreamReader(FRAMINGS[profile.framing or ""].decoder(), decoder, endpoint="a", status=200)
    return [batch async for batches in reader.batches(_Chunks(*pieces)) for batch in batches]


def _origin() -> Origin:
    return Origin(developer="anthropic", host="bedrock", dialect="anthropic_messages", model=CLAUDE)


async def test_every_recorded_stream_of_claude_is_read_through_both_framings():
    compared = 0
    for each in recordings("bedrock.invoke-with-response-stream"):
        if not _is_claude(each["request"]) or not each["response"].get("body_b64"):
            continue
        stream = b64decode(each["response"]["body_b64"])

        batches = await _read(*(stream[at : at + 701] for at in range(0, len(stream), 701)))

        inner = [json.loads(b64decode(event["payload"]["bytes"])) for event in each["response"]["events"]]
        said = "".join(e["delta"].get("text", "") for e in inner if e["type"] == "content_block_delta")
        response = fold(batches)
        assert response.text == said
        assert response.outcome.raw == next(e["delta"]["stop_reason"] for e in inner if e["type"] == "message_delta")
        compared += 1
    assert compared == 3


def _chunk(event: dict[str, Any]) -> bytes:
    return encode_aws_event(WireEvent(data={"bytes": b64encode(json.dumps(event).encode()).decode()}, event="chunk"))


START = _chunk({"type": "message_start", "message": {"id": "m", "type": "message", "role": "assistant", "content": []}})
BEGIN = _chunk({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}})
WORD = _chunk({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "hi"}})


@pytest.mark.parametrize(
    ("last", "kind"),
    [
        (
            encode_aws_event(WireEvent(data={"message": "m"}, event="throttlingException")),
            ProviderErrorKind.RATE_LIMITED,
        ),
        (encode_aws_event(WireEvent(data={"bytes": "%"}, event="chunk")), ProviderErrorKind.MALFORMED),
        (encode_aws_event(WireEvent(data={"odd": 1}, event="chunk")), ProviderErrorKind.MALFORMED),
        (WORD[:-1], ProviderErrorKind.STREAM_INTERRUPTED),
        (b"", ProviderErrorKind.STREAM_INTERRUPTED),
    ],
)
async def test_a_stream_that_breaks_off_is_never_complete(last: bytes, kind: ProviderErrorKind):
    batches = await _read(START + BEGIN + WORD + last)

    events = [event for batch in batches for event in batch.events]
    assert [event.text for event in events if isinstance(event, TextDelta)] == ["hi"]
    assert isinstance(events[-1], ResponseFailed)
    assert (events[-1].error.kind, events[-1].error.phase) == (kind, "mid_stream")
    assert not any(isinstance(event, ResponseEnd) for event in events)


@pytest.mark.parametrize(
    ("name", "status", "kind"),
    [
        ("ThrottlingException", 429, ProviderErrorKind.RATE_LIMITED),
        ("UnrecognizedClientException", 403, ProviderErrorKind.AUTHENTICATION),
        ("AccessDeniedException", 403, ProviderErrorKind.PERMISSION),
        ("ModelNotReadyException", 429, ProviderErrorKind.OVERLOADED),
    ],
)
def test_errors_of_the_host_are_read_in_claude_s_dialect_too(name: str, status: int, kind: ProviderErrorKind):
    headers = {"x-amzn-errortype": f"{name}:http://internal.amazon.com/", "x-amzn-requestid": "r"}

    error = find_dialect("anthropic_messages").decode_error(status, headers, {"message": "m"})

    assert (error.kind, error.vendor_code, error.request_id) == (kind, name, "r")
