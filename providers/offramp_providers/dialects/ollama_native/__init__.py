"""The dialect of Ollama's own API: `/api/chat`. Its older sibling `/api/generate` is not spoken."""

from typing import Final

from offramp.contracts.dialect import Dialect
from offramp_providers.dialects.ollama_native.embeddings import EMBEDDINGS
from offramp_providers.dialects.ollama_native.errors import decode_error, encode_error
from offramp_providers.dialects.ollama_native.model_list import MODEL_LIST
from offramp_providers.dialects.ollama_native.options import NAME
from offramp_providers.dialects.ollama_native.request import decode_request, encode_request
from offramp_providers.dialects.ollama_native.response import decode_response, encode_response
from offramp_providers.dialects.ollama_native.stream import OllamaStreamDecoder
from offramp_providers.dialects.ollama_native.stream_encode import OllamaStreamEncoder

DIALECT: Final = Dialect(
    name=NAME,
    framing="ndjson",
    encode_request=encode_request,
    decode_request=decode_request,
    encode_response=encode_response,
    decode_response=decode_response,
    stream_encoder=OllamaStreamEncoder,
    stream_decoder=OllamaStreamDecoder,
    encode_error=encode_error,
    decode_error=decode_error,
    operations=(EMBEDDINGS, MODEL_LIST),
)

__all__ = ["DIALECT"]
