"""What the emulated vendor refuses, as one table of rules, and the shapes of its errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from offramp.types._value import JsonObject
from offramp_providers.emulator.json_values import is_object
from offramp_providers.emulator.rules import Ask, Rejection, Rule, ValidatorState, first_rejection, lowered

from .message_rules import MESSAGE_RULES
from .setting_rules import HEADER_RULES, SETTING_RULES

RULES: Final[tuple[Rule, ...]] = (*HEADER_RULES, *SETTING_RULES, *MESSAGE_RULES)


def validate(body: Any, headers: Mapping[str, str], state: ValidatorState) -> Rejection | None:
    """Judge a decoded body and its headers. None where the vendor would answer."""
    if not is_object(body):
        early = first_rejection(HEADER_RULES, Ask({}, lowered(headers), state))
        return early or Rejection("body_object", 422, "invalid_request_error", "the body must be a JSON object")
    return first_rejection(RULES, Ask(body, lowered(headers), state))


def error_body(rejection: Rejection) -> JsonObject:
    """A list of fields, a sentence of the gateway's, or the error object: as the status has it."""
    if rejection.status == 422:
        place = (rejection.param or "").split(".")
        return {"detail": [{"type": "value_error", "loc": ["body", *place], "msg": rejection.message}]}
    if rejection.status == 401:
        return {"detail": rejection.message}
    return {
        "object": "error",
        "message": rejection.message,
        "type": rejection.type,
        "param": rejection.param,
        "code": rejection.code,
    }
