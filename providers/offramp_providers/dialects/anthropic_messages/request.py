"""Requests, each way."""

from collections.abc import Mapping
from typing import Any, Final

from offramp.contracts.dialect import EncodedRequest, Target
from offramp.errors import CapabilityError
from offramp.types import (
    GenerateRequest,
    JsonMapping,
    JsonObject,
    Message,
    Origin,
    Wire,
)
from offramp_providers.dialects.accounting import keep_rest, take_object, under
from offramp_providers.dialects.anthropic_messages.cache_marks import take_cache
from offramp_providers.dialects.anthropic_messages.encoding import NAME, Encoding
from offramp_providers.dialects.anthropic_messages.hosting import address, place_headers, read_path, take_headers
from offramp_providers.dialects.anthropic_messages.messages import decode_messages, decode_system, encode_messages
from offramp_providers.dialects.anthropic_messages.output import decode_output
from offramp_providers.dialects.anthropic_messages.reasoning import decode_reasoning
from offramp_providers.dialects.anthropic_messages.settings import decode_end_user, decode_routing, encode_settings
from offramp_providers.dialects.anthropic_messages.tools import (
    declare_called,
    decode_choice,
    decode_tools,
    encode_choice,
    encode_tools,
)
from offramp_providers.dialects.shapes import is_list
from offramp_providers.dialects.turns import NO_MESSAGE

_SCALARS: Final[Mapping[str, tuple[str, tuple[type, ...]]]] = {
    # wire key: (our field, the types that it may have)
    "model": ("model", (str,)),
    "max_tokens": ("max_output_tokens", (int,)),
    "temperature": ("temperature", (int, float)),
    "top_p": ("top_p", (int, float)),
    "top_k": ("top_k", (int,)),
    "stream": ("stream", (bool,)),
    "service_tier": ("service_tier", (str,)),
}

_NO_MESSAGES: Final = "messages=absent"
"""Form mark: a request without any, which its author sends so."""

_EMPTY: Final = Wire(dialect=NAME)
"""Says no more than that a request was written in this dialect."""


def decode_request(body: JsonMapping, headers: Mapping[str, str], issuer: Origin) -> GenerateRequest:
    """The request that a client of this dialect sends. What has no name here stays in `wire`."""
    scalars: dict[str, Any] = read_path(headers[":path"]) if ":path" in headers else {}
    left: JsonObject = {}
    for key, content in body.items():
        known = _SCALARS.get(key)
        if known is not None and type(content) in known[1]:
            scalars[known[0]] = content
        else:
            left[key] = content
    tools, tool_form = decode_tools(left)
    form = [tool_form] if tool_form else []
    if "messages" not in body:
        form.append(_NO_MESSAGES)
    choice, parallel = decode_choice(left)
    config = take_object(left, "output_config")
    reasoning, output = decode_reasoning(left, config), decode_output(left, config)
    if config is not None:
        _put_back(left, "output_config", config, body)
    return GenerateRequest(
        messages=_take_messages(left, issuer),
        tools=tools,
        tool_choice=choice,
        parallel_tool_calls=parallel,
        output=output,
        reasoning=reasoning,
        stop=_take_stop(left),
        end_user=decode_end_user(left),
        cache=take_cache(left),
        routing=decode_routing(left),
        wire=_wire(left, form, headers),
        **scalars,
    )


def _put_back(left: JsonObject, key: str, rest: JsonObject, body: JsonMapping) -> None:
    """Keep the rest of a nested object, and an object that was empty."""
    if body[key]:
        keep_rest(left, key, rest)
    else:
        left[key] = rest


def _wire(left: JsonObject, form: list[str], headers: Mapping[str, str]) -> Wire:
    kept = take_headers(left, headers, form)
    if left or form or kept:
        return Wire(dialect=NAME, fields=left, form=tuple(form), headers=kept or None)
    return _EMPTY


def _take_messages(left: JsonObject, issuer: Origin) -> tuple[Message, ...]:
    messages: list[Message] = []
    system = decode_system(left.get("system"))
    if system is not None:
        del left["system"]
        messages.append(system)
    found: Any = left.get("messages")
    if is_list(found):
        del left["messages"]
        messages += decode_messages(found, issuer)
    return tuple(messages)


def _take_stop(left: JsonObject) -> tuple[str, ...] | None:
    found: Any = left.get("stop_sequences")
    if not is_list(found) or not all(isinstance(each, str) for each in found):
        return None
    del left["stop_sequences"]
    return tuple(found)


def encode_request(request: GenerateRequest, target: Target) -> EncodedRequest:
    """The request as the vendor takes it, and every loss.

    Raises:
        CapabilityError: no bound of the answer is given, and the profile has no default.
    """
    wire = request.wire
    ctx = Encoding(target, authored=wire is not None and wire.dialect == NAME)
    residue = _EMPTY.fields if wire is None else ctx.residue(request, wire)
    body: JsonObject = {}
    path = address(ctx, request, request.model or target.origin.model, body)
    _encode_bound(ctx, request, residue, target, body)
    tools = encode_tools(ctx, request.tools) if request.tools else []
    if tools or (wire is not None and ctx.authored and "tools=empty" in wire.form):
        body["tools"] = tools
    if request.tool_choice is not None or request.parallel_tool_calls is not None:
        encode_choice(ctx, request, body)
    _encode_conversation(ctx, request, residue, body)
    if "tools" not in body and not ctx.allows("undeclared_tools"):
        declare_called(ctx, request, body)
    encode_settings(ctx, request, body)
    if ctx.marks:
        ctx.trim_marks()
    headers = place_headers(ctx, request, body)
    losses = ctx.log.resolve(request)
    return EncodedRequest(path=path, body=under(residue, body), headers=headers, losses=losses)


def _encode_bound(
    ctx: Encoding, request: GenerateRequest, residue: JsonMapping, target: Target, body: JsonObject
) -> None:
    bound = request.max_output_tokens
    if bound is None:
        if residue.get("max_tokens") is not None:
            return
        bound = target.default_max_output_tokens
        if bound is None:
            raise CapabilityError(
                f"{NAME} requires a bound on the answer, and the request gives none",
                mend="set max_output_tokens in the request, or default_max_output_tokens in the vendor's profile",
            )
        ctx.log.lose("max_output_tokens.injected", request, "max_output_tokens")
    body["max_tokens"] = bound


def _encode_conversation(ctx: Encoding, request: GenerateRequest, residue: JsonMapping, body: JsonObject) -> None:
    system, messages = encode_messages(ctx, request.messages)
    if system is not None:
        body["system"] = system
    if messages:
        body["messages"] = messages
    elif ctx.authored:
        if "messages" not in residue and _NO_MESSAGES not in (request.wire or _EMPTY).form:
            body["messages"] = []
    else:
        ctx.log.lose("text.injected", request, "messages")
        body["messages"] = [{"role": "user", "content": [{"type": "text", "text": NO_MESSAGE}]}]
