"""What is no answer in an endpoint's dialect is a failure by type: another dialect's, a page's, or nobody's."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from offramp.contracts.transport import HttpResponse
from offramp.errors import ProviderError, ProviderErrorKind
from offramp.resilience.disposition import disposition_of
from offramp.types import (
    GenerateRequest,
    Message,
    Origin,
    Outcome,
    OutcomeKind,
    Response,
    ResponseEnd,
    ResponseFailed,
    Text,
    Usage,
    user,
)
from offramp_conformance.accounting.crossing import DIALECTS, PAIRS, origin_in
from offramp_providers.http_provider import HttpProvider
from support.open_token import OpenToken
from support.pieces import batches_of

Make = Callable[..., Any]
VENDORS: Mapping[str, tuple[str, dict[str, Any]]] = {
    "anthropic_messages": ("anthropic", {}),
    "bedrock_converse": ("bedrock", {"developer": "amazon", "region": "us-east-1"}),
    "cohere_v2": ("cohere", {}),
    "gemini": ("google-ai", {}),
    "mistral": ("mistral", {}),
    "ollama_native": ("ollama-native", {"developer": "meta"}),
    "openai_chat": ("openai", {}),
    "openai_responses": ("openai", {"dialect": "openai_responses"}),
}
SAID = "The depot is flooded"
SOMEBODY = Origin(developer="acme", host="acme", dialect="elsewhere", model="acme-1", response_id="r1")
ANSWER = Response(
    message=Message("assistant", (Text(SAID),), origin=SOMEBODY),
    outcome=Outcome(OutcomeKind.COMPLETED),
    usage=Usage(input_tokens=3, output_tokens=4),
    origin=SOMEBODY,
)
UNDERSTOOD = {("openai_chat", "mistral"), ("mistral", "openai_chat")}
"""Pairs of one shape: who answers, and who reads."""
HALF = {("ollama_native", "cohere_v2")}
"""The words are understood, and how they ended is not."""


class Saying:
    """A transport that always has this answer."""

    def __init__(self, body: bytes, media_type: str) -> None:
        self.answer = HttpResponse(status=200, headers={"content-type": media_type}, body=body)

    async def send(self, _request: Any, **_: Any) -> HttpResponse:
        return self.answer

    async def aclose(self) -> None:
        """Nothing is open."""


async def told(endpoint: Make, dialect: str, body: bytes, media_type: str = "application/json") -> Any:
    vendor, table = VENDORS[dialect]
    transport: Any = Saying(body, media_type)
    provider = HttpProvider(endpoint(vendor, **table), transport=transport)
    call = provider.prepare(GenerateRequest((user("hi"),), max_output_tokens=9))
    return await provider.send(call, token=OpenToken(provider.endpoint.identity))


def in_another(dialect: str) -> bytes:
    return json.dumps(dict(DIALECTS[dialect].encode_response(ANSWER).body)).encode()


def test_every_dialect_is_asked() -> None:
    assert VENDORS.keys() == DIALECTS.keys()


@pytest.mark.parametrize(("speaks", "reads"), [pair for pair in PAIRS if pair not in UNDERSTOOD | HALF])
async def test_an_answer_of_another_dialect_s_shape_is_malformed(speaks: str, reads: str, endpoint: Make) -> None:
    with pytest.raises(ProviderError, match=rf"none of {reads}: it holds \w+") as caught:
        await told(endpoint, reads, in_another(speaks))

    assert caught.value.kind is ProviderErrorKind.MALFORMED
    assert not disposition_of(caught.value).falls_back
    assert SAID not in str(caught.value)


@pytest.mark.parametrize(("speaks", "reads"), sorted((*UNDERSTOOD, *HALF)))
async def test_what_two_dialects_spell_alike_is_read(speaks: str, reads: str, endpoint: Make) -> None:
    answer = await told(endpoint, reads, in_another(speaks))

    assert [part.text for part in answer.message.parts] == [SAID]
    assert (answer.outcome.kind is OutcomeKind.UNKNOWN) == ((speaks, reads) in HALF)


@pytest.mark.parametrize("dialect", VENDORS)
@pytest.mark.parametrize("body", [b"{}", b'{"id": "x"}', f'{{"{SAID}": 1}}'.encode(), b"[]", b"1", b"", b"null"])
async def test_what_is_no_answer_at_all_is_malformed(dialect: str, body: bytes, endpoint: Make) -> None:
    with pytest.raises(ProviderError) as caught:
        await told(endpoint, dialect, body)

    assert caught.value.kind is ProviderErrorKind.MALFORMED
    assert SAID not in str(caught.value)


@pytest.mark.parametrize("dialect", VENDORS)
async def test_a_page_with_status_200_is_malformed_and_told_apart_from_the_vendor(dialect: str, endpoint: Make) -> None:
    with pytest.raises(ProviderError) as caught:
        await told(endpoint, dialect, f"<html>{SAID}</html>".encode(), "text/html; charset=utf-8")

    assert (caught.value.kind, caught.value.answered_by) == (ProviderErrorKind.MALFORMED, "page")
    assert SAID not in str(caught.value)


@pytest.mark.parametrize(("speaks", "reads"), [pair for pair in PAIRS if pair not in UNDERSTOOD])
def test_a_stream_in_another_dialect_is_a_failure_and_never_an_answer(speaks: str, reads: str) -> None:
    encoder, decoder = DIALECTS[speaks].stream_encoder(), DIALECTS[reads].stream_decoder({}, origin_in(reads))
    events = [event for batch in batches_of(ANSWER) for event in encoder.encode(batch)] + list(encoder.finish())

    told = [event for each in (*map(decoder.decode, events), decoder.finish()) for event in each.events]

    failures = [each.error.kind for each in told if isinstance(each, ResponseFailed)]
    assert failures == [ProviderErrorKind.STREAM_INTERRUPTED]
    assert not any(isinstance(each, ResponseEnd) for each in told)
