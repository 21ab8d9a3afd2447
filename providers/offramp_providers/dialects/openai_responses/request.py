"""Requests, each way."""

from collections.abc import Mapping

from offramp.contracts.dialect import EncodedRequest, Target
from offramp.types import GenerateRequest, JsonMapping, JsonObject, Origin, Wire
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.openai_responses.encoding import Encoding
from offramp_providers.dialects.openai_responses.messages import decode_input, encode_input_items
from offramp_providers.dialects.openai_responses.options import NAME
from offramp_providers.dialects.openai_responses.setting_rules import SettingsWriting
from offramp_providers.dialects.openai_responses.settings import SettingsReading

_PATH = "/responses"
_NO_INPUT = "input=absent"


def decode_request(body: JsonMapping, _headers: Mapping[str, str], issuer: Origin) -> GenerateRequest:
    """Read a request. `issuer` is stamped on the assistant's messages."""
    left = dict(body)
    form: list[str] = []
    messages = decode_input(left, issuer)
    if "input" in left or "input" not in body:
        form.append(_NO_INPUT)
    given = SettingsReading(left, form).read()
    # A wire even without residue: it says that the request was written in this dialect.
    return GenerateRequest(messages, wire=Wire(dialect=NAME, fields=left, form=tuple(form)), **given)


def encode_request(request: GenerateRequest, target: Target) -> EncodedRequest:
    """Write a request, and name what cannot be said."""
    encoding = Encoding(target, native=request.wire is not None and request.wire.dialect == NAME)
    own = encoding.own(request, request.wire, None)
    body: JsonObject = {}
    model = request.model
    if model is None and not encoding.native:
        model = target.origin.model
    if model is not None:
        body["model"] = model
    encode_input_items(encoding, request.messages, body, kept=_NO_INPUT in own[1])
    SettingsWriting(encoding, request, body, own).write()
    return EncodedRequest(path=_PATH, body=under(own[0], body), losses=encoding.log.resolve(request))
