"""What the emulated vendor refuses, as one table of rules, and the shape of its errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from offramp.types._value import JsonObject
from offramp_providers.emulator.json_values import is_object
from offramp_providers.emulator.rules import Ask, Rejection, Rule, ValidatorState, first_rejection, lowered

from .content_rules import CONTENT_RULES
from .setting_rules import HEADER_RULES, SETTING_RULES
from .spelling import plain

RULES: Final[tuple[Rule, ...]] = (*HEADER_RULES, *SETTING_RULES, *CONTENT_RULES)


def validate(body: Any, headers: Mapping[str, str], state: ValidatorState) -> Rejection | None:
    """Judge a decoded body and its headers, `:path` among them. None where the vendor would answer."""
    if not is_object(body):
        early = first_rejection(HEADER_RULES, Ask({}, lowered(headers), state))
        return early or Rejection("body_object", 400, "INVALID_ARGUMENT", "the body must be a JSON object")
    return first_rejection(RULES, Ask(plain(body), lowered(headers), state))


def error_body(rejection: Rejection, _: str) -> JsonObject:
    """The vendor's error envelope, a google.rpc.Status."""
    status = rejection.type if rejection.type.isupper() else "INVALID_ARGUMENT"
    details = (
        [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": rejection.code}] if rejection.code else []
    )
    error: JsonObject = {"code": rejection.status, "message": rejection.message, "status": status}
    return {"error": {**error, **({"details": details} if details else {})}}
