"""How much to think: a budget for older models, a level for newer ones, and whether to show a summary."""

from collections.abc import Mapping
from typing import Any, Final, assert_never

from offramp.types import (
    Effort,
    GenerateRequest,
    JsonObject,
    ReasoningAdaptive,
    ReasoningBudget,
    ReasoningDisplay,
    ReasoningMode,
    ReasoningOff,
    ReasoningSettings,
    Wire,
)
from offramp_providers.dialects.accounting import under
from offramp_providers.dialects.effort import nearest_level
from offramp_providers.dialects.encoding import marked
from offramp_providers.dialects.gemini.encoding import Encoding, residual
from offramp_providers.dialects.shapes import count_of, is_object, take_flag

_OWN_LEVELS: Final[Mapping[str, Effort]] = {
    "MINIMAL": "minimal",
    "LOW": "low",
    "MEDIUM": "medium",
    "HIGH": "high",
    "XHIGH": "xhigh",
}
"""The wire's levels (google-genai 3.4.0, read 2026-11-23)."""
_UNSAID: Final = "budget=absent"
"""Marks a mode that the wire implied: it gave no budget."""
_LEVEL: Final = "level="
"""Marks another spelling of a level."""


def decode_reasoning(config: JsonObject) -> ReasoningSettings | None:
    """Take `thinkingConfig` out of `generationConfig`; the spelling of its keys is undone already."""
    found: Any = config.get("thinkingConfig")
    if not is_object(found) or not found:
        return None
    inner, form = dict(found), list[str]()
    effort = _take_level(inner, form)
    budget = count_of(inner, "thinkingBudget")
    shown = take_flag(inner, "includeThoughts") if budget != 0 else None
    display: ReasoningDisplay | None = None if shown is None else "summarized" if shown else "omitted"
    if budget is not None:
        del inner["thinkingBudget"]
    elif effort is None and shown is None:
        return None
    elif shown is not None or inner or form:
        form.append(_UNSAID)
    del config["thinkingConfig"]
    return ReasoningSettings(mode=_mode(budget, display, residual(inner, form)), effort=effort)


def _take_level(inner: JsonObject, form: list[str]) -> Effort | None:
    level: Any = inner.get("thinkingLevel")
    word = level.upper() if type(level) is str else ""
    if word not in _OWN_LEVELS:
        return None
    del inner["thinkingLevel"]
    if level != word:
        form.append(f"{_LEVEL}{level}")
    return _OWN_LEVELS[word]


def _mode(budget: int | None, display: ReasoningDisplay | None, wire: Wire | None) -> ReasoningMode | None:
    match budget:
        case None:
            return None if wire is None and display is None else ReasoningAdaptive(display=display, wire=wire)
        case 0:
            return ReasoningOff(wire=wire)
        case -1:
            return ReasoningAdaptive(display=display, wire=wire)
        case _:
            return ReasoningBudget(budget, display=display, wire=wire)


def encode_reasoning(ctx: Encoding, _request: GenerateRequest, settings: ReasoningSettings, config: JsonObject) -> None:
    """Write mode and effort."""
    mode = settings.mode
    form = ctx.own_form(mode.wire, None) if mode is not None else ()
    sent: JsonObject = {}
    if mode is not None:
        said = _encode_mode(ctx, settings, mode, form)
        if said is None:
            ctx.log.lose("setting.unsupported", mode)
            ctx.log.lose_wire(mode, mode.wire)
        else:
            sent = under(ctx.residue(mode, mode.wire), said)
    if settings.effort is not None:
        _encode_effort(ctx, settings, settings.effort, form, sent)
    if sent:
        config["thinkingConfig"] = sent


def _encode_mode(
    ctx: Encoding, settings: ReasoningSettings, mode: ReasoningMode, form: tuple[str, ...]
) -> JsonObject | None:
    match mode:
        case ReasoningOff():
            return {"thinkingBudget": 0} if ctx.allows("reasoning_off") else None
        case ReasoningAdaptive():
            # A level leaves the rest to the model, and excludes a budget.
            implied = _UNSAID in form or settings.effort is not None or not ctx.allows("reasoning_budget")
            return _shown(ctx, mode, {} if implied else {"thinkingBudget": -1})
        case ReasoningBudget() if mode.budget_tokens < 1:
            # The wire's words for these numbers mean something else.
            ctx.log.lose("reasoning.budget", mode)
            return {"thinkingBudget": 0} if ctx.allows("reasoning_off") else {}
        case ReasoningBudget():
            if ctx.allows("reasoning_budget"):
                return _shown(ctx, mode, {"thinkingBudget": mode.budget_tokens})
            ctx.log.lose("reasoning.budget", mode, "budget_tokens")
            return _shown(ctx, mode, {})
        case _:
            assert_never(mode)


def _shown(ctx: Encoding, mode: ReasoningAdaptive | ReasoningBudget, sent: JsonObject) -> JsonObject:
    if mode.display == "full":
        # Summaries are the most that the vendor shows.
        ctx.log.lose("setting.clamped", mode, "display")
    if mode.display is not None:
        sent["includeThoughts"] = mode.display != "omitted"
    return sent


def _encode_effort(
    ctx: Encoding, settings: ReasoningSettings, effort: Effort, form: tuple[str, ...], sent: JsonObject
) -> None:
    if "thinkingBudget" in sent and not ctx.authored:
        ctx.log.lose("reasoning.effort", settings, "effort")
        return
    if effort == "none" and settings.mode is None and ctx.allows("reasoning_off"):
        ctx.log.lose("reasoning.effort", settings, "effort")
        sent["thinkingBudget"] = 0
        return
    nearest = (
        effort if ctx.authored and effort in _OWN_LEVELS.values() else nearest_level(effort, ctx.option("efforts"))
    )
    if nearest is None:
        ctx.log.lose("setting.unsupported", settings, "effort")
        return
    if nearest != effort:
        ctx.log.lose("reasoning.effort", settings, "effort")
    spelled = marked(form, _LEVEL) or ""
    sent["thinkingLevel"] = spelled if spelled.lower() == nearest else nearest.upper()
