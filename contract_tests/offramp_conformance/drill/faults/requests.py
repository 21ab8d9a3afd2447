"""Faults of the encoder: what a request to the second vendor holds too much, or too little of."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

from offramp.contracts.provider import PreparedCall
from offramp.types import GenerateRequest, JsonMapping, JsonObject
from offramp_conformance.drill.bodies import messages_of
from offramp_conformance.drill.faults.seams import replace_in
from offramp_providers.http_provider import HttpProvider

Change: TypeAlias = Callable[[JsonObject, GenerateRequest], None]


def foreign_signature(_first: str, second: str) -> None:
    """A signature of the first vendor stands in a text to the second."""

    def smuggle(body: JsonObject, request: GenerateRequest) -> None:
        held = [opaque.data for message in request.messages for part in message.parts for opaque in part.opaque]
        told = _first_text(body, "assistant")
        if held and told is not None:
            told["content"] += f" {held[0]}"

    _change_requests(second, smuggle)


def silent_loss(_first: str, second: str) -> None:
    """Half of the first question is left out, and no loss says so."""

    def leave_out(body: JsonObject, _: GenerateRequest) -> None:
        asked = _first_text(body, "user")
        if asked is not None and len(messages_of(body)) > 2:
            asked["content"] = asked["content"][len(asked["content"]) // 2 :]

    _change_requests(second, leave_out)


def _first_text(body: JsonObject, role: str) -> JsonObject | None:
    """The first message of a role whose content is one text."""
    own = (message for message in messages_of(body) if message.get("role") == role)
    return next((message for message in own if isinstance(message.get("content"), str)), None)


def _change_requests(endpoint: str, change: Change) -> None:
    prepare = HttpProvider.prepare

    def changed(self: HttpProvider, request: GenerateRequest, options: JsonMapping | None = None) -> PreparedCall:
        call = prepare(self, request, options)
        if call.endpoint.identity.endpoint != endpoint:
            return call
        body: Any = json.loads(call.http.body)
        change(body, request)
        return replace(call, http=replace(call.http, body=json.dumps(body).encode()))

    replace_in(HttpProvider, "prepare", changed)
