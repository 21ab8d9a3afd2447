"""What the emulated vendor refuses, as one table of rules, and the shape of its errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from offramp.types._value import JsonObject
from offramp_providers.emulator.json_values import is_object
from offramp_providers.emulator.rules import Ask, Rejection, Rule, ValidatorState, first_rejection, lowered

from .item_rules import ITEM_RULES
from .setting_rules import HEADER_RULES, SETTING_RULES

RULES: Final[tuple[Rule, ...]] = (*HEADER_RULES, *SETTING_RULES, *ITEM_RULES)


def validate(body: Any, headers: Mapping[str, str], state: ValidatorState) -> Rejection | None:
    """Judge a decoded body and its headers. None where the vendor would answer."""
    if not is_object(body):
        early = first_rejection(HEADER_RULES, Ask({}, lowered(headers), state))
        return early or Rejection("body_object", 400, "invalid_request_error", "the body must be a JSON object")
    return first_rejection(RULES, Ask(body, lowered(headers), state))


def error_body(rejection: Rejection, _: str) -> JsonObject:
    """The vendor's error envelope; the request id travels in a header only."""
    said = {"message": rejection.message, "type": rejection.type, "param": rejection.param, "code": rejection.code}
    return {"error": said}
