"""Counting tokens before a call, each way: the request, as far as it is read, inside of another."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from offramp.contracts.dialect import EncodedRequest, OperationCodec, Target
from offramp.contracts.operations import COUNT_TOKENS
from offramp.types import GenerateRequest, JsonMapping, Origin, changed
from offramp_providers.dialects.bedrock_converse.encoding import NAME
from offramp_providers.dialects.bedrock_converse.request import decode_request, encode_request, path_of
from offramp_providers.dialects.operations import count_decoder, count_encoder, counted
from offramp_providers.dialects.shapes import is_object

_TAKEN: Final = ("messages", "system", "toolConfig", "additionalModelRequestFields")
"""What a count may hold (botocore 1.44.8, ConverseTokensRequest, read 2026-11-26)."""
_INPUT, _CONVERSE = "input", "converse"


def decode_count(body: JsonMapping, headers: Mapping[str, str], issuer: Origin) -> GenerateRequest:
    """The request whose tokens are to be counted. One in a model's own words has no name here, and stays."""
    given: Any = body.get(_INPUT)
    inner: Any = given.get(_CONVERSE) if is_object(given) else None
    if not is_object(inner) or len(body) > 1 or len(given) > 1:
        return decode_request(body, headers, issuer)
    return decode_request(inner, headers, issuer)


def encode_count(request: GenerateRequest, target: Target) -> EncodedRequest:
    """The request as the counter takes it."""
    native = request.wire is not None and request.wire.dialect == NAME
    path = path_of(request.model or target.origin.model, "count-tokens")
    if request.wire is not None and native and _INPUT in request.wire.fields:
        return EncodedRequest(path=path, body=dict(request.wire.fields))
    encoded = encode_request(changed(request, stream=None) if native else counted(request), target)
    asked = {key: content for key, content in encoded.body.items() if key in _TAKEN}
    return replace(encoded, path=path, body={_INPUT: {_CONVERSE: asked}})


TOKEN_COUNT: Final = OperationCodec(
    operation=COUNT_TOKENS,
    encode_request=encode_count,
    decode_request=decode_count,
    encode_response=count_encoder(NAME, "inputTokens"),
    decode_response=count_decoder(NAME, "inputTokens"),
)
