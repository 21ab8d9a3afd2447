"""How much to reason: the object `thinking`, a switch with or without a budget."""

from typing import Any, Final, assert_never

from offramp.types import (
    JsonObject,
    ReasoningAdaptive,
    ReasoningBudget,
    ReasoningMode,
    ReasoningOff,
    ReasoningSettings,
)
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.cohere_v2.encoding import Encoding, residue_wire
from offramp_providers.dialects.shapes import is_object

_LEAST_BUDGET: Final = 1  # cohere-openapi.yaml of 2026-08-20, read 2026-11-26


def take_reasoning(left: JsonObject) -> ReasoningSettings | None:
    """Take the switch out of what is left of a request; one that we do not know stays there."""
    found: Any = left.get("thinking")
    rest = dict(found) if is_object(found) else {}
    kind, budget = rest.pop("type", None), rest.get("token_budget")
    mode: ReasoningMode
    if kind == "enabled" and type(budget) is int:
        del rest["token_budget"]
        mode = ReasoningBudget(budget, wire=residue_wire(rest))
    elif kind == "enabled":
        mode = ReasoningAdaptive(wire=residue_wire(rest))
    elif kind == "disabled":
        mode = ReasoningOff(wire=residue_wire(rest))
    else:
        return None
    del left["thinking"]
    return ReasoningSettings(mode=mode)


def encode_reasoning(encoding: Encoding, settings: ReasoningSettings) -> JsonObject | None:
    """The switch; None where nothing of the settings can be said, which is named."""
    if settings.mode is not None:
        if settings.effort is not None:
            encoding.log.lose("setting.unsupported", settings, "effort")
        return _encode_mode(encoding, settings.mode)
    if settings.effort == "none":
        encoding.log.lose("reasoning.effort", settings, "effort")
        return {"type": "disabled"}
    if settings.effort is not None:
        # No levels: models that reason do so unless told otherwise, and the others refuse the switch (recalled).
        encoding.log.lose("setting.unsupported", settings, "effort")
    return None


def _encode_mode(encoding: Encoding, mode: ReasoningMode) -> JsonObject:
    match mode:
        case ReasoningOff():
            said: JsonObject = {"type": "disabled"}
        case ReasoningAdaptive():
            said = {"type": "enabled"}
        case ReasoningBudget(budget_tokens=budget):
            least = budget if encoding.native else max(budget, _LEAST_BUDGET)
            if least != budget:
                encoding.log.lose("setting.clamped", mode, "budget_tokens")
            said = {"type": "enabled", "token_budget": least}
        case _:
            assert_never(mode)
    if not isinstance(mode, ReasoningOff) and mode.display is not None:
        encoding.log.lose("setting.unsupported", mode, "display")
    return under(encoding.own(mode, mode.wire, None)[0], said)
