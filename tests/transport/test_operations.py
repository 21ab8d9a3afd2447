"""What is asked besides an answer, over HTTP: how it is addressed, what it may not say, how its failures are told."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from offramp.contracts.endpoint import Endpoint
from offramp.contracts.operations import COUNT_TOKENS, EMBED, LIST_MODELS, AnyOperation
from offramp.contracts.provider import PreparedCall, Provider
from offramp.contracts.scripted import scripted_endpoint
from offramp.contracts.transport import HttpRequest, HttpResponse
from offramp.errors import ConfigurationError, ProviderError, ProviderErrorKind, StateError, Unsupported
from offramp.types import (
    EmbedInput,
    EmbedRequest,
    GenerateRequest,
    Identity,
    ListModels,
    RoutingField,
    Text,
    user,
)
from offramp_providers.http_provider import HttpProvider
from support.open_token import OpenToken

HELLO = GenerateRequest((user("Hello"),), max_output_tokens=9)
VECTOR = EmbedRequest((EmbedInput((Text("a"),)),))
PAGE: Any = {"object": "list", "data": [{"id": "m"}]}


class Canned:
    """A transport that answers everything alike and keeps what it was sent."""

    def __init__(self, status: int = 200, body: Any = None) -> None:
        self.status, self.body = status, json.dumps(PAGE if body is None else body).encode()
        self.sent: list[HttpRequest] = []

    async def send(self, request: HttpRequest, *, token: Any, deadlines: Any) -> HttpResponse:
        del deadlines
        token.spend()
        self.sent.append(request)
        return HttpResponse(status=self.status, headers={"content-type": "application/json"}, body=self.body)

    async def aclose(self) -> None:
        """Nothing is open."""


def endpoint(dialect: str, base_url: str = "https://vendor.example/v1", **profile: Any) -> Endpoint:
    plain = scripted_endpoint(dialect=dialect, base_url=base_url)
    settings = {"auth": "bearer", "default_max_output_tokens": 9, **profile}
    return replace(plain, profile=replace(plain.profile, **settings), key=lambda: "made-up")


def provider(dialect: str = "openai_chat", transport: Any = None, **where: Any) -> HttpProvider:
    return HttpProvider(endpoint(dialect, **where), transport=transport or Canned())


def test_a_list_is_asked_for_without_a_body():
    call = provider().prepare_operation(LIST_MODELS, ListModels())

    assert (call.http.method, call.http.url, call.http.body) == ("GET", "https://vendor.example/v1/models", b"")
    assert call.http.headers["authorization"] == "Bearer made-up"
    assert (call.operation, call.stream) == ("models", False)


@pytest.mark.parametrize("body", [[{"id": "m"}], {"object": "list", "data": [{"id": "m"}]}], ids=["bare", "usual"])
async def test_a_list_may_come_as_a_bare_array(body: Any):
    asked = provider(transport=Canned(body=body))
    call = asked.prepare_operation(LIST_MODELS, ListModels())

    told = await asked.perform(LIST_MODELS, call, token=OpenToken())

    assert [each.name for each in told.models] == ["m"]


async def test_nothing_else_may_come_as_a_bare_array():
    asked = provider(transport=Canned(body=[{"id": "m"}]))
    call = asked.prepare_operation(EMBED, VECTOR)

    with pytest.raises(ProviderError, match="no JSON object"):
        await asked.perform(EMBED, call, token=OpenToken())


def test_a_page_and_the_addresss_own_query_stand_beside_each_other():
    where = "https://vendor.example?api-version=1"

    call = provider("anthropic_messages", base_url=where).prepare_operation(LIST_MODELS, ListModels(page="x"))

    assert call.http.url == "https://vendor.example/v1/models?limit=1000&after_id=x&api-version=1"


def test_a_question_is_about_the_endpoints_own_model():
    call = provider().prepare_operation(EMBED, VECTOR)

    assert json.loads(call.http.body) == {"model": "model-1", "input": ["a"]}
    with pytest.raises(ConfigurationError, match="for the model"):
        provider().prepare_operation(EMBED, replace(VECTOR, model="other"))
    with pytest.raises(ConfigurationError, match="for the model"):
        provider("anthropic_messages").prepare_operation(COUNT_TOKENS, replace(HELLO, model="other"))


def test_a_count_shows_the_request_to_nobody_whom_the_profile_does_not_list():
    away = RoutingField(dialect="anthropic_messages", name="mcp_servers", raw=[{}])

    with pytest.raises(ConfigurationError, match="mcp_servers"):
        provider("anthropic_messages").prepare_operation(COUNT_TOKENS, replace(HELLO, routing=(away,)))


LACKING: Sequence[tuple[str, AnyOperation, Any]] = [
    ("cohere_v2", COUNT_TOKENS, HELLO),
    ("openai_chat", COUNT_TOKENS, HELLO),
    ("anthropic_messages", EMBED, VECTOR),
    ("bedrock_converse", LIST_MODELS, ListModels()),
]


@pytest.mark.parametrize(("dialect", "operation", "asked"), LACKING, ids=lambda each: getattr(each, "name", None))
def test_what_a_dialect_or_its_host_lacks_is_unsupported(dialect: str, operation: AnyOperation, asked: Any):
    with pytest.raises(Unsupported) as caught:
        provider(dialect).prepare_operation(operation, asked)

    assert caught.value.requirements == (operation.name,)
    assert caught.value.mend


async def test_a_provider_that_knows_nothing_of_it_is_unsupported_and_spends_nothing():
    class Plain(HttpProvider):
        prepare_operation = Provider.prepare_operation
        perform = Provider.perform

    plain, token = Plain(endpoint("openai_chat"), transport=Canned()), OpenToken()

    with pytest.raises(Unsupported):
        plain.prepare_operation(LIST_MODELS, ListModels())
    with pytest.raises(Unsupported):
        await plain.perform(LIST_MODELS, provider().prepare_operation(LIST_MODELS, ListModels()), token=token)
    assert (token.spent, token.released) == (0, 1)


async def test_an_answer_carries_the_calls_losses_and_the_vendors_own_payload():
    asked = provider(transport=Canned(body={"data": [{"index": 0, "embedding": [1.0]}], "model": "model-1"}))
    call = asked.prepare_operation(EMBED, replace(VECTOR, purpose="query"))

    told = await asked.perform(EMBED, call, token=OpenToken())

    assert told.vectors == ((1.0,),)
    assert [loss.path for loss in told.losses] == ["purpose"]
    assert told.raw is not None
    assert told.origin is not None
    assert (told.origin.developer, told.origin.model) == ("acme", "model-1")


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (404, {"error": {"code": "model_not_found", "message": "m"}}, ProviderErrorKind.MODEL_NOT_FOUND),
        (429, {"error": {"message": "m"}}, ProviderErrorKind.RATE_LIMITED),
        (200, [1], ProviderErrorKind.MALFORMED),
        (200, "m", ProviderErrorKind.MALFORMED),
    ],
)
async def test_its_failures_are_told_as_an_answers(status: int, body: Any, kind: ProviderErrorKind):
    asked = provider(transport=Canned(status, body))

    with pytest.raises(ProviderError) as caught:
        await asked.perform(LIST_MODELS, asked.prepare_operation(LIST_MODELS, ListModels()), token=OpenToken())

    assert caught.value.kind is kind


async def test_a_token_of_another_endpoint_opens_nothing():
    transport = Canned()
    asked = provider(transport=transport)
    token = OpenToken(Identity(endpoint="b", developer="acme", host="acme", model="model-1"))
    call: PreparedCall = asked.prepare_operation(LIST_MODELS, ListModels())

    with pytest.raises(StateError):
        await asked.perform(LIST_MODELS, call, token=token)

    assert transport.sent == []
    assert token.released == 1
