"""What the dialects of chat completions share in their list of messages."""

from collections.abc import Callable
from typing import Any, TypeVar

from offramp.types import GenerateRequest, Message, Origin, Unknown
from offramp_providers.dialects.encoding import Encoding
from offramp_providers.dialects.turns import NO_MESSAGE

EncodingT = TypeVar("EncodingT", bound=Encoding)


def said_nothing(encoding: Encoding, request: GenerateRequest) -> list[Any]:
    """Stand in for messages of which nothing can be said, where the vendor requires one of the user's."""
    if encoding.native or not request.messages:
        return []
    encoding.log.lose("text.injected", request, "messages")
    return [{"role": "user", "content": NO_MESSAGE}]


def encode_whole(
    encoding: EncodingT, message: Message, encode_unknown: Callable[[EncodingT, Unknown, Origin | None], list[Any]]
) -> list[Any]:
    """What a sender wrote in place of a message; nothing, and the loss, where none of it may be sent."""
    raws: list[Any] = []
    for part in message.parts:
        raws += encode_unknown(encoding, part, message.origin) if part.type == "unknown" else []
    if not raws:
        encoding.log.lose("message.empty", message)
    return raws
