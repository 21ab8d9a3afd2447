"""Lies about errors."""

from collections.abc import Mapping
from dataclasses import replace

from offramp.errors import ProviderError, ProviderErrorKind
from offramp.types import AnyResponse, GenerateRequest, Message, Origin, Outcome, OutcomeKind, Response, Text, user
from offramp_conformance.suite.wire_tap import Tapped
from support.lying_provider import Lie

from .cases import Case, K, fails, hears, of_origin, says, taps


def failing_as(kind: ProviderErrorKind) -> Case:
    return fails(lambda error: ProviderError("a failure", kind=kind, status=error.status))


def _answers(model: str = "gpt-4.1") -> Case:
    origin = Origin(developer="nobody", host="nobody", dialect="openai_chat", model=model)
    message = Message("assistant", (Text("yes"),))
    return fails(lambda _: Response(message, Outcome(OutcomeKind.COMPLETED), origin=origin))


def _spoils() -> Lie:
    refused: list[bool] = []

    def fail(error: ProviderError) -> ProviderError:
        refused.append(True)
        return error

    def say(response: AnyResponse, _: GenerateRequest) -> AnyResponse:
        if refused:
            raise ProviderError("the session is spoilt", kind=K.SERVER, status=500)
        return response

    return Lie(fails=fail, says=say)


def _quoting_the_key(tap: Tapped) -> None:
    tap.received[:] = b'{"error": "offramp-conformance-wrong-key is unknown"}'


def _no_headers(tap: Tapped) -> None:
    tap.headers = {}


def _more_left_than_there_is(tap: Tapped) -> None:
    tap.headers = {**tap.headers, "x-ratelimit-remaining-requests": "999999"}


def _nameless() -> Lie:
    return Lie(taps=_no_headers, says=lambda response, _: of_origin(response, response_id=None))


LIES: Mapping[str, Case] = {
    "errors.wrong_key": _answers(),
    "errors.no_key": _answers(),
    "errors.key_not_quoted": taps(_quoting_the_key),
    "errors.bad_json": failing_as(K.SERVER),
    "errors.wrong_type": failing_as(K.SERVER),
    "errors.missing_field": failing_as(K.SERVER),
    "errors.streamed": failing_as(K.SERVER),
    "errors.unknown_path": failing_as(K.SERVER),
    "errors.unknown_field": failing_as(K.SERVER),
    "errors.bad_schema": _answers(),
    "errors.too_long.refused": hears(
        lambda request: replace(request, messages=(user(request.messages[-1].text[-40:]),)),
        options={"context_tokens": 2000},
    ),
    "errors.too_long.told": hears(
        lambda request: replace(request, messages=(user(request.messages[-1].text[-40:]),)),
        options={"context_tokens": 2000},
    ),
    "errors.in_its_dialect": fails(lambda error: error.answered("page", status=error.status)),
    "errors.recovers": Case(lie=_spoils),
    "errors.unknown_model.not_impersonated": _answers("offramp-no-such-model"),
    "errors.unknown_model.refused": _answers(),
    "errors.unknown_model.told": failing_as(K.INVALID_REQUEST),
    "errors.request_id.of_answers": Case(lie=_nameless),
    "errors.request_id.of_errors": Case(
        lie=lambda: Lie(taps=_no_headers, fails=lambda error: ProviderError("no", kind=error.kind, status=error.status))
    ),
    "errors.request_id.unique": says(lambda response, _: of_origin(response, response_id="the-same")),
    "errors.limits.told": taps(_no_headers),
    "errors.limits.possible": taps(_more_left_than_there_is),
}
