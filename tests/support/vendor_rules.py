"""Asking a strict vendor's validator by hand, with no server around it."""

from collections.abc import Callable, Mapping
from typing import Any

from offramp_providers.emulator.rules import Rejection, ValidatorState


def rejection_of(
    validate: Callable[[Any, Any, ValidatorState], Rejection | None],
    base: Mapping[str, Any],
    changes: Mapping[str, Any],
    state: ValidatorState,
    headers: Mapping[str, str],
) -> Rejection | None:
    """What it says of a sound request with these changes. None leaves a key out; `headers` in them changes those."""
    body = _given({**base, **changes})
    return validate(body, _given({**headers, **body.pop("headers", {})}), state)


def rule_broken(
    validate: Callable[[Any, Any, ValidatorState], Rejection | None],
    base: Mapping[str, Any],
    changes: Mapping[str, Any],
    state: ValidatorState,
    headers: Mapping[str, str],
) -> str | None:
    """The rule that such a request breaks first, or None."""
    rejection = rejection_of(validate, base, changes, state, headers)
    return None if rejection is None else rejection.rule


def _given(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {key: found for key, found in fields.items() if found is not None}
