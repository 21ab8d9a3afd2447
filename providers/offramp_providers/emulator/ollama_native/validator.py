"""What the emulated server refuses, and the shape of its errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from offramp.types._value import JsonObject
from offramp_providers.emulator.json_values import is_object
from offramp_providers.emulator.rules import Ask, Rejection, ValidatorState, first_rejection, lowered

from .rules import RULES


def validate(body: Any, headers: Mapping[str, str], state: ValidatorState) -> Rejection | None:
    """Judge a decoded body; no header is looked at. None where the server would answer."""
    if not is_object(body):
        return Rejection("body_object", 400, "", "json: cannot unmarshal the request")
    return first_rejection(RULES, Ask(body, lowered(headers), state))


def error_body(rejection: Rejection, _: str) -> JsonObject:
    """One sentence, and no code."""
    return {"error": rejection.message}
