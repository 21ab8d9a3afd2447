"""How much to think, and what was thought: `think` is on, off or a level; the text comes back beside the answer."""

from collections.abc import Sequence
from typing import Any, Final, assert_never, get_args

from offramp.types import (
    Effort,
    GenerateRequest,
    JsonObject,
    Part,
    Reasoning,
    ReasoningAdaptive,
    ReasoningBudget,
    ReasoningMode,
    ReasoningOff,
    ReasoningSettings,
)
from offramp_providers.dialects.ollama_native.encoding import Encoding

_LEVELS: Final[tuple[Effort, ...]] = get_args(Effort)


def take_thinking(left: JsonObject, marks: list[str]) -> list[Part]:
    """The text that was thought before the answer."""
    text: Any = left.get("thinking")
    if type(text) is not str:
        return []
    del left["thinking"]
    marks += [] if text else ["thinking=empty"]
    return [Reasoning(text)] if text else []


def take_settings(left: JsonObject) -> ReasoningSettings | None:
    """Take `think`; a level that a model has of its own, and no other, stays where it is."""
    found: Any = left.get("think")
    if found is True or found is False:
        del left["think"]
        return ReasoningSettings(mode=ReasoningAdaptive() if found else ReasoningOff())
    if found in _LEVELS:
        return ReasoningSettings(effort=left.pop("think"))
    return None


def encode_settings(
    encoding: Encoding, _request: GenerateRequest, settings: ReasoningSettings, body: JsonObject
) -> None:
    """Write mode and effort, which share one field: a level says that there is thinking at all."""
    mode, effort = settings.mode, settings.effort
    think: bool | str | None = None if mode is None else _think(encoding, mode)
    if mode is not None:
        encoding.log.lose_wire(mode, mode.wire)
    if effort is not None and think is False:
        encoding.log.lose("reasoning.effort", settings, "effort")
    elif effort is not None:
        think = _level(encoding, settings, effort, otherwise=think)
    if think is not None:
        body["think"] = think


def _think(encoding: Encoding, mode: ReasoningMode) -> bool:
    match mode:
        case ReasoningOff():
            return False
        case ReasoningAdaptive():
            _lose_display(encoding, mode)
            return True
        case ReasoningBudget():
            _lose_display(encoding, mode)
            encoding.log.lose("reasoning.budget", mode, "budget_tokens")
            return mode.budget_tokens > 0
        case _:
            assert_never(mode)


def _lose_display(encoding: Encoding, mode: ReasoningAdaptive | ReasoningBudget) -> None:
    # All that is thought is shown.
    if mode.display not in (None, "full"):
        encoding.log.lose("setting.unsupported", mode, "display")


def _level(
    encoding: Encoding, settings: ReasoningSettings, effort: Effort, *, otherwise: bool | str | None
) -> bool | str | None:
    if effort == "none" and not encoding.native:
        encoding.log.lose("reasoning.effort", settings, "effort")
        return False
    nearest = effort if encoding.native else _nearest(effort, encoding.option("efforts"))
    if nearest is None:
        encoding.log.lose("reasoning.effort", settings, "effort")
        return True if otherwise is None else otherwise
    if nearest != effort:
        encoding.log.lose("reasoning.effort", settings, "effort")
    return nearest


def _nearest(effort: Effort, levels: Sequence[str]) -> str | None:
    """The highest level that is not above what was asked for, else the lowest there is."""
    if effort in levels or not levels:
        return effort if effort in levels else None
    rank = _LEVELS.index(effort)
    below = [level for level in levels if level in _LEVELS and _LEVELS.index(level) < rank]
    return below[-1] if below else levels[0]
