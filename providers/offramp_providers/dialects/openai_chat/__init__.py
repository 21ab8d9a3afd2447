"""OpenAI Chat Completions, and the hosts that speak it."""

from typing import Final

from offramp.contracts.dialect import Dialect
from offramp_providers.dialects.openai_chat.errors import decode_error, encode_error
from offramp_providers.dialects.openai_chat.options import NAME
from offramp_providers.dialects.openai_chat.request import decode_request, encode_request
from offramp_providers.dialects.openai_chat.response import decode_response, encode_response
from offramp_providers.dialects.openai_chat.stream import ChatStreamDecoder, ChatStreamEncoder
from offramp_providers.dialects.openai_chat.token_count import TOKEN_COUNT
from offramp_providers.dialects.openai_embeddings import embedding_codec
from offramp_providers.dialects.openai_models import model_list_codec

DIALECT: Final = Dialect(
    name=NAME,
    framing="sse",
    encode_request=encode_request,
    decode_request=decode_request,
    encode_response=encode_response,
    decode_response=decode_response,
    stream_encoder=ChatStreamEncoder,
    stream_decoder=ChatStreamDecoder,
    encode_error=encode_error,
    decode_error=decode_error,
    operations=(TOKEN_COUNT, embedding_codec(NAME, path="/embeddings"), model_list_codec(NAME)),
)

__all__ = ["DIALECT"]
