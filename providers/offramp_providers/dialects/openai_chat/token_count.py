"""Counting tokens before a call, each way: at hosts that have it, and at a path of their own."""

from typing import Final

from offramp.contracts.dialect import EncodedRequest, OperationCodec, Target
from offramp.contracts.operations import COUNT_TOKENS
from offramp.types import GenerateRequest
from offramp_providers.dialects.openai_chat.options import DEFAULTS, NAME
from offramp_providers.dialects.openai_chat.request import decode_request, encode_request
from offramp_providers.dialects.operations import asked_again, count_decoder, count_encoder, counted, refused


def encode_count(request: GenerateRequest, target: Target) -> EncodedRequest:
    """The request as the counter takes it.

    Raises:
        Unsupported: the host has no counter.
    """
    path = str(target.options.get("count_path", DEFAULTS["count_path"]))
    if not path:
        raise refused(COUNT_TOKENS, NAME)
    return asked_again(encode_request(counted(request), target), path=path, without=())


TOKEN_COUNT: Final = OperationCodec(
    operation=COUNT_TOKENS,
    encode_request=encode_count,
    decode_request=decode_request,
    encode_response=count_encoder(NAME, "input_tokens", object="response.input_tokens"),
    decode_response=count_decoder(NAME, "input_tokens"),
)
