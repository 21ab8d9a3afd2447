"""Responses: the `chat.completion` object."""

from collections.abc import Collection
from typing import ClassVar, Final

from offramp.contracts.dialect import Target
from offramp.types import AnyResponse, JsonObject, Message, Origin, Outcome, Part, Usage
from offramp_providers.dialects.chat_completion import ChatCompletions
from offramp_providers.dialects.mistral.assistant import decode_assistant, encode_assistant
from offramp_providers.dialects.mistral.encoding import Encoding
from offramp_providers.dialects.mistral.options import NAME
from offramp_providers.dialects.mistral.outcomes import decode_usage, encode_outcome, encode_usage_of, outcome_of

STAND_IN_ID: Final = "unknown"


class _Answers(ChatCompletions[Encoding]):
    """Whole answers of this dialect."""

    name: ClassVar[str] = NAME
    stand_in_id: ClassVar[str] = STAND_IN_ID
    empty_choice: ClassVar[JsonObject] = {"finish_reason": None}
    empty_message: ClassVar[JsonObject] = {"role": "assistant", "content": "", "tool_calls": None}

    def encoding(self, target: Target, *, native: bool) -> Encoding:
        return Encoding(target, native=native, answering=True)

    def read_message(self, raw: JsonObject, served: Origin, place: str) -> Message:  # noqa: ARG002  # calls have ids
        return decode_assistant(raw, served, served)

    def write_message(self, encoding: Encoding, message: Message) -> JsonObject | None:
        return encode_assistant(encoding, message)

    def read_outcome(self, raw: str | None, parts: Collection[Part]) -> Outcome:
        return outcome_of(raw, parts)

    def write_outcome(self, encoding: Encoding, outcome: Outcome, said: Collection[Part]) -> str | None:
        return encode_outcome(encoding, outcome, said)

    def read_usage(self, raw: JsonObject) -> Usage:
        return decode_usage(raw)

    def write_usage(self, encoding: Encoding, response: AnyResponse) -> JsonObject | None:
        return encode_usage_of(encoding, response)


_ANSWERS: Final = _Answers()

decode_response = _ANSWERS.decode
encode_response = _ANSWERS.encode
answering = _ANSWERS.answering
