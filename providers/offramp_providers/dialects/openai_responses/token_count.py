"""Counting tokens before a call, each way."""

from typing import Final

from offramp.contracts.dialect import EncodedRequest, OperationCodec, Target
from offramp.contracts.operations import COUNT_TOKENS
from offramp.types import GenerateRequest
from offramp_providers.dialects.openai_responses.options import NAME
from offramp_providers.dialects.openai_responses.request import decode_request, encode_request
from offramp_providers.dialects.operations import asked_again, count_decoder, count_encoder, counted

_PATH: Final = "/responses/input_tokens"
_NOT_TAKEN: Final = ("store", "include")
"""What a request may hold and a count may not (openai-python 3.57.0, InputTokenCountParams, read 2026-11-26)."""


def encode_count(request: GenerateRequest, target: Target) -> EncodedRequest:
    """The request as the counter takes it."""
    return asked_again(encode_request(counted(request), target), path=_PATH, without=_NOT_TAKEN)


TOKEN_COUNT: Final = OperationCodec(
    operation=COUNT_TOKENS,
    encode_request=encode_count,
    decode_request=decode_request,
    encode_response=count_encoder(NAME, "input_tokens", object="response.input_tokens"),
    decode_response=count_decoder(NAME, "input_tokens"),
)
