"""The dialect of Amazon Bedrock's Converse API: `converse` and `converse-stream`."""

from typing import Final

from offramp.contracts.dialect import Dialect
from offramp_providers.dialects.bedrock_converse.encoding import NAME
from offramp_providers.dialects.bedrock_converse.errors import decode_error, encode_error
from offramp_providers.dialects.bedrock_converse.request import decode_request, encode_request
from offramp_providers.dialects.bedrock_converse.response import decode_response, encode_response
from offramp_providers.dialects.bedrock_converse.stream import ConverseStreamDecoder
from offramp_providers.dialects.bedrock_converse.stream_encode import ConverseStreamEncoder
from offramp_providers.dialects.bedrock_converse.token_count import TOKEN_COUNT

DIALECT: Final = Dialect(
    name=NAME,
    framing="aws_event_stream",
    encode_request=encode_request,
    decode_request=decode_request,
    encode_response=encode_response,
    decode_response=decode_response,
    stream_encoder=ConverseStreamEncoder,
    stream_decoder=ConverseStreamDecoder,
    encode_error=encode_error,
    decode_error=decode_error,
    operations=(TOKEN_COUNT,),
)

__all__ = ["DIALECT"]
