"""What the emulated vendor refuses, as one table of rules, and the shape of its errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from offramp.types._value import JsonObject
from offramp_providers.emulator.json_values import is_object
from offramp_providers.emulator.rules import Ask, Rejection, Rule, ValidatorState, first_rejection, lowered

from .message_rules import MESSAGE_RULES
from .setting_rules import SETTING_RULES
from .signature_rules import SIGNATURE_RULES

RULES: Final[tuple[Rule, ...]] = (*SIGNATURE_RULES, *SETTING_RULES, *MESSAGE_RULES)


def validate(body: Any, headers: Mapping[str, str], state: ValidatorState) -> Rejection | None:
    """Judge a decoded body and its headers. None where the vendor would answer.

    The headers hold the path and the digest of the body's bytes as `:path` and `:content-sha256`, where a signature is
    to be checked.
    """
    if not is_object(body):
        early = first_rejection(SIGNATURE_RULES, Ask({}, lowered(headers), state))
        return early or Rejection("body_object", 400, "SerializationException", "the body is no structure")
    return first_rejection(RULES, Ask(body, lowered(headers), state))


def error_body(rejection: Rejection) -> JsonObject:
    """What the vendor says; its name stands in a header."""
    return {"message": rejection.message}
