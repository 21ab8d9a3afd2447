"""LiteLLM's request as it may leave: to the endpoint's own address, with its key, saying what was asked and no more."""

from collections.abc import Mapping
from dataclasses import KW_ONLY
from typing import Any, Final

from offramp.contracts.endpoint import Endpoint
from offramp.contracts.transport import HttpRequest
from offramp.errors import ConfigurationError, LossExceeded, ProviderError
from offramp.types import JsonObject, value
from offramp_providers.engines.channel import unpacked
from offramp_providers.engines.outgoing import differences, names_model
from offramp_providers.origin_guard import CREDENTIAL_HEADERS
from offramp_providers.wire_json import decode_json, is_json_object

_OF_THE_CONNECTION: Final = frozenset(
    {"accept-encoding", "connection", "content-length", "expect", "host", "keep-alive", "te", "transfer-encoding"}
)
_ABOUT_LITELLM: Final = ("http-referer", "user-agent", "x-title", "x-stainless-")
"""Beginnings of headers that tell the vendor about the software and the machine (litellm 1.110.2, read 2026-11-26)."""


@value
class Question:
    """What LiteLLM was asked to ask, and of whom."""

    _: KW_ONLY
    endpoint: Endpoint
    arguments: JsonObject
    base_path: str
    """The path of the endpoint's base URL, without a slash at its end."""
    stand_in: str
    """What LiteLLM was given for a key."""


@value
class Outgoing:
    """A request that may leave, once permission is spent on it."""

    http: HttpRequest
    model: str
    """The model, in the vendor's spelling."""


def outgoing(question: Question, written: Mapping[str, Any]) -> Outgoing:
    """LiteLLM's request, checked, with the key in it.

    Args:
        question: what was asked.
        written: method, path, headers and body, as LiteLLM sent them to the relay.

    Raises:
        ConfigurationError: it would go somewhere else, to another model, or with another credential.
        LossExceeded: it does not say what was asked.
    """
    path = _own_path(question, written)
    body = _body(question, unpacked(written["body"]))
    name = names_model(question.arguments["model"], path, body)
    if name is None:
        raise _refused(question, "its request does not name the model that was asked for")
    _refuse_differences(question, body)
    base = question.endpoint.base_url.partition("?")[0].rstrip("/")
    http = HttpRequest(
        method="POST",
        url=base + path,
        headers=_headers(question, written["headers"]),
        body=unpacked(written["body"]),
        origin=question.endpoint.base_url,
    )
    return Outgoing(http, name)


def _own_path(question: Question, written: Mapping[str, Any]) -> str:
    """The path below the base URL's own."""
    path: str = written["path"]
    if written["method"] != "POST":
        raise _refused(question, f"it asks with {written['method']} before the call")
    if question.stand_in in path:
        raise _refused(question, "it writes the key into the address")
    below = path.removeprefix(question.base_path)
    if (question.base_path and below == path) or below[:1] not in ("", "/", "?", ":") or ".." in below:
        raise _refused(question, "it leaves the path of base_url")
    return below


def _body(question: Question, raw: bytes) -> JsonObject:
    if question.stand_in.encode() in raw:
        raise _refused(question, "it writes the key into the body")
    try:
        body = decode_json(raw)
    except ProviderError as error:
        raise _refused(question, "its request cannot be read here") from error
    if not is_json_object(body):
        raise _refused(question, "its request cannot be read here")
    return body


def _refuse_differences(question: Question, body: JsonObject) -> None:
    losses = differences(question.arguments, body)
    if losses:
        named = ", ".join(f"{loss.code} at {loss.path}" for loss in losses)
        raise LossExceeded(
            f"LiteLLM would not send what was asked: {named}",
            losses=losses,
            where=question.endpoint.identity.endpoint,
            mend="ask without it, or choose an endpoint whose vendor has a profile of its own",
        )


def _headers(question: Question, written: Mapping[str, str]) -> dict[str, str]:
    key, kept, given = question.endpoint.key(), dict[str, str](), False
    for name, text in written.items():
        if name in _OF_THE_CONNECTION or name.startswith(_ABOUT_LITELLM):
            continue
        if question.stand_in in text:
            if name not in CREDENTIAL_HEADERS:
                raise _refused(question, f"it writes the key into the header {name}")
            if key:
                kept[name] = text.replace(question.stand_in, key)
            given = True
        elif name in CREDENTIAL_HEADERS:
            raise _refused(question, f"its header {name} is not written with the endpoint's key")
        else:
            kept[name] = text
    if key and not given:
        raise _refused(question, "its request does not carry the key")
    return {**kept, "accept-encoding": "identity", "user-agent": "offramp"}


def _refused(question: Question, why: str) -> ConfigurationError:
    return ConfigurationError(
        f"LiteLLM's way to {question.arguments['model']} cannot be used: {why}; nothing was sent",
        where=question.endpoint.identity.endpoint,
        mend="choose a vendor that has a profile of its own, or a model that LiteLLM reaches through api_base alone",
    )
