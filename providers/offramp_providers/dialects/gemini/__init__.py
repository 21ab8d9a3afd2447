"""The dialect of Google's Gemini API: `generateContent` and `streamGenerateContent`."""

from typing import Final

from offramp.contracts.dialect import Dialect
from offramp_providers.dialects.gemini.embeddings import EMBEDDINGS
from offramp_providers.dialects.gemini.encoding import NAME
from offramp_providers.dialects.gemini.errors import decode_error, encode_error
from offramp_providers.dialects.gemini.model_list import MODEL_LIST
from offramp_providers.dialects.gemini.request import decode_request, encode_request
from offramp_providers.dialects.gemini.response import decode_response, encode_response
from offramp_providers.dialects.gemini.stream import GeminiStreamDecoder
from offramp_providers.dialects.gemini.stream_encode import GeminiStreamEncoder
from offramp_providers.dialects.gemini.token_count import TOKEN_COUNT

DIALECT: Final = Dialect(
    name=NAME,
    framing="sse",
    encode_request=encode_request,
    decode_request=decode_request,
    encode_response=encode_response,
    decode_response=decode_response,
    stream_encoder=GeminiStreamEncoder,
    stream_decoder=GeminiStreamDecoder,
    encode_error=encode_error,
    decode_error=decode_error,
    operations=(TOKEN_COUNT, EMBEDDINGS, MODEL_LIST),
)

__all__ = ["DIALECT"]
