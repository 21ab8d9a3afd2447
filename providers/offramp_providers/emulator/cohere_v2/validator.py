"""What the emulated vendor refuses, as one table of rules, and the shape of its errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from offramp.types._value import JsonObject
from offramp_providers.emulator.json_values import is_object
from offramp_providers.emulator.rules import Ask, Rejection, Rule, ValidatorState, first_rejection, lowered

from .format_rules import FORMAT_RULES
from .message_rules import MESSAGE_RULES
from .setting_rules import HEADER_RULES, SETTING_RULES

RULES: Final[tuple[Rule, ...]] = (*HEADER_RULES, *SETTING_RULES, *MESSAGE_RULES, *FORMAT_RULES)


def validate(body: Any, headers: Mapping[str, str], state: ValidatorState) -> Rejection | None:
    """Judge a decoded body and its headers. None where the vendor would answer."""
    if not is_object(body):
        early = first_rejection(HEADER_RULES, Ask({}, lowered(headers), state))
        return early or Rejection("body_object", 400, "", "invalid json syntax")
    return first_rejection(RULES, Ask(body, lowered(headers), state))


def error_body(rejection: Rejection, request_id: str) -> JsonObject:
    """A sentence, and the id by which the vendor knows the request."""
    return {
        "id": request_id,
        "message": f"invalid request: {rejection.message}" if _is_ours(rejection) else rejection.message,
    }


def _is_ours(rejection: Rejection) -> bool:
    return rejection.status == 400 and rejection.param is not None
