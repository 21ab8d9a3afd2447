"""Responses: the `chat.completion` object."""

from collections.abc import Collection
from typing import ClassVar, Final

from offramp.contracts.dialect import Target
from offramp.types import AnyResponse, JsonObject, Message, Origin, Outcome, Part, Usage
from offramp_providers.dialects.chat_completion import ChatCompletions
from offramp_providers.dialects.openai_chat.assistant import decode_assistant, encode_assistant
from offramp_providers.dialects.openai_chat.encoding import Encoding
from offramp_providers.dialects.openai_chat.options import NAME
from offramp_providers.dialects.openai_chat.outcomes import decode_usage, encode_outcome, encode_usage, outcome_of


class _Answers(ChatCompletions[Encoding]):
    """Whole answers of this dialect."""

    name: ClassVar[str] = NAME
    stand_in_id: ClassVar[str] = "chatcmpl-unknown"
    empty_choice: ClassVar[JsonObject] = {"logprobs": None, "finish_reason": None}
    empty_message: ClassVar[JsonObject] = {"content": None, "refusal": None}

    def encoding(self, target: Target, *, native: bool) -> Encoding:
        return Encoding(target, native=native, answering=True)

    def read_message(self, raw: JsonObject, served: Origin, place: str) -> Message:
        return decode_assistant(raw, served, served, f"function_call_{place}")

    def write_message(self, encoding: Encoding, message: Message) -> JsonObject | None:
        return encode_assistant(encoding, message)

    def read_outcome(self, raw: str | None, parts: Collection[Part]) -> Outcome:
        return outcome_of(raw, parts)

    def write_outcome(self, encoding: Encoding, outcome: Outcome, said: Collection[Part]) -> str | None:
        return encode_outcome(encoding, outcome, said)

    def read_usage(self, raw: JsonObject) -> Usage:
        return decode_usage(raw)

    def write_usage(self, encoding: Encoding, response: AnyResponse) -> JsonObject | None:
        return encode_usage(response.usage, native=encoding.native)


_ANSWERS: Final = _Answers()

decode_response = _ANSWERS.decode
encode_response = _ANSWERS.encode
answering = _ANSWERS.answering
