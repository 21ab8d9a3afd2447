"""Mistral chat completions."""

from typing import Final

from offramp.contracts.dialect import Dialect
from offramp_providers.dialects.mistral.errors import decode_error, encode_error
from offramp_providers.dialects.mistral.options import NAME
from offramp_providers.dialects.mistral.request import decode_request, encode_request
from offramp_providers.dialects.mistral.response import decode_response, encode_response
from offramp_providers.dialects.mistral.stream import MistralStreamDecoder, MistralStreamEncoder
from offramp_providers.dialects.openai_embeddings import embedding_codec
from offramp_providers.dialects.openai_models import model_list_codec

DIALECT: Final = Dialect(
    name=NAME,
    framing="sse",
    encode_request=encode_request,
    decode_request=decode_request,
    encode_response=encode_response,
    decode_response=decode_response,
    stream_encoder=MistralStreamEncoder,
    stream_decoder=MistralStreamDecoder,
    encode_error=encode_error,
    decode_error=decode_error,
    operations=(
        embedding_codec(NAME, path="/embeddings", dimensions="output_dimension", end_user=""),
        model_list_codec(NAME),
    ),
)

__all__ = ["DIALECT"]
