"""Cohere's Chat API, version 2."""

from typing import Final

from offramp.contracts.dialect import Dialect
from offramp_providers.dialects.cohere_v2.embeddings import EMBEDDINGS
from offramp_providers.dialects.cohere_v2.errors import decode_error, encode_error
from offramp_providers.dialects.cohere_v2.model_list import MODEL_LIST
from offramp_providers.dialects.cohere_v2.options import NAME
from offramp_providers.dialects.cohere_v2.request import decode_request, encode_request
from offramp_providers.dialects.cohere_v2.response import decode_response, encode_response
from offramp_providers.dialects.cohere_v2.stream import CohereStreamDecoder, CohereStreamEncoder

DIALECT: Final = Dialect(
    name=NAME,
    framing="sse",
    encode_request=encode_request,
    decode_request=decode_request,
    encode_response=encode_response,
    decode_response=decode_response,
    stream_encoder=CohereStreamEncoder,
    stream_decoder=CohereStreamDecoder,
    encode_error=encode_error,
    decode_error=decode_error,
    operations=(EMBEDDINGS, MODEL_LIST),
)

__all__ = ["DIALECT"]
