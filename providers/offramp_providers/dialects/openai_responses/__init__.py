"""OpenAI Responses, and the hosts that speak it."""

from typing import Final

from offramp.contracts.dialect import Dialect
from offramp_providers.dialects.openai_embeddings import embedding_codec
from offramp_providers.dialects.openai_models import model_list_codec
from offramp_providers.dialects.openai_responses.errors import decode_error, encode_error
from offramp_providers.dialects.openai_responses.options import NAME
from offramp_providers.dialects.openai_responses.request import decode_request, encode_request
from offramp_providers.dialects.openai_responses.response import decode_response, encode_response
from offramp_providers.dialects.openai_responses.stream import ResponsesStreamDecoder, ResponsesStreamEncoder
from offramp_providers.dialects.openai_responses.token_count import TOKEN_COUNT

DIALECT: Final = Dialect(
    name=NAME,
    framing="sse",
    encode_request=encode_request,
    decode_request=decode_request,
    encode_response=encode_response,
    decode_response=decode_response,
    stream_encoder=ResponsesStreamEncoder,
    stream_decoder=ResponsesStreamDecoder,
    encode_error=encode_error,
    decode_error=decode_error,
    operations=(TOKEN_COUNT, embedding_codec(NAME, path="/embeddings"), model_list_codec(NAME)),
)

__all__ = ["DIALECT"]
