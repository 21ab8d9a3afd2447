"""How much to reason: `thinking` for the mode, `output_config.effort` for the effort."""

from collections.abc import Sequence
from typing import Any, Final, assert_never

from offramp.types import (
    Effort,
    JsonObject,
    ReasoningAdaptive,
    ReasoningBudget,
    ReasoningDisplay,
    ReasoningMode,
    ReasoningOff,
    ReasoningSettings,
)
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.anthropic_messages.encoding import Encoding, residual
from offramp_providers.dialects.anthropic_messages.options import OPTIONS
from offramp_providers.dialects.effort import LEVELS, nearest_level
from offramp_providers.dialects.shapes import is_object, take_count

_OWN_LEVELS: Final = LEVELS[2:]
"""All but `none` and `minimal`."""
_MIN_BUDGET: Final = 1024
"""Smallest thinking budget, in tokens (anthropic-sdk-python 0.121.0, read 2026-11-23)."""


def decode_reasoning(left: JsonObject, config: JsonObject | None) -> ReasoningSettings | None:
    """Take the mode from `thinking`, the effort from `output_config`."""
    effort: Effort | None = None
    if config and config.get("effort") in _OWN_LEVELS:
        effort = config.pop("effort")
    mode = _decode_mode(left)
    return None if mode is None and effort is None else ReasoningSettings(mode=mode, effort=effort)


def _decode_mode(left: JsonObject) -> ReasoningMode | None:
    found: Any = left.get("thinking")
    if not is_object(found):
        return None
    inner = dict(found)
    kind: Any = inner.pop("type", None)
    budget = take_count(inner, "budget_tokens") if kind == "enabled" else None
    if kind not in ("adaptive", "disabled") and budget is None:
        return None
    del left["thinking"]
    if kind == "disabled":
        return ReasoningOff(wire=residual(inner))
    display: ReasoningDisplay | None = None
    if inner.get("display") in ("summarized", "omitted"):
        display = inner.pop("display")
    if budget is None:
        return ReasoningAdaptive(display=display, wire=residual(inner))
    return ReasoningBudget(budget, display=display, wire=residual(inner))


def encode_reasoning(ctx: Encoding, settings: ReasoningSettings, body: JsonObject) -> None:
    """Write mode and effort. `max_tokens` stands in the body already."""
    mode = settings.mode
    if mode is not None:
        sent = _encode_mode(ctx, mode, body.get("max_tokens"))
        if sent is None:
            ctx.log.lose("setting.unsupported", mode)
            ctx.log.lose_wire(mode, mode.wire)
        else:
            body["thinking"] = under(ctx.residue(mode, mode.wire), sent)
    if settings.effort is not None:
        _encode_effort(ctx, settings, settings.effort, body)


def _encode_mode(ctx: Encoding, mode: ReasoningMode, max_tokens: Any) -> JsonObject | None:
    match mode:
        case ReasoningOff():
            return {"type": "disabled"} if ctx.allows("reasoning_off") else None
        case ReasoningAdaptive():
            return _shown(ctx, mode, {"type": "adaptive"}) if ctx.allows("reasoning_adaptive") else None
        case ReasoningBudget():
            if ctx.allows("reasoning_budget"):
                return _encode_budget(ctx, mode, max_tokens)
            if not ctx.allows("reasoning_adaptive"):
                return None
            ctx.log.lose("reasoning.budget", mode, "budget_tokens")
            return _shown(ctx, mode, {"type": "adaptive"})
        case _:
            assert_never(mode)


def _encode_budget(ctx: Encoding, mode: ReasoningBudget, max_tokens: Any) -> JsonObject | None:
    """The budget, within what the vendor takes: at least 1,024 tokens, and less than the whole answer's."""
    budget = mode.budget_tokens
    if not ctx.authored:
        budget = max(budget, _MIN_BUDGET)
        if isinstance(max_tokens, int) and budget >= max_tokens:
            budget = max_tokens - 1
        if budget < _MIN_BUDGET:
            return None
        if budget != mode.budget_tokens:
            ctx.log.lose("setting.clamped", mode, "budget_tokens")
    return _shown(ctx, mode, {"type": "enabled", "budget_tokens": budget})


def _shown(ctx: Encoding, mode: ReasoningAdaptive | ReasoningBudget, sent: JsonObject) -> JsonObject:
    if mode.display == "full":
        # Summaries are the most that the vendor shows.
        ctx.log.lose("setting.clamped", mode, "display")
        sent["display"] = "summarized"
    elif mode.display is not None:
        sent["display"] = mode.display
    return sent


def _encode_effort(ctx: Encoding, settings: ReasoningSettings, effort: Effort, body: JsonObject) -> None:
    if effort == "none" and settings.mode is None and ctx.allows("reasoning_off"):
        ctx.log.lose("reasoning.effort", settings, "effort")
        body["thinking"] = {"type": "disabled"}
        return
    nearest = nearest_level(effort, _levels_of(ctx))
    if nearest is None:
        ctx.log.lose("setting.unsupported", settings, "effort")
        return
    if nearest != effort:
        ctx.log.lose("reasoning.effort", settings, "effort")
    body["output_config"] = {**body.get("output_config", {}), "effort": nearest}


def _levels_of(ctx: Encoding) -> Sequence[str]:
    levels = ctx.options.get("efforts", OPTIONS["efforts"][0])
    return levels if isinstance(levels, (tuple, list)) else ()
