"""How much to reason: `reasoning_effort`, and the objects `reasoning` and `thinking` of other hosts."""

from collections.abc import Mapping
from typing import Any, Final, assert_never, get_args

from offramp.types import (
    Effort,
    JsonObject,
    ReasoningAdaptive,
    ReasoningBudget,
    ReasoningMode,
    ReasoningOff,
    ReasoningSettings,
)
from offramp_providers.dialects.accounting import keep_rest, take_object, under
from offramp_providers.dialects.openai_chat.encoding import Encoding
from offramp_providers.dialects.openai_chat.options import EFFORTS

_KNOWN: Final[Mapping[str, Effort]] = {effort: effort for effort in get_args(Effort)}
_EFFORT_INSIDE: Final = "effort=reasoning"
"""Marks an effort that stood in the object `reasoning`."""
_BUDGET_INSIDE: Final = "mode=reasoning"
_MODE_THINKING: Final = "mode=thinking"
"""Marks a mode that stood in the object `thinking`."""


def take_reasoning(left: JsonObject, form: list[str]) -> ReasoningSettings | None:
    """Take the effort and the mode out of what is left of a request."""
    effort = _known(left.get("reasoning_effort"))
    if effort is not None:
        del left["reasoning_effort"]
    else:
        effort = _take_inner_effort(left, form)
    mode = _take_budget(left, form) or _take_thinking(left, form)
    if effort is None and mode is None:
        return None
    return ReasoningSettings(effort=effort, mode=mode)


def _known(found: Any) -> Effort | None:
    return _KNOWN.get(found) if type(found) is str else None


def _take_inner_effort(left: JsonObject, form: list[str]) -> Effort | None:
    inner = take_object(left, "reasoning")
    if inner is None:
        return None
    effort = _known(inner.get("effort"))
    if effort is None or "reasoning_effort" in left:
        left["reasoning"] = inner
        return None
    del inner["effort"]
    keep_rest(left, "reasoning", inner)
    form.append(_EFFORT_INSIDE)
    return effort


def _take_budget(left: JsonObject, form: list[str]) -> ReasoningMode | None:
    inner = take_object(left, "reasoning")
    if inner is None:
        return None
    budget: Any = inner.get("max_tokens")
    if type(budget) is not int:
        left["reasoning"] = inner
        return None
    del inner["max_tokens"]
    keep_rest(left, "reasoning", inner)
    form.append(_BUDGET_INSIDE)
    return ReasoningBudget(budget)


def _take_thinking(left: JsonObject, form: list[str]) -> ReasoningMode | None:
    inner = take_object(left, "thinking")
    if inner is None:
        return None
    kind = inner.get("type")
    if kind not in ("enabled", "disabled"):
        left["thinking"] = inner
        return None
    del inner["type"]
    keep_rest(left, "thinking", inner)
    form.append(_MODE_THINKING)
    return ReasoningAdaptive() if kind == "enabled" else ReasoningOff()


def encode_reasoning(encoding: Encoding, settings: ReasoningSettings, body: JsonObject, form: tuple[str, ...]) -> None:
    """Write the effort and the mode into the body."""
    effort = settings.effort
    if settings.mode is not None:
        said = _encode_mode(encoding, settings, settings.mode, form)
        body.update(said)
        if effort is None and not said:
            effort = _off_as_effort(encoding, settings)
    if effort is not None:
        _encode_effort(encoding, settings, effort, body, form)


def _encode_effort(
    encoding: Encoding, settings: ReasoningSettings, effort: Effort, body: JsonObject, form: tuple[str, ...]
) -> None:
    accepted: tuple[str, ...] = encoding.option("efforts")
    if effort not in accepted and not (encoding.native and encoding.given("efforts") is None):
        if not accepted:
            encoding.log.lose("setting.unsupported", settings, "effort")
            return
        if settings.effort is not None:
            encoding.log.lose("reasoning.effort", settings, "effort")
        spelled = min(accepted, key=lambda word: abs(EFFORTS.index(word) - EFFORTS.index(effort)))
    else:
        spelled = effort
    if _EFFORT_INSIDE in form:
        body["reasoning"] = under(body.get("reasoning", {}), {"effort": spelled})
    else:
        body["reasoning_effort"] = spelled


def _encode_mode(
    encoding: Encoding, settings: ReasoningSettings, mode: ReasoningMode, form: tuple[str, ...]
) -> JsonObject:
    match mode:
        case ReasoningBudget():
            if _BUDGET_INSIDE in form:
                _lose_details(encoding, mode)
                return {"reasoning": {"max_tokens": mode.budget_tokens}}
            encoding.log.lose("reasoning.budget", settings, "mode")
        case ReasoningOff() | ReasoningAdaptive():
            if _MODE_THINKING in form or encoding.option("reasoning_switch") == "thinking":
                _lose_details(encoding, mode)
                return {"thinking": {"type": "disabled" if isinstance(mode, ReasoningOff) else "enabled"}}
            if not _off_by_effort(encoding, settings):
                encoding.log.lose("setting.unsupported", settings, "mode")
        case _:
            assert_never(mode)
    return {}


def _lose_details(encoding: Encoding, mode: ReasoningMode) -> None:
    """Name what the object has no place for: how much to show, and another dialect's residue."""
    if not isinstance(mode, ReasoningOff) and mode.display is not None:
        encoding.log.lose("setting.unsupported", mode, "display")
    encoding.log.lose_wire(mode, mode.wire)


def _off_by_effort(encoding: Encoding, settings: ReasoningSettings) -> bool:
    """Whether the model is known to take the effort `none`, and nothing else was asked."""
    efforts: tuple[str, ...] = encoding.given("efforts") or ()
    return isinstance(settings.mode, ReasoningOff) and settings.effort is None and "none" in efforts


def _off_as_effort(encoding: Encoding, settings: ReasoningSettings) -> Effort | None:
    if not _off_by_effort(encoding, settings):
        return None
    encoding.log.lose("reasoning.effort", settings, "mode")
    return "none"
