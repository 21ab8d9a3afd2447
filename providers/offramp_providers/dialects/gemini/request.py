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
from offramp.types import GenerateRequest, JsonMapping, JsonObject, Message, Origin, RoutingField, Wire
from offramp_providers.dialects.accounting import keep_rest, take_object, under
from offramp_providers.dialects.gemini.encoding import NAME, Encoding
from offramp_providers.dialects.gemini.messages import decode_contents, decode_system, encode_messages
from offramp_providers.dialects.gemini.settings import ROUTING, decode_config, encode_config, encode_outer
from offramp_providers.dialects.gemini.spellings import both_spellings, respell
from offramp_providers.dialects.gemini.spellings import unsnake as spell_alike
from offramp_providers.dialects.gemini.tools import ToolsReading, decode_choice, encode_choice, encode_tools
from offramp_providers.dialects.shapes import is_list, is_object, take_flag, take_text
from offramp_providers.dialects.turns import NO_MESSAGE

_NAMES: Final = both_spellings(
    "systemInstruction", "generationConfig", "safetySettings", "toolConfig", "serviceTier", *ROUTING
)
_TOOL_CONFIG_NAMES: Final = both_spellings("functionCallingConfig")
_NO_CONTENTS: Final = "contents=absent"
_METHODS: Final = "streamGenerateContent|generateContent|countTokens|embedContent|batchEmbedContents"
_PATH: Final = re.compile(rf"(?:.*/)?(models|tunedModels)/([^/:?]+):({_METHODS})(?:\?.*)?")
_STREAMED: Final = "streamGenerateContent?alt=sse"
_FOLDERS: Final = ("models/", "tunedModels/")


def decode_request(body: JsonMapping, headers: Mapping[str, str], issuer: Origin) -> GenerateRequest:
    """The request that a client of this dialect sends. What has no name here stays in `wire`."""
    left, form = dict(body), list[str]()
    spell_alike(left, _NAMES, form)
    given = _take_config(left, form)
    tools = ToolsReading()
    tools.read(left)
    given["tool_choice"] = _take_choice(left, form)
    messages = _take_messages(left, issuer, form)
    model, stream = read_path(headers.get(":path", ""))
    metadata = _take_labels(left)
    routing = [RoutingField(dialect=NAME, name=key, raw=left.pop(key)) for key in ROUTING if left.get(key) is not None]
    return GenerateRequest(
        messages,
        model=model,
        stream=stream,
        tools=tuple(tools.tools),
        service_tier=take_text(left, "serviceTier"),
        store=take_flag(left, "store"),
        metadata=metadata,
        routing=(*given.pop("routing", ()), *tools.routing, *routing),
        # A wire even without residue: it says that the request was written in this dialect.
        wire=Wire(dialect=NAME, fields=left, form=(*form, *tools.form)),
        **given,
    )


def read_path(path: str) -> tuple[str | None, bool | None]:
    """Model and streaming; None where the path is not known."""
    found = _PATH.fullmatch(path)
    if found is None:
        return None, None
    folder, name, method = found.groups()
    model = unquote(name) if folder == "models" else f"{folder}/{unquote(name)}"
    return model, True if method == "streamGenerateContent" else None


def _take_config(left: JsonObject, form: list[str]) -> dict[str, Any]:
    config = take_object(left, "generationConfig")
    if config is None:
        return {}
    before = bool(config)
    given = decode_config(config, form)
    if before:
        keep_rest(left, "generationConfig", config)
    else:
        left["generationConfig"] = config
    return given


def _take_choice(left: JsonObject, form: list[str]) -> Any:
    config = take_object(left, "toolConfig")
    if config is None:
        return None
    before = bool(config)
    spell_alike(config, _TOOL_CONFIG_NAMES, form, "toolConfig.")
    choice = decode_choice(config, form)
    if config or not before:
        left["toolConfig"] = config
    return choice


def _take_labels(left: JsonObject) -> dict[str, str] | None:
    found: Any = left.get("labels")
    if not is_object(found) or not all(type(each) is str for each in found.values()):
        return None
    del left["labels"]
    return found


def _take_messages(left: JsonObject, issuer: Origin, form: list[str]) -> tuple[Message, ...]:
    messages: list[Message] = []
    system = decode_system(left.get("systemInstruction"))
    if system is not None:
        del left["systemInstruction"]
        messages.append(system)
    found: Any = left.get("contents")
    if is_list(found):
        del left["contents"]
        messages += decode_contents(found, issuer)
    else:
        form.append(_NO_CONTENTS)
    return tuple(messages)


def encode_request(request: GenerateRequest, target: Target) -> EncodedRequest:
    """The request as the vendor takes it, and every loss.

    Raises:
        CapabilityError: neither the request nor the endpoint names a model, or it is no name that a path could hold.
    """
    wire = request.wire
    ctx = Encoding(target, authored=wire is not None and wire.dialect == NAME)
    residue: JsonMapping = {} if wire is None else ctx.residue(request, wire)
    form = ctx.own_form(wire, None)
    body: JsonObject = {}
    system, contents = encode_messages(ctx, request.messages)
    if system is not None:
        body["systemInstruction"] = system
    if contents or (ctx.authored and _NO_CONTENTS not in form):
        body["contents"] = contents
    elif not ctx.authored:
        ctx.log.lose("text.injected", request, "messages")
        body["contents"] = [{"role": "user", "parts": [{"text": NO_MESSAGE}]}]
    if request.tools or request.routing or form:
        encode_tools(ctx, request, form, body)
    if request.tool_choice is not None or request.parallel_tool_calls is not None:
        encode_choice(ctx, request, body)
    config = encode_config(ctx, request, form)
    if config:
        body["generationConfig"] = config
    encode_outer(ctx, request, body)
    body = under(residue, body)
    if form:
        respell(body, form)
    path = path_of(request.model or target.origin.model, _STREAMED if request.stream else "generateContent")
    return EncodedRequest(path=path, body=body, losses=ctx.log.resolve(request))


@lru_cache(maxsize=256)
def path_of(model: str | None, method: str) -> str:
    """The path, relative to the API's version or, in a cloud, to the publisher."""
    name = resource_of(model)
    folder, _, own = name.partition("/")
    own = quote(own, safe="")
    if own.strip(".") == "":
        raise CapabilityError(f"{model!r} is no name of a model", mend="set model in the endpoint")
    return f"/{folder}/{own}:{method}"


def resource_of(model: str | None) -> str:
    """The model's name with its folder, as paths and bodies have it.

    Raises:
        CapabilityError: there is none.
    """
    if not model:
        raise CapabilityError(
            f"{NAME} names the model in the path, and none is given", mend="set model in the request or the endpoint"
        )
    return model if model.startswith(_FOLDERS) else f"models/{model}"
