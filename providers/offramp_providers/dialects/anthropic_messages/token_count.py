"""Counting tokens before a call, each way."""

from dataclasses import replace
from typing import Final

from offramp.contracts.dialect import EncodedRequest, OperationCodec, Target
from offramp.contracts.operations import COUNT_TOKENS
from offramp.types import GenerateRequest
from offramp_providers.dialects.anthropic_messages.encoding import NAME
from offramp_providers.dialects.anthropic_messages.options import option_of
from offramp_providers.dialects.anthropic_messages.request import decode_request, encode_request
from offramp_providers.dialects.operations import asked_again, count_decoder, count_encoder, counted, refused

_NOT_TAKEN: Final = ("max_tokens",)
"""What a request must have and a count must not (anthropic-sdk-python 0.121.0, MessageCountTokensParams)."""


def encode_count(request: GenerateRequest, target: Target) -> EncodedRequest:
    """The request as the counter takes it.

    Raises:
        Unsupported: the host has no counter.
    """
    path = str(option_of(target.options, "count_path"))
    if not path:
        raise refused(COUNT_TOKENS, NAME)
    there = replace(target, options={**target.options, "path": path, "stream_path": ""})
    encoded = encode_request(counted(request, bound=1), there)
    return asked_again(encoded, path=encoded.path, without=_NOT_TAKEN)


TOKEN_COUNT: Final = OperationCodec(
    operation=COUNT_TOKENS,
    encode_request=encode_count,
    decode_request=decode_request,
    encode_response=count_encoder(NAME, "input_tokens"),
    decode_response=count_decoder(NAME, "input_tokens"),
)
