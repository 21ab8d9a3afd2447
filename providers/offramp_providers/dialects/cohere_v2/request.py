"""Requests: the body of `POST /v2/chat`.

No request header of this dialect carries meaning; authentication is the provider's.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from offramp.contracts.dialect import EncodedRequest, Target
from offramp.types import GenerateRequest, JsonMapping, JsonObject, Message, Origin, Wire
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.chat_messages import said_nothing
from offramp_providers.dialects.cohere_v2.documents import put_documents, take_documents
from offramp_providers.dialects.cohere_v2.encoding import Encoding
from offramp_providers.dialects.cohere_v2.messages import decode_messages, encode_messages
from offramp_providers.dialects.cohere_v2.options import NAME
from offramp_providers.dialects.cohere_v2.setting_rules import SettingsWriting
from offramp_providers.dialects.cohere_v2.settings import SettingsReading
from offramp_providers.dialects.shapes import is_list, is_object

_PATH = "/v2/chat"
_NO_MESSAGES = "messages=absent"


def decode_request(body: JsonMapping, _headers: Mapping[str, str], issuer: Origin) -> GenerateRequest:
    """Read a request. `issuer` is stamped on the assistant's messages."""
    left = dict(body)
    form: list[str] = []
    found: Any = left.get("messages")
    messages: tuple[Message, ...] = ()
    if is_list(found):
        del left["messages"]
        messages = take_documents(left, decode_messages(found, issuer))
    else:
        form.append(_NO_MESSAGES)
    given = SettingsReading(left, form).read()
    # A wire even without residue: it says that the request was written in this dialect.
    return GenerateRequest(messages, wire=Wire(dialect=NAME, fields=left, form=tuple(form)), **given)


def encode_request(request: GenerateRequest, target: Target) -> EncodedRequest:
    """Write a request, and name what cannot be said."""
    encoding = Encoding(target, native=request.wire is not None and request.wire.dialect == NAME)
    residue, form = encoding.own(request, request.wire, None)
    body: JsonObject = {}
    model = request.model
    if model is None and not encoding.native:
        model = target.origin.model
    if model is not None:
        body["model"] = model
    if _NO_MESSAGES not in form or request.messages:
        # One message is required (docs.cohere.com errors, read 2026-11-26).
        messages = encode_messages(encoding, request.messages)
        if _asks_nothing(request, messages):
            messages += said_nothing(encoding, request)
        body["messages"] = messages
    put_documents(encoding, request, body)
    SettingsWriting(encoding, request, body, form).write()
    return EncodedRequest(path=_PATH, body=under(residue, body), losses=encoding.log.resolve(request))


def _asks_nothing(request: GenerateRequest, messages: Sequence[Any]) -> bool:
    """Whether nothing can be said of what is asked last, so that the assistant would speak last (recalled: refused)."""
    if not messages:
        return True
    last = messages[-1]
    return is_object(last) and last.get("role") == "assistant" and request.messages[-1].role != "assistant"
