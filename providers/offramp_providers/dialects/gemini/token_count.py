"""Counting tokens before a call, each way.

The Developer API counts instruction and tools only in a whole request, which names its model again; Google Cloud takes
the request's own fields beside each other (google-genai 3.6.1, read 2026-11-26; both are recorded).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from offramp.contracts.dialect import EncodedRequest, OperationCodec, Target
from offramp.contracts.operations import COUNT_TOKENS
from offramp.types import GenerateRequest, JsonMapping, Origin, Wire, changed
from offramp_providers.dialects.gemini.encoding import NAME, form_of
from offramp_providers.dialects.gemini.options import option_of
from offramp_providers.dialects.gemini.request import decode_request, encode_request, path_of, read_path, resource_of
from offramp_providers.dialects.losses import loss_at
from offramp_providers.dialects.operations import asked_again, count_decoder, count_encoder, counted
from offramp_providers.dialects.shapes import is_object

_WHOLE: Final = "generateContentRequest"
_FORM: Final = "count="
_METHOD: Final = "countTokens"
_NOT_TAKEN: Final = ("toolConfig", "safetySettings", "cachedContent", "labels", "serviceTier", "store")
"""What the plain form lacks (google-genai 3.6.1, _CountTokensConfig_to_vertex, read 2026-11-26)."""


def decode_count(body: JsonMapping, headers: Mapping[str, str], issuer: Origin) -> GenerateRequest:
    """The request whose tokens are to be counted, in either form."""
    model, _ = read_path(headers.get(":path", ""))
    whole: Any = body.get(_WHOLE)
    if model is None or not is_object(whole) or len(body) > 1:
        return _marked(decode_request(body, headers, issuer), "plain")
    own = resource_of(model)
    asked = {key: content for key, content in whole.items() if key != "model" or content != own}
    return _marked(decode_request(asked, headers, issuer), "whole")


def _marked(request: GenerateRequest, form: str) -> GenerateRequest:
    wire = request.wire or Wire(dialect=NAME)
    return changed(request, wire=replace(wire, form=(*wire.form, f"{_FORM}{form}")))


def encode_count(request: GenerateRequest, target: Target) -> EncodedRequest:
    """The request as the counter takes it."""
    native = request.wire is not None and request.wire.dialect == NAME
    asked = changed(request, stream=None) if native else counted(request)
    model = request.model or target.origin.model
    encoded, path = encode_request(asked, target), path_of(model, _METHOD)
    form = form_of(request.wire)
    if f"{_FORM}plain" in form:
        return replace(encoded, path=path)
    if f"{_FORM}whole" in form or option_of(target.options, "count_whole"):
        # Of another model than the path's: none but the endpoint's is asked.
        losses = encoded.losses
        if "model" in encoded.body:
            losses = (*losses, loss_at("vendor_field", "wire.fields.model"))
        return replace(encoded, path=path, body={_WHOLE: {**encoded.body, "model": resource_of(model)}}, losses=losses)
    return asked_again(encoded, path=path, without=_NOT_TAKEN)


TOKEN_COUNT: Final = OperationCodec(
    operation=COUNT_TOKENS,
    encode_request=encode_count,
    decode_request=decode_count,
    encode_response=count_encoder(NAME, "totalTokens"),
    decode_response=count_decoder(NAME, "totalTokens"),
)
