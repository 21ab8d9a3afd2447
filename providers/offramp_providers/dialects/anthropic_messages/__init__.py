"""The dialect of Anthropic's Messages API."""

from typing import Final

from offramp.contracts.dialect import Dialect
from offramp_providers.dialects.anthropic_messages.encoding import NAME
from offramp_providers.dialects.anthropic_messages.errors import decode_error, encode_error
from offramp_providers.dialects.anthropic_messages.model_list import MODEL_LIST
from offramp_providers.dialects.anthropic_messages.request import decode_request, encode_request
from offramp_providers.dialects.anthropic_messages.response import decode_response, encode_response
from offramp_providers.dialects.anthropic_messages.stream import MessagesStreamDecoder
from offramp_providers.dialects.anthropic_messages.stream_encode import MessagesStreamEncoder
from offramp_providers.dialects.anthropic_messages.token_count import TOKEN_COUNT

DIALECT: Final = Dialect(
    name=NAME,
    framing="sse",
    encode_request=encode_request,
    decode_request=decode_request,
    encode_response=encode_response,
    decode_response=decode_response,
    stream_encoder=MessagesStreamEncoder,
    stream_decoder=MessagesStreamDecoder,
    encode_error=encode_error,
    decode_error=decode_error,
    operations=(TOKEN_COUNT, MODEL_LIST),
)

__all__ = ["DIALECT"]
