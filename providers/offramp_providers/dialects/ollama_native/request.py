"""Requests, each way."""

import re
from collections.abc import Mapping
from typing import Any, Final

from offramp.contracts.dialect import EncodedRequest, Target
from offramp.errors import CapabilityError
from offramp.types import GenerateRequest, JsonMapping, JsonObject, Message, Origin, Wire
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.ollama_native.encoding import Encoding
from offramp_providers.dialects.ollama_native.messages import decode_messages, encode_messages
from offramp_providers.dialects.ollama_native.options import NAME
from offramp_providers.dialects.ollama_native.settings import decode_settings, encode_settings
from offramp_providers.dialects.ollama_native.tools import encode_tools, take_tools
from offramp_providers.dialects.shapes import is_list, take_flag, take_text

_PATH: Final = "/api/chat"
_UNASKED: Final = "stream=residue"
"""Marks that streaming was not spoken of, which this wire takes for a yes."""
_NO_MESSAGES: Final = "messages=residue"
_CLOUD: Final = re.compile(r".*:([^/]*-)?cloud\s*", re.IGNORECASE | re.DOTALL)
"""Names that the server passes on (as a third party restates its parser of model references, read 2026-11-26)."""


def decode_request(body: JsonMapping, headers: Mapping[str, str], issuer: Origin) -> GenerateRequest:
    """The request that a client of this dialect sends. What has no name here stays in `wire`."""
    del headers  # None of them says anything about the request itself.
    left, marks = dict(body), list[str]()
    given = decode_settings(left, marks)
    tools = take_tools(left, marks)
    stream = take_flag(left, "stream")
    if stream is None:
        marks.append(_UNASKED)
        stream = True if left.get("stream") is None else None
    return GenerateRequest(
        _take_messages(left, issuer, marks),
        model=take_text(left, "model"),
        stream=stream,
        tools=tools,
        # A wire even without residue: it says that the request was written in this dialect.
        wire=Wire(dialect=NAME, fields=left, form=tuple(marks)),
        **given,
    )


def _take_messages(left: JsonObject, issuer: Origin, marks: list[str]) -> tuple[Message, ...]:
    found: Any = left.get("messages")
    if not is_list(found):
        marks.append(_NO_MESSAGES)
        return ()
    del left["messages"]
    return decode_messages(found, issuer)


def encode_request(request: GenerateRequest, target: Target) -> EncodedRequest:
    """The request as the server takes it, and every loss.

    Raises:
        CapabilityError: the server would pass the conversation on to its vendor's cloud, and the endpoint does not
            allow it.
    """
    wire = request.wire
    encoding = Encoding(target, native=wire is not None and wire.dialect == NAME)
    residue, form = encoding.own(request, wire, None)
    body: JsonObject = {}
    model = target.origin.model if request.model is None else request.model
    if model is not None:
        _require_own_machine(encoding, model)
        body["model"] = model
    messages = encode_messages(encoding, request.messages)
    if messages or _NO_MESSAGES not in form:
        body["messages"] = messages
    if _UNASKED not in form or request.stream is False:
        # Left out, it would ask for a stream.
        body["stream"] = bool(request.stream)
    if request.tools or request.tool_choice is not None or request.parallel_tool_calls is not None or form:
        encode_tools(encoding, request, form, body)
    encode_settings(encoding, request, form, body)
    return EncodedRequest(path=_PATH, body=under(residue, body), losses=encoding.log.resolve(request))


def _require_own_machine(encoding: Encoding, model: str) -> None:
    if _CLOUD.fullmatch(model) and not encoding.option("cloud_models"):
        raise CapabilityError(
            f"the server would pass the conversation with {model!r} on to ollama.com",
            requirements=["residency"],
            mend="choose a model that the server runs itself, or set the endpoint's option cloud_models",
        )
