"""Requests, each way. The path holds the model and whether the answer is streamed; the body does not.

A receiver gives the path as the pseudo-header `:path`, as HTTP/2 names it.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote, unquote

from offramp.contracts.dialect import EncodedRequest, Target
from offramp.errors import CapabilityError
from offramp.types import (
    GenerateRequest,
    JsonMapping,
    JsonObject,
    Message,
    Origin,
    Tool,
    ToolCall,
    ToolChoice,
    ToolChoiceNone,
    Wire,
)
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.bedrock_converse.encoding import NAME, Encoding
from offramp_providers.dialects.bedrock_converse.messages import decode_messages, decode_system, encode_messages
from offramp_providers.dialects.bedrock_converse.settings import (
    decode_routing,
    decode_settings,
    encode_settings,
    with_rest,
)
from offramp_providers.dialects.bedrock_converse.tools import (
    declared,
    decode_choice,
    decode_tools,
    encode_choice,
    encode_tools,
)
from offramp_providers.dialects.shapes import is_list
from offramp_providers.dialects.turns import NO_MESSAGE

_PATH: Final = re.compile(r"(?:.*/)?model/([^/?]+)/(converse|converse-stream|count-tokens)")
_NO_MESSAGES: Final = "messages=absent"


def decode_request(body: JsonMapping, headers: Mapping[str, str], issuer: Origin) -> GenerateRequest:
    """The request that a client of this dialect sends. What has no name here stays in `wire`."""
    left, form = dict(body), list[str]()
    given = decode_settings(left, form)
    tools, choice = _take_tools(left, form)
    model, stream = _read_path(headers.get(":path", ""))
    messages = _take_messages(left, issuer, form)
    return GenerateRequest(
        messages,
        model=model,
        stream=stream,
        tools=tools,
        tool_choice=choice,
        routing=decode_routing(left),
        # A wire even without residue: it says that the request was written in this dialect.
        wire=Wire(dialect=NAME, fields=left, form=tuple(form)),
        **given,
    )


def _take_tools(left: JsonObject, form: list[str]) -> tuple[tuple[Tool, ...], ToolChoice | None]:
    tools: list[Tool] = []
    choices: list[ToolChoice | None] = [None]

    def take(config: JsonObject) -> None:
        tools.extend(decode_tools(config, form))
        choices.append(decode_choice(config))

    with_rest(left, "toolConfig", take)
    return tuple(tools), choices[-1]


def _read_path(path: str) -> tuple[str | None, bool | None]:
    """Model and streaming; None where the path is not known."""
    found = _PATH.fullmatch(path)
    if found is None:
        return None, None
    return unquote(found[1]), True if found[2] == "converse-stream" else None


def _take_messages(left: JsonObject, issuer: Origin, form: list[str]) -> tuple[Message, ...]:
    messages: list[Message] = []
    system = decode_system(left.get("system"))
    if system is not None:
        del left["system"]
        messages.append(system)
    found: Any = left.get("messages")
    if is_list(found):
        del left["messages"]
        messages += decode_messages(found, issuer)
    else:
        form.append(_NO_MESSAGES)
    return tuple(messages)


def encode_request(request: GenerateRequest, target: Target) -> EncodedRequest:
    """The request as the vendor takes it, and every loss.

    Raises:
        CapabilityError: neither the request nor the endpoint names a model, or a tool's name is not accepted.
    """
    wire = request.wire
    ctx = Encoding(target, native=wire is not None and wire.dialect == NAME)
    residue, form = ctx.own(request, wire, None)
    body: JsonObject = {}
    system, messages = encode_messages(ctx, request.messages)
    if system is not None:
        body["system"] = system
    if messages or (ctx.native and _NO_MESSAGES not in form):
        body["messages"] = messages
    elif not ctx.native:
        ctx.log.lose("text.injected", request, "messages")
        body["messages"] = [{"role": "user", "content": [{"text": NO_MESSAGE}]}]
    config = _tool_config(ctx, request, form)
    if config:
        body["toolConfig"] = config
    body.update(encode_settings(ctx, request, form))
    path = path_of(request.model or target.origin.model, "converse-stream" if request.stream else "converse")
    return EncodedRequest(path=path, body=under(residue, body), losses=ctx.log.resolve(request))


def _tool_config(ctx: Encoding, request: GenerateRequest, form: tuple[str, ...]) -> JsonObject:
    """The tools and the choice among them. While calls are in sight, tools must stay declared (recalled)."""
    names = _called(request)
    if not (names or request.tools or request.tool_choice or request.parallel_tool_calls is not None or form):
        return {}
    if isinstance(request.tool_choice, ToolChoiceNone) and request.tools and not names and not ctx.native:
        ctx.log.lose("tools.withheld", request, "tools")
        ctx.log.lose("tools.withheld", request, "tool_choice")
        ctx.log.lose_wire(request.tool_choice, request.tool_choice.wire)
        return {}
    tools = encode_tools(ctx, request.tools)
    config: JsonObject = {"tools": tools} if tools or "tools=empty" in form else {}
    choice = encode_choice(ctx, request, offered=bool(tools))
    if choice is not None:
        config["toolChoice"] = choice
    if not tools and names and not ctx.allows("undeclared_tools"):
        ctx.log.lose("tools.injected", request, "tools")
        config["tools"] = declared(names)
    return config


def _called(request: GenerateRequest) -> list[str]:
    """Names of the tools that the history has called."""
    calls = [part for message in request.messages for part in message.parts if type(part) is ToolCall]
    return list(dict.fromkeys(call.name for call in calls if call.executor == "client"))


@lru_cache(maxsize=256)
def path_of(model: str | None, method: str) -> str:
    """The path, relative to the host. An ARN is one step of it."""
    if not model:
        raise CapabilityError(
            f"{NAME} names the model in the path, and none is given", mend="set model in the request or the endpoint"
        )
    if model.strip(".") == "":
        raise CapabilityError(f"{model!r} is no name of a model", mend="set model in the endpoint")
    return f"/model/{quote(model, safe='')}/{method}"
